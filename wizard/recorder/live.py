"""A recorder in a thread of its own, for somebody who looks on.

It keeps what it told and saw in a bounded ring in memory, and writes nothing.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from wizard.investigation.run import Investigation
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.sample import Sample, SessionSeen, grown
from wizard.recorder.watch import INTERVAL, watch
from wizard.safety.operator_line import operator_line

EVENTS = 2000
MOMENTS = 3600
"""An hour of looks, and more events than anybody scrolls through."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One look in numbers; `aborted` and `opened` since the look before."""

    at: datetime
    sessions: int
    aborted: int
    opened: int


@dataclass(frozen=True, slots=True)
class NextCut:
    """A session at rest, and in how many seconds its timeout ends it."""

    session: SessionSeen
    seconds: int


class LiveRecorder:
    """Begins at once; `close` ends it. What it holds may be read from any thread. `heard` is told,
    in the recorder's thread, each moment at which the server was asked and answered."""

    def __init__(
        self,
        investigation: Investigation,
        interval: float = INTERVAL,
        heard: Callable[[datetime], None] = lambda _at: None,
    ) -> None:
        self.events: deque[RecorderEvent] = deque(maxlen=EVENTS)
        self.moments: deque[Moment] = deque(maxlen=MOMENTS)
        self.last: Sample | None = None
        self.trouble = ""
        self._investigation = investigation
        self._interval, self._heard = interval, heard
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def close(self, seconds: float = 0.0) -> None:
        """End it; `seconds` is how long its COM_QUIT is waited for."""
        self._stop.set()
        if seconds:
            self._thread.join(seconds)

    def _run(self) -> None:
        try:
            for event in watch(self._investigation, self._stop, self._interval, self._sampled):
                self.events.append(event)
        except Exception as error:  # noqa: BLE001 - the thread's end is what the pane shows
            self.trouble = operator_line(error)

    def _sampled(self, sample: Sample) -> None:
        before, self.last = self.last, sample
        self._heard(sample.at)
        aborted = grown(before, sample, "Aborted_clients") if before is not None else 0
        opened = grown(before, sample, "Connections") if before is not None else 0
        self.moments.append(Moment(sample.at, len(sample.sessions), aborted, opened))


def is_away(events: Iterable[RecorderEvent]) -> bool:
    """Whether the newest word of these on the server is that it went: nobody is cut meanwhile."""
    known = [e.kind for e in events if e.kind in (EventKind.SERVER_DOWN, EventKind.SERVER_UP)]
    return known[-1:] == [EventKind.SERVER_DOWN]


def next_cuts(sample: Sample, most: int, own: int = 0) -> list[NextCut]:
    """The sessions at rest that their timeout will end first.

    By the global wait_timeout: what a session set for itself no other session can see. `own` is
    the wizard's other session, which its heartbeat keeps.
    """
    limit = sample.wait_timeout
    if not limit:
        return []
    resting = [s for s in sample.sessions.values() if s.rests and s.id != own]
    found = [NextCut(s, max(limit - s.at(sample.at).seconds, 0)) for s in resting]
    return sorted(found, key=lambda cut: (cut.seconds, cut.session.id))[:most]
