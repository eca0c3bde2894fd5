"""What a command needs from a user interface. `cli.py` hands it on as `args.front`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from wizard.case.case import Case
from wizard.investigation.begin import Beginning
from wizard.target.flags import TargetArguments

if TYPE_CHECKING:
    from wizard.fleet.table import Fleet


class Front(Protocol):
    """Each call returns the exit code once the operator leaves."""

    def live(self, beginning: Beginning) -> int: ...

    def saved(self, case: Case, path: str) -> int: ...

    def fleet(self, fleet: Fleet, directory: Path) -> int: ...

    def ask(self, arguments: TargetArguments) -> int:
        """Let the operator say which server."""
        ...
