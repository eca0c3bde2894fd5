"""A constant difference between the application's clock and the server's. Pure.

Where each failure follows, or precedes, an event of the server's by the same time, one of the
clocks is off, or its stamps are read in the wrong zone. A rest explains a constant delay as
well, so a delay counts only where it cannot be one: a failure before its event, a connect that
is refused while the server is up, a use of the connection after its end.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from wizard.case import facts
from wizard.case.case import Case
from wizard.case.evidence import Failure, Occurrence, Phase
from wizard.case.moments import moment_of
from wizard.diagnosis.derived.failures import number
from wizard.diagnosis.derived.pairing import ends_of
from wizard.units import duration

LEAST = 10.0
"""Seconds; smaller ones are within what logs and clients differ by anyway."""

MOST = 14 * 3600.0
"""A stamp that is read in the wrong zone is off by no more."""

TOLERANCE = 2.5
SAME_EVENT = 5.0
MIN_EVENTS = 3
FEW_EVENTS = 2
"""Enough where the offset alone makes possible what was told: a refusal while the server is up."""

MAX_EVENTS = 300
"""So many events on either side are compared, the newest ones."""

SHORT_REST = 30.0
"""Seconds: a longer rest reaches over an outage by chance."""

SHARE = 0.8
"""So large a part of the failures must fit with the offset, and at most half without it."""

_ENDS = ("log.aborted-timeout", "log.idle-timeout", "log.aborted-packet", "log.aborted-killed",
         "log.aborted-read-error", "log.aborted-write-error", "log.aborted-unknown",
         "log.memory-limit", "log.aborted-init-connect")  # fmt: skip
_AT_ONCE = ("log.aborted-packet", "log.aborted-killed", "log.memory-limit")
"""Ends that the client is told in the same moment."""

_LIVES = ("log.shutdown", "log.crash", "log.unclean-end")
_CONNECTS = ("client.refused", "client.connect-lost", "client.connect-timeout", "client.shutdown")
_LOSSES = ("client.lost", "client.sending-packet", "client.idle-disconnect", "client.killed",
           "client.packet-too-large", "client.memory-limit", *_CONNECTS)  # fmt: skip

_TIMES = ("at", "after", "worked")


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """By how many seconds the application's clock is ahead of the server's."""

    seconds: float
    events: int

    def told(self) -> str:
        size = _in_words(abs(self.seconds))
        way = "after" if self.seconds > 0 else "before"
        return (
            f"The application's clock, or the zone of its stamps, differs from the server's: its "
            f"failures come {size} {way} what the server logged, each time. They were compared "
            f"with that corrected; set both clocks by NTP, or name the zone."
        )


def clock_offset(case: Case) -> ClockOffset | None:
    """The offset, or None where the clocks agree or nobody can tell."""
    failed = [f for f in case.failures if f.at is not None and f.signal in _LOSSES]
    if not failed or _agrees(case):
        return None
    outages = ends_of(case, *_LIVES)
    ends = ends_of(case, *_ENDS)
    moments = _apart((*(o.at for o in outages), *(o.at for o in ends)))
    bursts = _apart(f.at for f in failed)
    if len(bursts) >= FEW_EVENTS and len(moments) >= FEW_EVENTS:
        found = _common(bursts[-MAX_EVENTS:], moments[-MAX_EVENTS:])
        proven = found is not None and _impossible(found, failed, case, outages)
        many = len(bursts) >= MIN_EVENTS and found is not None and found < 0
        if found is not None and (proven or many):
            return ClockOffset(found, len(bursts))
    elif (found_one := _of_one_outage(failed, outages)) is not None:
        return found_one
    return _of_the_file(case, failed, outages, moments)


def _agrees(case: Case) -> bool:
    """Whether the log's stamps are of this machine's clock, and that is the server's."""
    last, written = moment_of(case.fact(facts.LOG_TO)), moment_of(case.fact(facts.LOG_WRITTEN))
    skew = number(case, facts.CLOCK_SKEW_SECONDS)
    if last is None or written is None or skew is None:
        return False
    return abs((written - last).total_seconds()) < LEAST / 2 and abs(skew) < LEAST / 2


def on_server_clock(case: Case, clock: ClockOffset | None) -> Case:
    """The case with the application's times as the server's clock would have told them."""
    if clock is None:
        return case
    back = timedelta(seconds=clock.seconds)
    steps = tuple(
        replace(
            step,
            failures=tuple(_shifted(f, back) for f in step.failures),
        )
        if step.failures
        else step
        for step in case.steps
    )
    return replace(case, steps=steps)


def _shifted(failure: Failure, back: timedelta) -> Failure:
    told = {name: at - back for name in _TIMES if (at := getattr(failure, name)) is not None}
    return replace(failure, **told) if told else failure


def _apart(times: Iterable[datetime | None]) -> list[float]:
    """Moments as numbers; those of one event, close together, are one."""
    found: list[float] = []
    last = float("-inf")
    for at in sorted(t.timestamp() for t in times if t is not None):
        if at - last > SAME_EVENT:
            found.append(at)
        last = at
    return found


def _common(failed: Sequence[float], moments: Sequence[float]) -> float | None:
    """The difference that most failures have to some event, where few have none."""
    agree = _fitting(failed, moments, 0.0)
    if agree * 2 > len(failed):
        return None
    differences = sorted(f - m for f in failed for m in moments if LEAST <= abs(f - m) <= MOST)
    best, where = 0, None
    low = 0
    for high, difference in enumerate(differences):
        while difference - differences[low] > 2 * TOLERANCE:
            low += 1
        if high - low + 1 > best:
            best, where = high - low + 1, (low, high)
    if where is None:
        return None
    offset = differences[(where[0] + where[1]) // 2]
    fitting = _fitting(failed, moments, offset)
    by_chance = len(failed) * len(moments) * 2 * TOLERANCE / max(1.0, moments[-1] - moments[0])
    enough = fitting >= max(FEW_EVENTS, SHARE * len(failed), 2 * by_chance)
    return round(offset, 1) if enough else None


def _fitting(failed: Sequence[float], moments: Sequence[float], offset: float) -> int:
    """How many failures come at an event of their own, once `offset` is taken off."""
    count, free = 0, 0
    for at in failed:
        place = max(free, bisect_left(moments, at - offset - TOLERANCE))
        if place < len(moments) and moments[place] <= at - offset + TOLERANCE:
            count, free = count + 1, place + 1
    return count


def _impossible(
    offset: float, failed: Sequence[Failure], case: Case, outages: Sequence[Occurrence]
) -> bool:
    """Whether a delay of `offset` cannot be a rest, for most of the failures.

    Or, for an offset the other way, that some failure fits its event by it alone.
    """
    at_once = [e.at.timestamp() for e in ends_of(case, *_AT_ONCE) if e.at is not None]
    spans = _spans(outages)
    contradicted = proofs = 0
    for failure in failed:
        assert failure.at is not None
        at = failure.at.timestamp()
        used_later = failure.idle_seconds is not None and failure.idle_seconds < offset - TOLERANCE
        refused = (
            failure.signal in _CONNECTS and not _inside(at, spans) and _inside(at - offset, spans)
        )
        told = _near_one(at - offset, at_once) and not _near_one(at, at_once)
        contradicted += used_later or refused or told
        proofs += refused or told
    return contradicted * 2 >= len(failed) if offset > 0 else proofs > 0


def _of_one_outage(failed: Sequence[Failure], outages: Sequence[Occurrence]) -> ClockOffset | None:
    """The offset told by one outage and the connects that were refused.

    They were refused at another time, at which the server was up, lasted as long as it, and no
    other outage can have refused them.
    """
    spans = _spans(outages)
    if len(spans) != 1 or spans[0][1] == float("inf"):
        return None
    began, ended = spans[0]
    refused = [
        f.at.timestamp()
        for f in failed
        if f.at is not None and (f.signal in _CONNECTS or f.phase is Phase.CONNECT)
    ]
    if not refused or len(failed) < MIN_EVENTS or any(_inside(at, spans) for at in refused):
        return None
    if any(_older(f, began) for f in failed):
        return None
    first = min(f.at.timestamp() for f in failed if f.at is not None)
    offset = first - began - TOLERANCE
    lasted = max(refused) - min(refused)
    if not _plausible(offset) or lasted > ended - began + 2 * TOLERANCE:
        return None
    if max(refused) - offset > ended + SAME_EVENT:
        return None
    return ClockOffset(round(offset, 1), 1)


def _of_the_file(
    case: Case, failed: Sequence[Failure], outages: Sequence[Occurrence], moments: Sequence[float]
) -> ClockOffset | None:
    """The offset that the log's file tells, or this machine's clock against the server's.

    A copied file is younger than its last line by any amount, so that either counts only where
    with it the server's outages explain what nothing explains as it is.
    """
    spans = _spans(outages)
    begins = [began for began, _ in spans]

    def fit(told: Iterable[Failure]) -> int:
        return sum(
            _inside(f.at.timestamp(), spans) or _older_than_one(f, begins)
            for f in told
            if f.at is not None
        )

    if not outages or fit(failed):
        return None
    if any(_near_one(f.at.timestamp(), moments) for f in failed if f.at is not None):
        return None
    brief = [f for f in failed if (f.idle_seconds or 0.0) <= SHORT_REST]
    for offset in filter(_plausible, _told_offsets(case)):
        back = timedelta(seconds=offset)
        if fit(_shifted(f, back) for f in brief) >= SHARE * len(failed):
            return ClockOffset(round(offset, 1), 1)
    return None


def _told_offsets(case: Case) -> Iterator[float]:
    last, written = moment_of(case.fact(facts.LOG_TO)), moment_of(case.fact(facts.LOG_WRITTEN))
    skew = number(case, facts.CLOCK_SKEW_SECONDS)
    if last is not None and written is not None:
        yield (last - written).total_seconds()
    if skew is not None:
        yield -skew


def _older(failure: Failure, began: float) -> bool:
    """Whether the outage explains the loss as it is: its connection was last used before."""
    if failure.at is None or not failure.idle_seconds:
        return False
    at = failure.at.timestamp()
    return at - failure.idle_seconds < began < at


def _older_than_one(failure: Failure, begins: Sequence[float]) -> bool:
    """Whether one of the outages, in order, explains the loss so."""
    if failure.at is None or not failure.idle_seconds:
        return False
    at = failure.at.timestamp()
    place = bisect_right(begins, at - failure.idle_seconds)
    return place < len(begins) and begins[place] < at


def _plausible(offset: float) -> bool:
    """A clock that runs wrong is off by minutes, a wrong zone by quarters of an hour."""
    quarters = abs(offset) / 900
    zone = abs(quarters - round(quarters)) * 900 <= SAME_EVENT and abs(offset) <= MOST
    return LEAST <= abs(offset) <= 900 or zone


def _spans(outages: Sequence[Occurrence]) -> list[tuple[float, float]]:
    return [
        (
            o.at.timestamp() - TOLERANCE,
            o.until.timestamp() + SAME_EVENT if o.until else float("inf"),
        )
        for o in outages
        if o.at is not None
    ]


def _inside(at: float, spans: Sequence[tuple[float, float]]) -> bool:
    place = bisect_right(spans, (at, float("inf"))) - 1
    return place >= 0 and at <= spans[place][1]


def _near_one(at: float, times: Sequence[float]) -> bool:
    place = bisect_left(times, at - TOLERANCE)
    return place < len(times) and times[place] <= at + TOLERANCE


def _in_words(seconds: float) -> str:
    if seconds >= 3600 and abs(seconds / 900 - round(seconds / 900)) * 900 <= TOLERANCE:
        return f"{round(seconds / 900) / 4:g} h"
    return duration(round(seconds))
