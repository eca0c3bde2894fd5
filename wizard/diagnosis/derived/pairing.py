"""Pairs the application's failures with the ends of sessions that the server saw. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from operator import attrgetter
from typing import TypeVar

from wizard.case import clocks
from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure, Occurrence
from wizard.diagnosis.ends import Ends, Taken, earliest, user_of

UNKNOWN_IDLE = timedelta(hours=1)
"""How long before a failure a session may have ended, where the idle time is not told."""

_LOST = ("client.lost", "client.sending-packet")

LEAVINGS = ("log.aborted-read-error", "count.lost-client")
"""How the server tells of clients that went without a word."""

_GAVE_UP = "client.read-timeout"
_NOTICES = timedelta(minutes=1)
"""A server that works on a statement notices only with its answer that its client has gone."""

Told = TypeVar("Told", Failure, Occurrence)

Pair = tuple[Failure, Occurrence]


def ends_of(case: Case, *signals: str) -> list[Occurrence]:
    return by_time(o for e in case.evidence if e.signal in signals for o in e.occurrences)


def by_time(told: Iterable[Told]) -> list[Told]:
    """Those with a time, oldest first."""
    return sorted([one for one in told if one.at is not None], key=attrgetter("at"))


def losses(case: Case) -> list[Failure]:
    """Losses with a time, oldest first."""
    return by_time(f for f in case.failures if f.signal in _LOST)


def reach(failure: Failure, unknown: timedelta) -> timedelta:
    if failure.idle_seconds is None:
        return unknown
    return timedelta(seconds=failure.idle_seconds) + clocks.WHOLE_SECONDS


def paired(
    failures: Iterable[Failure],
    ends: Sequence[Occurrence],
    unknown: timedelta = UNKNOWN_IDLE,
    lead: timedelta = -clocks.WHOLE_SECONDS,
) -> list[Pair]:
    """Each failure with the end of its very connection, where it names that.

    Else with the first end, not yet taken, since its connection's last use.

    An end counts where it came at least `lead` before the failure.
    """
    if not ends:
        return []
    told = [(f, f.at.timestamp()) for f in failures if f.at is not None]
    taken = Taken()
    ids = frozenset(f.connection_id for f, _ in told if f.connection_id is not None)
    free = Ends(ends, taken, ids)
    slack, longest, ahead = (
        clocks.WHOLE_SECONDS.total_seconds(),
        unknown.total_seconds(),
        lead.total_seconds(),
    )
    pairs = []
    named, unnamed = free.of_named, free.of_unnamed
    for failure, at in told:
        account, idle, number = failure.account, failure.idle_seconds, failure.connection_id
        since, until = at - (longest if idle is None else idle + slack), at - ahead
        if number is not None:
            end = _of_that_number(free, number, until)
            if end is None:
                end = earliest(named[account], since, until)
        else:
            end = earliest(unnamed[account], since, until)
        if end is not None:
            taken.ids.add(id(end))
            pairs.append((failure, end))
    return pairs


def _of_that_number(free: Ends, number: int, until: float) -> Occurrence | None:
    """The end of that very connection, where it is not later than the failure."""
    end = free.of_connection(number, until)
    if end is None or end.at is None or end.at.timestamp() > until:
        return None
    return end


def leavings(case: Case, lost: Sequence[Failure]) -> list[Occurrence]:
    """The ends of sessions whose client went, for the server: those that can be our losses.

    Not those of clients that say themselves that they gave up waiting; nor those of an account
    whose clients go all the time, mostly when nobody of ours loses anything.
    """
    gave_up = [f for f in case.failures if f.signal == _GAVE_UP and f.at is not None]
    ends = ends_of(case, *LEAVINGS)
    if not ends:
        return []
    theirs = {id(end) for _, end in paired(gave_up, ends, timedelta(0), -_NOTICES)}
    left = [end for end in ends if id(end) not in theirs]
    ours = {id(end) for _, end in paired(lost, left, timedelta(minutes=1))}
    total = Counter(user_of(end.account) for end in left)
    felt = Counter(user_of(end.account) for end in left if id(end) in ours)
    return [e for e in left if felt[user := user_of(e.account)] * 2 >= total[user]]


def rested(pair: Pair) -> float | None:
    """Seconds from the connection's last use to its end."""
    failure, end = pair
    if failure.idle_seconds is None or failure.at is None or end.at is None:
        return None
    return failure.idle_seconds - (failure.at - end.at).total_seconds()


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
