"""How large a captured log has grown, as the guard sees it beside the wizard.

A wizard that is stopped (Ctrl-Z, a debugger) watches nothing, and its guard is all that bounds
the log.
"""

import os
from contextlib import suppress
from pathlib import Path

from wizard.capture.bounds import bounds_of
from wizard.capture.plan import CapturePlan, Where
from wizard.capture.reach import free_bytes
from wizard.capture.switch import Switch
from wizard.capture.table_part import Received, grown
from wizard.safety.errors import WizardError


class Growth:
    """One capture's. Made before the log is on."""

    def __init__(self, plan: CapturePlan, switch: Switch) -> None:
        self._plan, self._switch = plan, switch
        self._file: int | None = None
        self._before: Received | None = None
        with suppress(WizardError):
            self._before = switch.received() if plan.where is Where.TABLE else None
        self._bounds = bounds_of(plan.max_bytes, self._free())

    def watch(self, path: str) -> None:
        """The file that the wizard holds, which has no name any more (proc_pid_fd(5))."""
        with suppress(OSError):
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def reached(self) -> str:
        """Which bound the log has reached; empty where none, or where that cannot be told."""
        with suppress(OSError, WizardError):
            return self._bounds.reached(self._size(), self._free())
        return ""

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _size(self) -> int | None:
        if self._plan.where is Where.TABLE:
            return grown(self._plan.kind, self._before, self._switch.received())
        size = 0 if self._file is None else os.fstat(self._file).st_size
        with suppress(FileNotFoundError):
            # Made anew after FLUSH LOGS, and not taken by a wizard that is stopped.
            size += Path(self._plan.own_file).stat().st_size
        return size

    def _free(self) -> int | None:
        own = self._plan.own_file
        return free_bytes(str(Path(own).parent)) if own else None
