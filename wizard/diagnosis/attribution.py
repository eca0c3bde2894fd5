"""Puts each failure that the application saw down to the cause whose evidence fits it best.

Pure. One ended session explains one failure, also where that failure was explained by its own
words: so those that say most of themselves choose first. A later failure of a connection that
had been lost before follows the first one.
"""

from collections.abc import Iterable, Sequence

from wizard.case.evidence import Failure, Occurrence
from wizard.diagnosis.cohorts import alike
from wizard.diagnosis.ends import Taken
from wizard.diagnosis.matching import SAME_WORDS, Clue, Match, Seen, Stock, match, seen, stock_of
from wizard.diagnosis.model import Attribution

AGAIN = "client.closed-object"
"""What a driver says at every later use of a connection that it has lost."""

LOSSES = frozenset(("client.lost", "client.sending-packet", AGAIN))

AFTER_LOSS = 600.0
"""Seconds in which a program may go on using a connection that it has lost."""

NOTHING = "nothing that was looked at explains it"
LOST_BEFORE = "that connection had been lost before"

_SAME_END = 5.0
"""Seconds: two records of one session's end (log and counter) are not further apart."""


def attribute(failures: Sequence[Failure], clues: Sequence[Clue]) -> tuple[Attribution, ...]:
    """One attribution per failure, in the order given. A total since the server's start, which
    cannot be placed in time, explains no failure."""
    told = [seen(f, count) for f, count in zip(failures, alike(failures), strict=True)]
    desk = _Desk([c for c in clues if _usable(c)], told)
    chosen: dict[int, Match] = {}
    for index in _most_telling_first(told, desk):
        best = desk.best(told[index])
        if best is not None:
            desk.consume(told[index], best)
            chosen[index] = best
    return _followed(told, chosen)


def _usable(clue: Clue) -> bool:
    return bool(clue.use.match) and not clue.use.absent and not clue.evidence.weak


def _most_telling_first(told: Sequence[Seen], desk: "_Desk") -> list[int]:
    """The failures in the order in which they take what explains them.

    Those that say themselves what it was; then those that name their connection, or their
    statement's size; then those that tell their rest; then the others. In each by time.
    """

    def key(index: int) -> tuple[int, float]:
        one = told[index]
        if desk.says_it(one.signal):
            rank = 0
        elif one.failure.connection_id is not None or one.failure.size is not None:
            rank = 1
        elif one.signal == AGAIN:
            rank = 4
        else:
            rank = 3 if one.idle is None else 2
        return rank, one.at if one.at is not None else float("inf")

    return sorted(range(len(told)), key=key)


class _Desk:
    """The clues by the failures that they can explain, and what is left of them."""

    def __init__(self, clues: Sequence[Clue], told: Sequence[Seen]) -> None:
        taken = Taken()
        ids = (one.failure.connection_id for one in told)
        reserved = frozenset(number for number in ids if number is not None)
        self._taken = taken
        lives = _lives(clues)
        self._stocks = [stock_of(clue, taken, reserved, lives) for clue in clues]
        self._sessions: dict[str, list[Stock]] = {}
        for stock in self._stocks:
            if stock.clue.use.match in ("session", "rest"):
                self._sessions.setdefault(stock.clue.cause.id, []).append(stock)
        self._words: dict[str, Match | None] = {}
        self._fitting: dict[str, list[Stock]] = {}

    def says_it(self, signal: str) -> bool:
        """Whether a failure's own words name its cause."""
        words = self._by_words(signal)
        return words is not None and words.stock.clue.use.conclusive

    def best(self, one: Seen) -> Match | None:
        """The best match; but an outage that can say the same words explains them better.

        MariaDB up to 10.5 tells idle clients of a shutdown "Connection was killed" (1927).
        """
        words = self._by_words(one.signal)
        matches = [m for stock in self._fits(one.signal) if (m := match(one, stock)) is not None]
        best = max(matches, key=_score, default=None)
        if words is not None and (best is None or words.score >= best.score):
            return max((m for m in matches if m.in_outage), key=_score, default=words)
        if best is not None and _merely_allowed(best):
            # What the operator's own experiment confirmed goes before what a log merely allows.
            return max((m for m in matches if m.stock.clue.tried), key=_score, default=best)
        return best

    def consume(self, one: Seen, best: Match) -> None:
        """Takes the end that explained `one`, from each record of that end."""
        if best.end is not None:
            self._taken.take(best.end)
        if best.counted:
            best.stock.uncounted -= 1
        explained = best.end is not None or best.counted
        if not explained and best.stock.clue.use.match not in ("text", "gap", "size"):
            return
        for stock in self._sessions.get(best.stock.clue.cause.id, ()):
            if stock is not best.stock:
                _take_record(one, best, stock, self._taken)

    def _by_words(self, signal: str) -> Match | None:
        if signal not in self._words:
            found = [s for s in self._stocks if s.clue.use.match == "text"]
            matches = [
                Match(_worth_of_words(s.clue), s, "the error's own words")
                for s in found
                if s.clue.use.signal == signal
            ]
            self._words[signal] = max(matches, key=_score, default=None)
        return self._words[signal]

    def _fits(self, signal: str) -> list[Stock]:
        if signal not in self._fitting:
            self._fitting[signal] = [
                s
                for s in self._stocks
                if s.clue.use.match != "text" and signal in s.clue.cause.fits
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


def _worth_of_words(clue: Clue) -> float:
    return clue.use.weight + (SAME_WORDS if clue.use.conclusive else 0.0)


def _merely_allowed(best: Match) -> bool:
    """Whether the match rests on a trace that is not decisive, of no connection in particular."""
    use = best.stock.clue.use
    named = best.end is not None and best.end.connection_id is not None
    return use.match == "session" and not use.conclusive and not named


def _take_record(one: Seen, best: Match, stock: Stock, taken: Taken) -> None:
    """The same end as another record tells it: the log's line and the counter's."""
    again = match(one, stock)
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


def _followed(told: Sequence[Seen], chosen: dict[int, Match]) -> tuple[Attribution, ...]:
    """What each failure was put down to, echoes with their loss.

    One that only says again that its connection is gone goes with the loss before it.
    """
    order = sorted(range(len(told)), key=lambda i: _stamp(told[i]))
    result: dict[int, Attribution] = {}
    lost: Attribution | None = None
    of_connection: dict[int, Attribution] = {}
    for index in order:
        one, best = told[index], chosen.get(index)
        number = one.failure.connection_id
        before = of_connection.get(number) if number is not None else None
        if best is not None:
            found = Attribution(one.failure, best.stock.clue.cause.id, best.because)
        elif before is not None and one.signal in LOSSES and _soon(one.failure, before.failure):
            found = Attribution(one.failure, before.cause, LOST_BEFORE)
        elif lost is not None and one.signal == AGAIN and _soon(one.failure, lost.failure):
            found = Attribution(one.failure, lost.cause, LOST_BEFORE)
        else:
            found = Attribution(one.failure, None, NOTHING)
        if number is not None and found.cause is not None:
            of_connection[number] = found
        if one.signal != AGAIN:
            lost = found
        result[index] = found
    return tuple(result[i] for i in range(len(told)))


def _soon(failure: Failure, lost: Failure) -> bool:
    if failure.at is None or lost.at is None:
        return True
    return (failure.at - lost.at).total_seconds() <= AFTER_LOSS


def _stamp(one: Seen) -> float:
    return one.at if one.at is not None else float("inf")


def tally(attributions: Iterable[Attribution]) -> dict[str, int]:
    """How many failures each cause explains."""
    counts: dict[str, int] = {}
    for attribution in attributions:
        if attribution.cause is not None:
            counts[attribution.cause] = counts.get(attribution.cause, 0) + 1
    return counts
