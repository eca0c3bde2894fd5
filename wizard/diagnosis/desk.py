"""The clues by the failures that they can explain, and what is left of them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from wizard.case.evidence import Occurrence
from wizard.diagnosis.ends import Taken
from wizard.diagnosis.matching.chance import by_chance, has_a_chance, is_alike
from wizard.diagnosis.matching.clues import OWN_WORDS, Clue, Match, Stock, stock_of
from wizard.diagnosis.matching.match import Rule, rule_for
from wizard.diagnosis.matching.seen import Seen
from wizard.diagnosis.matching.sessions import most_of_session, of_session

_SAME_END = 5.0
"""Seconds: two records of one session's end (log and counter) are not further apart."""

_NOTHING = float("-inf")

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
        self._of_signal: dict[str, _Fits] = {}

    def best(self, one: Seen) -> Match | None:
        """The best match; but an outage that can say the same words explains them better.

        MariaDB up to 10.5 tells idle clients of a shutdown "Connection was killed" (1927).
        """
        best: Match | None = None
        outage: Match | None = None
        tried: Match | None = None
        place, least, named = 0, _NOTHING, one.number is not None
        words, fits, sessions = self._of_signal.get(one.signal) or self._ask(one.signal)
        for at, stock, rule, was_tried in fits:
            found = rule(one, stock)
            if found is None:
                continue
            if found.score > least or (found.score == least and at < place):
                best, place, least = found, at, found.score
            if found.in_outage and (outage is None or found.score > outage.score):
                outage = found
            if was_tried and (tried is None or found.score > tried.score):
                tried = found
        for at, stock, most, most_named in sessions:
            if (most_named if named else most) < least:
                continue
            found = of_session(one, stock, least)
            if found is None or found.score < least:
                continue
            if found.score > least or at < place:
                best, place, least = found, at, found.score
        if words is not None and words.score >= least:
            return outage or words
        if tried is not None and best is not None and _merely_allowed(best):
            # What the operator's own experiment confirmed goes before what a log merely allows.
            return tried
        return best

    def free(self, best: Match) -> bool:
        """Whether nobody has taken meanwhile what the match rests on."""
        if best.counted:
            return best.stock.uncounted > 0
        return best.end is None or id(best.end) not in self._taken.ids

    def rival(self, one: Seen, best: Match) -> Stock | None:
        """What is known of another cause that had as good a chance at a failure without a time.

        Something of another kind goes first: it leaves less to be sure of.
        """
        if not by_chance(one, best):
            return None
        _, fits, sessions = self._of_signal.get(one.signal) or self._ask(one.signal)
        rules = [(fit.stock, fit.rule) for fit in fits]
        rules += [(fit.stock, of_session) for fit in sessions]
        others = [stock for stock, rule in rules if has_a_chance(one, best, stock, rule)]
        return max(others, key=lambda s: (not is_alike(s, best.stock), s.strength), default=None)

    def left_over(self, one: Seen, best: Match) -> Stock | None:
        """Of another cause an ended session that nobody took, and that `one` may have lost.

        Asked once all are dealt: as many failures as ends leave none.
        """
        if best.end is None or one.idle is not None or not by_chance(one, best):
            return None
        for stock in self._ended_for(one.signal):
            found = of_session(one, stock) if stock.clue.use.conclusive else None
            is_others = stock.clue.cause is not best.stock.clue.cause
            if is_others and found and found.end and _apart(best.end, found.end):
                return stock
        return None

    def _ended_for(self, signal: str) -> Iterator[Stock]:
        _, fits, sessions = self._of_signal.get(signal) or self._ask(signal)
        yield from (fit.stock for fit in sessions)
        yield from (fit.stock for fit in fits if fit.rule is of_session)

    def consume(self, one: Seen, best: Match) -> None:
        """Takes the end that explained `one`, from each record of that end."""
        if best.end is not None:
            self._taken.take(best.end)
        if best.counted:
            best.stock.uncounted -= 1
        explained = best.end is not None or best.counted
        if not explained and best.stock.kind not in ("text", "gap", "cut", "size"):
            return
        if best.stock.kind == "text" and _never_sent(one):
            return
        for stock in self._sessions.get(best.stock.clue.cause.id, ()):
            if stock is not best.stock:
                _take_record(one, best, stock, self._taken)

    def _ask(self, signal: str) -> "_Fits":
        """The error's own words, and what else fits, found once for each signal.

        Last come those that look for an end, the strongest first: often nothing is left to find.
        """
        words = [
            Match(_worth_of_words(s), s, "the error's own words")
            for s in self._stocks
            if s.kind == "text" and s.clue.use.signal == signal
        ]
        fits, sessions = [], []
        for place, stock in enumerate(self._stocks):
            if stock.kind == "text" or signal not in stock.clue.cause.fits:
                continue
            rule, tried = rule_for(stock.kind), stock.clue.tried
            if tried or rule is not of_session:
                fits.append(_Fit(place, stock, rule, tried))
            else:
                most = most_of_session(stock, named=False), most_of_session(stock, named=True)
                sessions.append(_SessionFit(place, stock, *most))
        sessions.sort(key=lambda fit: -fit.most)
        found = _Fits(max(words, key=_score, default=None), fits, sessions)
        self._of_signal[signal] = found
        return found


class _Fit(NamedTuple):
    """A stock that a failure's signal fits. Of equal matches that of the first `place` counts."""

    place: int
    stock: Stock
    rule: Rule
    tried: bool


class _SessionFit(NamedTuple):
    """One whose ended sessions fit. `most` is what a match can be worth at most, `most_named` for
    a failure that names its connection."""

    place: int
    stock: Stock
    most: float
    most_named: float


class _Fits(NamedTuple):
    """What a signal fits: the error's own words, and the stocks."""

    words: Match | None
    stocks: list[_Fit]
    sessions: list[_SessionFit]


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
