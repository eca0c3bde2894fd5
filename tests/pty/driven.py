"""The wizard on a pseudo-terminal, which tells its fields and place when it is asked."""

import json
import signal
import time
from pathlib import Path
from typing import Any

from screens.key_order import TAIL_SECONDS
from screens.places import STEP_IDS
from tests.pty.terminal import LIMIT, Terminal

LIVE = "live(MADE)"
FORM = "Unknown(found, never)"


class Driven(Terminal):
    """Works in `directory`, so that a file that was written shows there."""

    def __init__(
        self,
        opening: str,
        directory: Path,
        columns: int = 80,
        rows: int = 24,
        byte_seconds: float = 0.0,
        app: str = "Telling",
    ) -> None:
        self._out = directory.parent / f"{directory.name}.told"
        code = (
            f"import os\nfrom tests.pty.telling import *\nos.chdir({str(directory)!r})\n"
            f"raise SystemExit(run({opening}, {str(self._out)!r}, {app}))"
        )
        super().__init__(code, columns=columns, rows=rows, byte_seconds=byte_seconds)

    def told(self) -> dict[str, Any]:
        """Where the wizard stands now."""
        self._out.unlink(missing_ok=True)
        self.signal(signal.SIGUSR1)
        end = time.monotonic() + LIMIT
        while not self._out.exists():
            self.read(0.02)
            assert self.process.poll() is None, f"it ended: {self.output[-600:]!r}"
            assert time.monotonic() < end, "it does not answer"
        told: dict[str, Any] = json.loads(self._out.read_text())
        return told

    def calm(self) -> dict[str, Any]:
        """Where it stands once all keys are done: it tells the same thing three times."""
        last, same = self.told(), 0
        end = time.monotonic() + LIMIT
        while same < 3:
            assert time.monotonic() < end, f"it never rests: {last}"
            self.read(0.05)
            now = self.told()
            same = same + 1 if now == last and not now["working"] else 0
            last = now
        return last

    def text(self, text: str) -> dict[str, Any]:
        """Send a text, and wait until what comes next is no longer taken for its tail."""
        self.keys(text)
        self.calm()
        end = time.monotonic() + 2 * TAIL_SECONDS
        while (left := end - time.monotonic()) > 0:
            self.read(left)
        return self.calm()

    def calm_or_gone(self) -> dict[str, Any] | None:
        """Where it stands; None where the keys made it quit."""
        try:
            return self.calm()
        except (AssertionError, ProcessLookupError):
            if self.process.poll() is None:
                raise
            return None

    def ready(self) -> dict[str, Any]:
        """Wait until the first run has ended."""
        self.until(f"{len(STEP_IDS)} steps run")
        return self.calm()
