"""The exit codes, an interface for scripts; DONE and NOT_DONE read differently by command."""

from wizard.safety.errors import UsageError, WizardError

DONE = 0
"""Done; for `check`: no cause is confirmed or likely."""

CAUSE_FOUND = 1
"""`check`: a cause is confirmed or likely."""

NOT_DONE = 1
"""Any other command: what was asked for was not done, and nothing was lost."""

USAGE = 2
"""Wrong usage; for `check`: no cause, and a log that was named could not be understood."""

UNREACHABLE = 3
"""The server could not be reached; for `check`: and no log told why."""

INTERNAL = 70
"""Something in the wizard itself failed (EX_SOFTWARE of sysexits.h)."""

INTERRUPTED = 130
"""SIGINT, as a shell counts it: 128 + 2."""


def code_of(error: BaseException) -> int:
    """The exit code of an error that ended a command."""
    from wizard.case.case_file import CaseFileError
    from wizard.hosts.protocol import HostError
    from wizard.safety.private_file import CannotWriteError
    from wizard.server.session import ServerError

    match error:
        case UsageError() | CaseFileError() | CannotWriteError():
            return USAGE
        case HostError() | ServerError():
            return UNREACHABLE
        case WizardError():
            return NOT_DONE
        case _:
            return INTERNAL
