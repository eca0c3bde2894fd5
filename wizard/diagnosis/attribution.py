"""Puts each failure that the application saw down to the cause whose evidence fits it best.

Pure. A failure is matched by its own words, or by time, connection id, account and size; one
ended session explains one failure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from knowledge.model import Cause, Weighed
from wizard.case.evidence import Evidence, Failure, Occurrence, Phase
from wizard.diagnosis.model import Attribution

SLACK = timedelta(seconds=2)
"""MariaDB's log has whole seconds, and an application stamps after the fact."""


UNTOLD = 0.4
"""What an experiment's finding is worth for a failure that says nothing to compare it with."""

HANG = "client.read-timeout"
"""A client that gave up waiting: it cannot know why no answer came, and an experiment may."""

AGAIN = "client.closed-object"
"""What a driver says at every later use of a connection that it has lost."""

AFTER_LOSS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Clue:
    """One piece of evidence for one cause. `belief` in 0..1 is what is left of the cause after
    all that speaks against it."""

    cause: Cause
    use: Weighed
    evidence: Evidence
    belief: float = 1.0


@dataclass(slots=True)
class _Stock:
    """What a clue can still explain: its single occurrences, then its bare count."""

    clue: Clue
    singles: list[Occurrence] = field(default_factory=list)
    uncounted: int = 0

    @classmethod
    def of(cls, clue: Clue) -> "_Stock":
        singles = sorted(
            (o for o in clue.evidence.occurrences if o.at is not None),
            key=lambda o: o.at.timestamp() if o.at else 0.0,
        )
        return cls(clue, singles, max(0, clue.evidence.count - len(singles)))


@dataclass(frozen=True, slots=True)
class _Match:
    score: float
    stock: _Stock
    occurrence: Occurrence | None
    because: str
    in_outage: bool = False


def attribute(failures: Sequence[Failure], clues: Sequence[Clue]) -> tuple[Attribution, ...]:
    """One attribution per failure, in the order given. A total since the server's start, which
    cannot be placed in time, explains no failure."""
    usable = [c for c in clues if c.use.match and not c.use.absent and not c.evidence.weak]
    stocks = [_Stock.of(clue) for clue in usable]
    order = sorted(range(len(failures)), key=lambda i: _when(failures[i]))
    result: dict[int, Attribution] = {}
    lost: Attribution | None = None
    for index in order:
        failure = failures[index]
        matches = [m for stock in stocks if (m := _match(failure, stock)) is not None]
        best = _best(matches)
        if best is not None:
            _consume(best)
            result[index] = Attribution(failure, best.stock.clue.cause.id, best.because)
        elif lost is not None and _follows(failure, lost.failure):
            result[index] = Attribution(failure, lost.cause, "that connection had been lost before")
        else:
            result[index] = Attribution(failure, None, "nothing that was looked at explains it")
        if failure.signal != AGAIN:
            lost = result[index]
    return tuple(result[i] for i in range(len(failures)))


def _follows(failure: Failure, lost: Failure) -> bool:
    """Whether `failure` only says again that a connection is gone, soon after it was lost."""
    if failure.signal != AGAIN:
        return False
    return failure.at is None or lost.at is None or failure.at - lost.at <= AFTER_LOSS


def _best(matches: list[_Match]) -> _Match | None:
    """The highest score; but an outage that can say the same words explains them better.

    MariaDB up to 10.5 tells idle clients of a shutdown "Connection was killed" (1927).
    """
    best = max(matches, key=lambda m: m.score, default=None)
    if best is not None and best.stock.clue.use.match == "text":
        return max((m for m in matches if m.in_outage), key=lambda m: m.score, default=best)
    return best


def _when(failure: Failure) -> float:
    return failure.at.timestamp() if failure.at else float("inf")


def _consume(match: _Match) -> None:
    if match.stock.clue.use.match != "session":
        return
    if match.occurrence is not None:
        match.stock.singles.remove(match.occurrence)
    else:
        match.stock.uncounted -= 1


def _match(failure: Failure, stock: _Stock) -> _Match | None:
    clue = stock.clue
    use, evidence = clue.use, clue.evidence
    if use.match == "text":
        if failure.signal != use.signal:
            return None
        certainty = 1.0 if use.conclusive else 0.0
        return _Match(certainty + use.weight, stock, None, "the error's own words")
    if failure.signal not in clue.cause.fits:
        return None
    weight = use.weight * clue.belief
    if use.match == "gap":
        return _gap(failure, stock, weight)
    if use.match == "idle" and failure.idle_seconds is not None:
        return _gap(failure, stock, weight)
    if use.match in ("idle", "now"):
        worth = 1.0 if failure.signal == HANG else UNTOLD
        return _Match(weight * worth, stock, None, f"as an experiment met it: {evidence.text}")
    if use.match == "size":
        return _size(failure, stock, weight)
    if use.match == "outage":
        return _outage(failure, stock, weight)
    if use.match == "session":
        return _session(failure, stock, weight)
    if use.match == "during":
        return _during(failure, stock, weight)
    if use.match == "state" and failure.phase is Phase.CONNECT:
        return _Match(weight * 0.5, stock, None, evidence.text)
    return None


def _gap(failure: Failure, stock: _Stock, weight: float) -> _Match | None:
    limit = stock.clue.evidence.value
    if failure.idle_seconds is None or limit is None or failure.idle_seconds < limit - 1:
        return None
    because = f"idle for {failure.idle_seconds:.0f} s, limit {limit:.0f} s"
    return _Match(weight + 0.5, stock, None, because)


def _size(failure: Failure, stock: _Stock, weight: float) -> _Match | None:
    limit = stock.clue.evidence.value
    if failure.size is None or limit is None or failure.size <= limit:
        return None
    return _Match(weight + 0.5, stock, None, f"{failure.size} bytes, limit {limit:.0f}")


def _outage(failure: Failure, stock: _Stock, weight: float) -> _Match | None:
    """Failures while the server was gone, and the first use of connections older than that."""
    if failure.at is None:
        return _Match(weight * 0.3, stock, None, "the failure has no time; the server was gone")
    within = timedelta(seconds=stock.clue.use.within)
    for outage in stock.singles:
        if outage.at is None:
            continue
        end = outage.until or outage.at
        if outage.at - SLACK <= failure.at <= end + within or (
            outage.until is None and failure.at >= outage.at - SLACK
        ):
            because = f"while the server was gone or just after ({outage.at:%T})"
            return _Match(weight + 0.3, stock, outage, because, in_outage=True)
        idle = failure.idle_seconds
        if idle and failure.at > end and failure.at - timedelta(seconds=idle) < outage.at:
            because = f"opened before the server went at {outage.at:%T}"
            return _Match(weight, stock, outage, because)
    return None


def _during(failure: Failure, stock: _Stock, weight: float) -> _Match | None:
    """While a trouble lasted that hurts whoever comes: a full disk, no more files. It goes
    before an outage, for it may be why the server went."""
    evidence = stock.clue.evidence
    if failure.at is None or evidence.first is None or evidence.last is None:
        return None
    end = evidence.last + timedelta(seconds=stock.clue.use.within)
    if not evidence.first - SLACK <= failure.at <= end:
        return None
    return _Match(weight + 0.5, stock, None, f"{evidence.text} ({evidence.first:%T})")


def _session(failure: Failure, stock: _Stock, weight: float) -> _Match | None:
    exact = failure.connection_id
    horizon = timedelta(seconds=stock.clue.use.within)
    if failure.idle_seconds is not None:  # its connection was alive when it was last used
        horizon = min(horizon, timedelta(seconds=failure.idle_seconds) + SLACK)
    best: _Match | None = None
    for ended in stock.singles:
        if exact is not None and ended.connection_id == exact:
            return _Match(weight + 1.0, stock, ended, f"connection {exact} in the server's log")
        if failure.at is None or ended.at is None or _other_account(failure, ended):
            continue
        late = failure.at - ended.at
        if not -SLACK <= late <= horizon:
            continue
        nearness = 0.0 if late < timedelta() else 1.0 - min(late / (horizon + SLACK), 1.0)
        score = weight + 0.2 * nearness
        if best is None or score >= best.score:
            best = _Match(score, stock, ended, f"a session ended so at {ended.at:%T}")
    if best is None and stock.uncounted > 0 and _possible(failure, stock, horizon):
        best = _Match(weight, stock, None, "the server counted such an end")
    if best is None and failure.at is None and (stock.singles or stock.uncounted > 0):
        first = stock.singles[0] if stock.singles else None
        best = _Match(weight * 0.9, stock, first, "the server saw such an end; no time to compare")
    return best


def _other_account(failure: Failure, ended: Occurrence) -> bool:
    if not failure.account or not ended.account:
        return False
    return failure.account.split("@")[0] != ended.account.split("@")[0]


def _possible(failure: Failure, stock: _Stock, horizon: timedelta) -> bool:
    """Whether a count without single times covers the failure's moment."""
    evidence = stock.clue.evidence
    if failure.at is None:
        return True
    after_first = evidence.first is None or failure.at >= evidence.first - SLACK
    before_last = evidence.last is None or failure.at <= evidence.last + horizon
    return after_first and before_last
