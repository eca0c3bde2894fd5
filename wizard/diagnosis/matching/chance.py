"""A failure that tells no time: several events may be its own, and nothing says which."""

from wizard.diagnosis.matching.clues import Match, Stock
from wizard.diagnosis.matching.match import Rule
from wizard.diagnosis.matching.outages import was_gone_else
from wizard.diagnosis.matching.seen import Seen

_ENDED = ("session", "rest")
_MET = ("idle", "now")
_CUT = "cut"
_OUTAGE = "outage"


def by_chance(told: Seen, best: Match) -> bool:
    """Whether nothing but that it happened puts a failure without a time down to this event."""
    kind = best.stock.kind
    if told.amid or kind not in (*_ENDED, *_MET, _OUTAGE):
        return False
    return told.number is None or best.end is None or best.end.connection_id != told.number


def has_a_chance(told: Seen, best: Match, stock: Stock, rule: Rule) -> bool:
    """Whether what is known for sure of another cause may be the failure's own event as well.

    Two records of one absence of the server, or of its ended sessions, may be of one event.
    """
    if stock.clue.cause is best.stock.clue.cause:
        return False
    if stock.kind == _OUTAGE == best.stock.kind and not was_gone_else(told, stock, best.stock):
        return False
    if stock.kind != _OUTAGE and is_alike(stock, best.stock):
        return False
    if stock.kind == _CUT:
        return told.idle is None
    if stock.kind in _MET and not stock.clue.tried:
        return False
    return stock.clue.use.conclusive and rule(told, stock) is not None


def is_alike(stock: Stock, other: Stock) -> bool:
    """Whether both tell of the server's absence, or both of its ended sessions, and so on."""
    return _family(stock.kind) == _family(other.kind)


def doubted(best: Match, rival: Stock) -> None:
    """An outage is in doubt where something else was met that is always there.

    That the server was gone at some time says little then."""
    if best.stock.kind == _OUTAGE and not is_alike(best.stock, rival):
        best.doubtful = True


def _family(kind: str) -> str:
    return "ended" if kind in _ENDED else kind
