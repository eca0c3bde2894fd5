"""The operator's command, run on an event, at most once a minute.

Whatever it does harms nothing. It is given the event as JSON on its standard input. What happens
meanwhile is counted, and told to the next run (GONEAWAY_SUPPRESSED).
"""

import os
import shlex
import shutil
import subprocess
import threading
import time
from collections.abc import Callable

from wizard.recorder.event import EventKind, RecorderEvent, as_json
from wizard.safety.errors import UsageError

PAUSE = 60.0
"""Seconds between two runs."""

MOST_SECONDS = 30.0
"""After which a run is ended."""

_SAID = 200
QUIET = frozenset((EventKind.STARTED, EventKind.STOPPED, EventKind.GAP))
"""Events of the recorder itself, which alarm nobody."""


class Hook:
    """Runs `command` (split as a shell would, without one). Raises UsageError for no command."""

    def __init__(
        self,
        command: str,
        remark: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        try:
            self._words = shlex.split(command)
        except ValueError as error:
            raise UsageError(f"--exec: {error}") from None
        if not self._words:
            raise UsageError("--exec: name a command")
        if shutil.which(self._words[0]) is None:
            raise UsageError(f"--exec: there is no program {self._words[0]}")
        self._remark = remark
        self._clock = clock
        self._last: float | None = None
        self._suppressed = 0
        self._thread: threading.Thread | None = None

    def tell(self, event: RecorderEvent) -> bool:
        """Whether the command was started for this event."""
        if event.kind in QUIET:
            return False
        now = self._clock()
        running = self._thread is not None and self._thread.is_alive()
        if running or (self._last is not None and now - self._last < PAUSE):
            self._suppressed += 1
            return False
        self._last, suppressed, self._suppressed = now, self._suppressed, 0
        self._thread = threading.Thread(
            target=self._run, args=(as_json(event) + "\n", suppressed), daemon=True
        )
        self._thread.start()
        return True

    def wait(self, seconds: float = MOST_SECONDS) -> None:
        """For the run that is under way, so that the last event is not lost at the end."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self, line: str, suppressed: int) -> None:
        try:
            done = subprocess.run(
                self._words,
                input=line.encode("ascii"),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=MOST_SECONDS,
                check=False,
                start_new_session=True,
                env={**os.environ, "GONEAWAY_SUPPRESSED": str(suppressed)},
            )
        except subprocess.TimeoutExpired:
            self._remark(f"--exec: {self._words[0]} was ended after {MOST_SECONDS:.0f} s")
        except (OSError, ValueError) as error:
            self._remark(f"--exec: {self._words[0]}: {getattr(error, 'strerror', None) or error}")
        else:
            if done.returncode:
                said = done.stderr[:_SAID].decode("utf-8", "replace").strip()
                self._remark(f"--exec: {self._words[0]} ended with {done.returncode}: {said}")
