"""The clues by the failures that they can explain, and what is left of them."""

from collections.abc import Sequence

from wizard.case.evidence import Occurrence
from wizard.diagnosis.ends import Taken
from wizard.diagnosis.matching.clues import OWN_WORDS, Clue, Match, Stock, stock_of
from wizard.diagnosis.matching.match import Rule, rule_for
from wizard.diagnosis.matching.seen import Seen
from wizard.diagnosis.matching.sessions import of_session

_SAME_END = 5.0
"""Seconds: two records of one session's end (log and counter) are not further apart."""

_PACKET_TOO_LARGE = 1153
"""The server's own number for a packet above its limit."""


class Desk:
    """Deals what the clues can explain: each end once, in whatever record it stands."""

    def __init__(self, clues: Sequence[Clue], told: Sequence[Seen]) -> None:
        taken = Taken()
        reserved = frozenset(one.number for one in told if one.number is not None)
        self._taken = taken
        lives = _lives(clues)
        self._stocks = [stock_of(clue, taken, reserved, lives) for clue in clues]
        self._sessions: dict[str, list[Stock]] = {}
        for stock in self._stocks:
            if stock.kind in ("session", "rest"):
                self._sessions.setdefault(stock.clue.cause.id, []).append(stock)
        self._words: dict[str, Match | None] = {}
        self._fitting: dict[str, list[tuple[Rule, Stock]]] = {}

    def best(self, one: Seen) -> Match | None:
        """The best match; but an outage that can say the same words explains them better.

        MariaDB up to 10.5 tells idle clients of a shutdown "Connection was killed" (1927).
        """
        words = self._by_words(one.signal)
        matches: list[Match] = []
        best: Match | None = None
        for rule, stock in self._fits(one.signal):
            found = rule(one, stock)
            if found is not None:
                matches.append(found)
                if best is None or found.score > best.score:
                    best = found
        if words is not None and (best is None or words.score >= best.score):
            return max((m for m in matches if m.in_outage), key=_score, default=words)
        if best is not None and _merely_allowed(best):
            # What the operator's own experiment confirmed goes before what a log merely allows.
            return max((m for m in matches if m.stock.clue.tried), key=_score, default=best)
        return best

    def free(self, best: Match) -> bool:
        """Whether nobody has taken meanwhile what the match rests on."""
        if best.counted:
            return best.stock.uncounted > 0
        return best.end is None or best.end not in self._taken

    def consume(self, one: Seen, best: Match) -> None:
        """Takes the end that explained `one`, from each record of that end."""
        if best.end is not None:
            self._taken.take(best.end)
        if best.counted:
            best.stock.uncounted -= 1
        explained = best.end is not None or best.counted
        if not explained and best.stock.kind not in ("text", "gap", "size"):
            return
        if best.stock.kind == "text" and _never_sent(one):
            return
        for stock in self._sessions.get(best.stock.clue.cause.id, ()):
            if stock is not best.stock:
                _take_record(one, best, stock, self._taken)

    def _by_words(self, signal: str) -> Match | None:
        if signal not in self._words:
            matches = [
                Match(_worth_of_words(s), s, "the error's own words")
                for s in self._stocks
                if s.kind == "text" and s.clue.use.signal == signal
            ]
            self._words[signal] = max(matches, key=_score, default=None)
        return self._words[signal]

    def _fits(self, signal: str) -> list[tuple[Rule, Stock]]:
        if signal not in self._fitting:
            self._fitting[signal] = [
                (rule_for(s.kind), s)
                for s in self._stocks
                if s.kind != "text" and signal in s.clue.cause.fits
            ]
        return self._fitting[signal]


def _lives(clues: Sequence[Clue]) -> tuple[float, ...]:
    """When the server went, as far as anybody knows: connection ids begin anew then."""
    moments = {
        o.at.timestamp()
        for clue in clues
        if clue.use.match == "outage"
        for o in clue.evidence.occurrences
        if o.at is not None
    }
    return tuple(sorted(moments))


def _score(found: Match) -> float:
    return found.score


def _worth_of_words(stock: Stock) -> float:
    return stock.strength + (OWN_WORDS if stock.clue.use.conclusive else 0.0)


def _merely_allowed(best: Match) -> bool:
    """Whether the match rests on a trace that is not decisive, of no connection in particular."""
    use = best.stock.clue.use
    named = best.end is not None and best.end.connection_id is not None
    return use.match == "session" and not use.conclusive and not named


def _never_sent(one: Seen) -> bool:
    """Whether the client library refused by itself: the server has seen no end of that."""
    return one.signal == "client.packet-too-large" and one.failure.number != _PACKET_TOO_LARGE


def _take_record(one: Seen, best: Match, stock: Stock, taken: Taken) -> None:
    """The same end as another record tells it: the log's line and the counter's."""
    again = of_session(one, stock)
    if again is None:
        return
    if again.end is None or _apart(best.end, again.end):
        stock.uncounted -= 1
    else:
        taken.take(again.end)


def _apart(one: Occurrence | None, other: Occurrence) -> bool:
    if one is None or one.at is None or other.at is None:
        return False
    return abs((other.at - one.at).total_seconds()) > _SAME_END
