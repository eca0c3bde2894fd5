"""From one look at the machine to the next: what goes wrong on it. Pure.

A trouble is told once when it begins, and again only after it was over.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from wizard.diagnosis.model import Verdict
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.host_look import HostLook
from wizard.recorder.sample import SessionSeen
from wizard.recorder.sockets import Unreached
from wizard.units import size

RETRANSMITS = 3
"""Of one segment, 200, 400 and 800 ms apart (RFC 6298, Linux' TCP_RTO_MIN): chance is over."""

PROBES = 2
"""Keepalive probes without an answer."""

FULL, WELL = 0.01, 0.03
"""Shares of the disk, or of memory, that are free when a trouble begins and when it is over."""

STALLED, FLOWING = 20.0, 5.0
"""Percent of ten seconds in which no task could run for want of memory."""


MOST_NAMED = 3
"""Sessions that are named beside a trouble."""

MOST_BESIDE = 50
"""Sessions that the JSON has of them; the others have their own events."""

_SAME_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(slots=True)
class HostTrouble:
    """Keeps what is going on."""

    _unreached: set[int] = field(default_factory=set)
    _going_on: set[str] = field(default_factory=set)
    _oom_kills: int | None = None

    def step(
        self,
        at: datetime,
        look: HostLook,
        sessions: Mapping[int, SessionSeen],
        lost: Sequence[SessionSeen] = (),
    ) -> list[RecorderEvent]:
        """The events of this moment. `sessions` are by the client's port, `lost` those that
        ended badly since the last one."""
        return [
            *self._unreachable(at, look, sessions),
            *self._killed(at, look, lost),
            *(_with_lost(event, lost) for event in self._memory(at, look)),
            *(_with_lost(event, lost) for event in self._disk(at, look)),
        ]

    def _unreachable(
        self, at: datetime, look: HostLook, sessions: Mapping[int, SessionSeen]
    ) -> Iterator[RecorderEvent]:
        silent = {port: seen for port, seen in look.unreached.items() if _is_silent(seen)}
        for port, seen in silent.items():
            session = sessions[port].at(at) if port in sessions else None
            if port in self._unreached or session is None:
                continue
            what = f"{seen.retransmits} retransmits" if seen.retransmits else "keepalive probes"
            text = (
                f"no packet reaches {session.account} (connection {session.id}) any more: {what} "
                f"without an answer, {size(seen.unacknowledged)} not acknowledged"
            )
            yield RecorderEvent(
                at, EventKind.SESSION_STALLED, text, session, "network-unstable", Verdict.LIKELY
            )
        self._unreached = set(silent) & (set(sessions) | self._unreached)

    def _killed(
        self, at: datetime, look: HostLook, lost: Sequence[SessionSeen]
    ) -> Iterator[RecorderEvent]:
        before, self._oom_kills = self._oom_kills, look.oom_kills
        if before is not None and look.oom_kills is not None and look.oom_kills > before:
            count = look.oom_kills - before
            what = f"{count} process{'es' if count > 1 else ''}"
            text = f"the kernel killed {what} for want of memory"
            if (look.stalled_percent or 0) < FLOWING:
                # The limit of one group of processes does that on a machine with memory to spare.
                text = f"{text}; the machine did not wait"
                event = RecorderEvent(at, EventKind.HOST_TROUBLE, text)
            else:
                event = _trouble(at, text, "memory-pressure")
            # What was killed is a client at most where that is on the same machine.
            yield _with_lost(event, [seen for seen in lost if seen.host in _SAME_MACHINE])

    def _memory(self, at: datetime, look: HostLook) -> Iterator[RecorderEvent]:
        if look.stalled_percent is None:
            return
        if self._begins("memory", look.stalled_percent >= STALLED, look.stalled_percent < FLOWING):
            text = f"for {look.stalled_percent:.0f} % of ten seconds all tasks waited for memory"
            yield _trouble(at, text, "memory-pressure")

    def _disk(self, at: datetime, look: HostLook) -> Iterator[RecorderEvent]:
        if look.disk_free is None or not look.disk_total:
            return
        share = look.disk_free / look.disk_total
        if self._begins("disk", share < FULL, share > WELL):
            free, total = size(look.disk_free), size(look.disk_total)
            text = f"the data's disk runs full: {free} of {total} left"
            yield _trouble(at, text, "disk-full")

    def _begins(self, name: str, bad: bool, well: bool) -> bool:
        if well:
            self._going_on.discard(name)
        if not bad or name in self._going_on:
            return False
        self._going_on.add(name)
        return True


def _with_lost(event: RecorderEvent, lost: Sequence[SessionSeen]) -> RecorderEvent:
    """Names the sessions that were lost at the same look: no more than that is known."""
    if not lost:
        return event
    named = ", ".join(f"{seen.account} (connection {seen.id})" for seen in lost[:MOST_NAMED])
    more = f" and {len(lost) - MOST_NAMED} more" if len(lost) > MOST_NAMED else ""
    text = f"{event.text}; lost at the same look: {named}{more}"
    return replace(event, text=text, beside=tuple(lost[:MOST_BESIDE]))


def _is_silent(seen: Unreached) -> bool:
    return seen.retransmits >= RETRANSMITS or seen.probes >= PROBES


def _trouble(at: datetime, text: str, cause: str) -> RecorderEvent:
    return RecorderEvent(at, EventKind.HOST_TROUBLE, text, None, cause, Verdict.LIKELY)
