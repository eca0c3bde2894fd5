"""What a command needs from a user interface. `cli.py` hands it on as `args.front`."""

from typing import Protocol

from wizard.case.case import Case
from wizard.investigation.begin import Beginning
from wizard.target.flags import TargetArguments


class Front(Protocol):
    """Each call returns the exit code once the operator leaves."""

    def live(self, beginning: Beginning) -> int: ...

    def saved(self, case: Case, path: str) -> int: ...

    def ask(self, arguments: TargetArguments) -> int:
        """Let the operator say which server."""
        ...
