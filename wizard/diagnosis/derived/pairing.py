"""Pairs the application's failures with the ends of sessions that the server saw. Pure."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure, Occurrence

LOG_SLACK = timedelta(seconds=2)
"""MariaDB's log has whole seconds, and so has the uptime."""

UNKNOWN_IDLE = timedelta(hours=1)
"""How long before a failure a session may have ended, where the idle time is not told."""

_LOST = ("client.lost", "client.sending-packet")

Pair = tuple[Failure, Occurrence]


def ends_of(case: Case, *signals: str) -> list[Occurrence]:
    found = (o for e in case.evidence if e.signal in signals for o in e.occurrences)
    return sorted((o for o in found if o.at is not None), key=_stamp)


def _stamp(occurrence: Occurrence) -> float:
    return occurrence.at.timestamp() if occurrence.at else 0.0


def losses(case: Case) -> list[Failure]:
    """Losses with a time, oldest first."""
    found = [f for f in case.failures if f.signal in _LOST and f.at is not None]
    return sorted(found, key=lambda f: f.at.timestamp() if f.at else 0.0)


def reach(failure: Failure, unknown: timedelta) -> timedelta:
    if failure.idle_seconds is None:
        return unknown
    return timedelta(seconds=failure.idle_seconds) + LOG_SLACK


def paired(
    failures: Iterable[Failure],
    ends: Sequence[Occurrence],
    unknown: timedelta = UNKNOWN_IDLE,
    lead: timedelta = -LOG_SLACK,
) -> list[Pair]:
    """Each failure with the first end, not yet taken, since its connection's last use.

    An end counts where it came at least `lead` before the failure.
    """
    free = list(ends)
    pairs = []
    for failure in failures:
        fitting = [e for e in free if _fits(failure, e, unknown, lead)]
        if fitting:
            free.remove(fitting[0])
            pairs.append((failure, fitting[0]))
    return pairs


def _fits(failure: Failure, end: Occurrence, unknown: timedelta, lead: timedelta) -> bool:
    if failure.at is None or end.at is None:
        return False
    if failure.account and end.account and not _same_user(failure.account, end.account):
        return False
    return failure.at - reach(failure, unknown) <= end.at <= failure.at - lead


def _same_user(one: str, other: str) -> bool:
    return one.split("@")[0] == other.split("@")[0]


def from_ends(
    signal: str, text: str, source: str, ends: Sequence[Occurrence], value: float | None = None
) -> Evidence:
    times = [e.at for e in ends if e.at is not None]
    return Evidence(
        signal,
        text,
        source,
        count=len(ends),
        first=min(times, default=None),
        last=max(times, default=None),
        value=value,
        occurrences=tuple(ends),
    )
