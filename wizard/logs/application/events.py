"""From what the records tell to events, each one once.

One loss may be logged where it arises (the driver, the pool), where it is passed on (the
framework) and where it is handled (the program).
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from wizard.logs.application.client_error import Recognised, merge
from wizard.logs.application.mentions import Level, speaks_of_failure
from wizard.logs.application.one_event import (
    FRAMES,
    NO_WAY_IN,
    REFUSED,
    is_one_event,
    is_past,
    is_refused_after,
    tells_again,
    ways_of,
)
from wizard.logs.application.same_job import GONE, met_at_its_use, tries_before, waited_in_vain
from wizard.logs.application.telling import Event, Telling, ids_in

MOST_OPEN = 64


class EventReader:
    """Takes tellings in order and hands each event to `sink` once nothing can join it."""

    def __init__(self, sink: Callable[[Event], None]) -> None:
        self._sink = sink
        self._open: deque[Event] = deque()

    def feed(self, telling: Telling) -> None:
        while self._open and (
            len(self._open) >= MOST_OPEN or is_past(self._open[0].tellings[-1], telling)
        ):
            self._sink(self._open.popleft())
        self._pass(telling)
        telling.ways = ways_of(telling)
        partner = next(
            (
                event
                for event in reversed(self._open)
                if not tells_again(event, telling) and is_one_event(event, telling)
            ),
            None,
        )
        if partner is None:
            event = Event(telling.error, telling, [telling], telling.ids, telling.ways)
            self._open.append(event)
            self._gather(event, telling)
            return
        self._gather(partner, telling)
        partner.ids |= telling.ids
        partner.ways |= telling.ways
        if (
            waited_in_vain(partner, telling)
            or met_at_its_use(partner, telling)
            or is_refused_after(partner, telling)
        ):
            partner.tellings.append(telling)
            return
        merged = united((partner.error, telling.error))
        lead = partner.lead
        if lead.background > telling.background or merged.signature != partner.error.signature:
            partner.lead = telling
        partner.error = merged
        partner.tellings.append(telling)

    def are_apart(self, ways: Iterable[frozenset[tuple[str, ...]]], line: int) -> bool:
        """Whether each open event is of the place that tells in all of these ways.

        And none is one that `line`, right below, may tell of again.
        """
        told = [*ways]
        return all(
            len(event.tellings) == 1
            and not event.lead.background
            and not (event.lead.ends == line - 1 and event.error.number == GONE)
            and not any(event.ways.isdisjoint(one) for one in told)
            for event in self._open
        )

    def _gather(self, event: Event, telling: Telling) -> None:
        """Take the attempts into the event that were made before the job was given up."""
        for tried in tries_before(self._open, event, telling):
            self._open.remove(tried)
            event.tellings[:0] = tried.tellings
            event.ways |= tried.ways

    def _pass(self, telling: Telling) -> None:
        """Note what the source wrote since, without an error: it had gone on."""
        if not self._open or not telling.passed:
            return
        # Among lines with times one without goes on with what is above it.
        passed = [
            r.lead or r.head
            for r in telling.passed
            if r.level is not Level.DEBUG and not (telling.stamped and r.when is None)
        ]
        if not passed:
            return
        other = [head for head in passed if not speaks_of_failure(head)]
        moved = frozenset().union(*(ids_in(head) for head in other))
        for event in self._open:
            if event.lead.source == telling.source:
                event.went_on = event.went_on or bool(other)
                event.gave_up = event.gave_up or len(other) < len(passed)
                event.moved_on |= moved

    def finish(self) -> None:
        while self._open:
            self._sink(self._open.popleft())


def of_one_record(errors: Iterable[Recognised]) -> Recognised:
    """What one record tells, as `united`: a session is left broken by the loss told beside it."""
    told = list(errors)
    return united([e for e in told if e.signature != REFUSED] or told)


def united(errors: Iterable[Recognised]) -> Recognised:
    """One error from all that tell of it.

    What only frames a failed connect gives way to its reason, and to the loss that it follows;
    that the connection is closed, to the system's word of why. Raises ValueError for none.
    """
    told = list(errors)
    merged = merge(told)
    if merged.signal == "client.closed-object":
        return _why_closed(merged, told)
    if merged.signal in FRAMES:
        own = [e for e in told if not (e.role == "echo" and e.signal in FRAMES)]
        merged = merge(own or told)
    reasons = [e for e in told if e.signal in NO_WAY_IN]
    if merged.signal not in FRAMES or not reasons:
        return merged
    best = min(reasons, key=lambda e: e.rank)
    return replace(
        merged,
        signature=best.signature,
        signal=best.signal,
        title=best.title,
        rank=best.rank,
        number=merged.number if best.number is None else best.number,
        phase=best.phase,
    )


def _why_closed(closed: Recognised, told: Iterable[Recognised]) -> Recognised:
    lost = [e for e in told if e.signal == "client.lost" and e.errno]
    if not lost:
        return closed
    best = min(lost, key=lambda e: e.rank)
    return replace(
        closed, signature=best.signature, signal=best.signal, title=best.title, rank=best.rank
    )
