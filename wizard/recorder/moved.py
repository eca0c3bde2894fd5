"""A proxy that has another connection, or another server, answer than before.

Our own session lives on and nothing of that is told to us: ProxySQL and MaxScale share connections
among their clients, and move them when a server is taken out. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from wizard.diagnosis.model import Verdict
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.sample import Sample

QUIET = timedelta(minutes=1)
"""A proxy that spreads statements over servers has another answer each second."""


@dataclass(slots=True)
class Moved:
    """What was told of it. `elsewhere` says that another server answers, of which nothing but the
    last sample is known yet."""

    elsewhere: bool = False
    _told_at: datetime | None = None
    _shares: bool = False

    def step(self, before: Sample, after: Sample) -> Iterator[RecorderEvent]:
        """The events of two samples of one session."""
        if before.server != after.server:
            if self._told_at is None or after.at - self._told_at > QUIET:
                self._told_at = after.at
                self.elsewhere = True
                yield _another(before, after)
        elif before.connection != after.connection and not self._shares:
            self._shares = True
            text = (
                f"a proxy answers over another connection than before: {after.connection}, until "
                f"now {before.connection}; what the recorder itself leaves is on several"
            )
            yield RecorderEvent(after.at, EventKind.SERVER_CHANGED, text)


def _another(before: Sample, after: Sample) -> RecorderEvent:
    text = (
        f"another server answers on the same connection: {after.server}, until now "
        f"{before.server}; a proxy has moved it"
    )
    return RecorderEvent(
        after.at, EventKind.SERVER_CHANGED, text, None, "failover", Verdict.CONFIRMED,
        began=before.at,
    )  # fmt: skip
