"""A failure that tells no time: several events may be its own, and nothing says which."""

from wizard.diagnosis.matching.clues import Match, Stock
from wizard.diagnosis.matching.match import Rule
from wizard.diagnosis.matching.seen import Seen

_ENDED = ("session", "rest")
_MET = ("idle", "now")
_CUT = "cut"


def by_chance(told: Seen, best: Match) -> bool:
    """Whether nothing but that it happened puts a failure without a time down to this event."""
    kind = best.stock.kind
    if told.amid or kind not in (*_ENDED, *_MET, "outage"):
        return False
    return told.number is None or best.end is None or best.end.connection_id != told.number


def has_a_chance(told: Seen, best: Match, stock: Stock, rule: Rule) -> bool:
    """Whether what is known for sure of another cause may be the failure's own event as well.

    Two records of the server's absence, or of its ended sessions, may be of one event.
    """
    if stock.clue.cause is best.stock.clue.cause or _family(stock.kind) == _family(best.stock.kind):
        return False
    if stock.kind == _CUT:
        return told.idle is None
    if stock.kind in _MET and not stock.clue.tried:
        return False
    return stock.clue.use.conclusive and rule(told, stock) is not None


def doubted(best: Match, rival: str) -> None:
    """Names the other cause in the match. That the server was gone at some time says little where
    something else was met that is always there."""
    best.because = f"{best.because}, or {rival}"
    best.doubtful = best.doubtful or best.stock.kind == "outage"


def _family(kind: str) -> str:
    return "ended" if kind in _ENDED else kind
