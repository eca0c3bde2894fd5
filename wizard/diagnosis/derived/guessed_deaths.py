"""When a server died of which no line tells: as its clients met it. Pure.

A log that ends without a word only says that the server lived at its last line, and at most that
it was gone before the next start. The clients tell more: who is refused found nobody, and who
lost a connection had one until then. So a death lies where the failures begin that reach to the
next start, or to now.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure, Occurrence

_SIGNAL = "log.unclean-end"
_STEP = "error-log"

_REFUSED = frozenset({"client.refused", "client.unreachable"})
_LOST = frozenset({"client.lost", "client.sending-packet", "client.closed-object"})

_RETRIED = timedelta(minutes=10)
"""Within this time somebody who lost a connection has tried to have another one."""

_TOGETHER = timedelta(minutes=2)
"""Within this time the connections of a busy pool meet that their server is gone."""


def with_felt_deaths(case: Case) -> Case:
    """The case with each guessed death where the application's failures put it."""
    step = case.step(_STEP)
    if step is None or not any(_is_guessed(o) for e in step.evidence for o in _ends(e)):
        return case
    dated = sorted(
        ((f.at, f) for f in case.failures if f.at and f.signal in _REFUSED | _LOST),
        key=lambda pair: pair[0],
    )
    evidence = tuple(_moved(e, dated) for e in step.evidence)
    return case if evidence == step.evidence else case.with_step(replace(step, evidence=evidence))


def _ends(evidence: Evidence) -> tuple[Occurrence, ...]:
    return evidence.occurrences if evidence.signal == _SIGNAL else ()


def _is_guessed(end: Occurrence) -> bool:
    return end.at is not None and end.seconds is not None


def _moved(evidence: Evidence, dated: Sequence[tuple[datetime, Failure]]) -> Evidence:
    if not any(_is_guessed(o) for o in _ends(evidence)):
        return evidence
    ends = tuple(_felt(o, dated) if _is_guessed(o) else o for o in evidence.occurrences)
    times = [o.at for o in ends if o.at is not None]
    return replace(evidence, occurrences=ends, first=min(times), last=max(times))


def _felt(end: Occurrence, dated: Sequence[tuple[datetime, Failure]]) -> Occurrence:
    """The end, no later than the first failure of the row that reaches to it."""
    if end.at is None or end.seconds is None:
        return end
    since = end.at - timedelta(seconds=end.seconds)
    row = [(at, f) for at, f in dated if at > since and (end.until is None or at < end.until)]
    if not row or (end.until is not None and not any(f.signal in _REFUSED for _, f in row)):
        return end
    began = _beginning(row)
    at = began if end.until is None else min(began, end.at)
    return replace(end, at=at, seconds=(at - since).total_seconds())


def _beginning(row: Sequence[tuple[datetime, Failure]]) -> datetime:
    """The time of the first failure from which on nobody met a living server."""
    began = row[-1][0]
    for (at, one), (later, other) in _backwards(row):
        if other.worked is not None and other.worked > at:
            break
        both_refused = one.signal in _REFUSED and other.signal in _REFUSED
        both_lost = one.signal in _LOST and other.signal in _LOST
        if not both_refused and later - at > (_TOGETHER if both_lost else _RETRIED):
            break
        began = at
    return began


def _backwards(
    row: Sequence[tuple[datetime, Failure]],
) -> Iterator[tuple[tuple[datetime, Failure], tuple[datetime, Failure]]]:
    """Each failure with the next one, the latest first."""
    return zip(reversed(row[:-1]), reversed(row[1:]), strict=True)
