"""The look by the steps of `check` for why the server went, beside the recorder's own."""

import threading
from collections.abc import Callable
from datetime import datetime

from wizard.diagnosis.model import Finding
from wizard.investigation.run import Event, Investigation, StepStarted
from wizard.recorder.beside import beside
from wizard.recorder.outage import cause_of_outage


class Inquiry:
    """Begins at once, in a thread and over a session of its own. `finding` is its answer once
    `done`; None where nothing that can be read tells."""

    def __init__(
        self,
        investigation: Investigation,
        down: datetime,
        up: datetime,
        earlier: datetime,
        ask: Callable[..., Finding | None] = cause_of_outage,
    ) -> None:
        self.down = down
        self.finding: Finding | None = None
        case = investigation.case
        self._own = beside(investigation.context, lambda: case, self._heard)
        self._span = down, up, earlier
        self._unwanted = threading.Event()
        self._ask = ask
        self._thread = threading.Thread(target=self._run, name="inquiry", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def end(self, seconds: float) -> None:
        """Wait so long for the answer, then do without."""
        self._thread.join(seconds)
        self._unwanted.set()
        self._own.cancel()

    def _heard(self, event: Event) -> None:
        """A run forgets what was cancelled before it began: each of its steps is told anew."""
        if isinstance(event, StepStarted) and self._unwanted.is_set():
            self._own.cancel()

    def _run(self) -> None:
        try:
            self.finding = self._ask(self._own, *self._span)
        finally:
            self._own.close()
