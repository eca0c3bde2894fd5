"""Why an SSH connection did not come about or broke: one clear line each, with what to try."""

from enum import StrEnum

from wizard.hosts.protocol import HostError
from wizard.safety.sanitize import sanitize


class SshFailure(StrEnum):
    """Failures that an operator can tell apart."""

    SETTINGS = "settings"
    NAME = "name"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    NOT_SSH = "not-ssh"
    NO_COMMON_METHOD = "no-common-method"
    PROXY = "proxy"
    HOST_KEY_UNKNOWN = "host-key-unknown"
    HOST_KEY_CHANGED = "host-key-changed"
    HOST_KEY_REVOKED = "host-key-revoked"
    HOST_CERTIFICATE = "host-certificate"
    NO_KEY_ACCEPTED = "no-key-accepted"
    WRONG_PASSWORD = "wrong-password"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    NO_SHELL = "no-shell"
    LOST = "lost"


class SshError(HostError):
    """The message holds what happened and what to try; `kind` tells failures apart."""

    def __init__(self, kind: SshFailure, message: str, advice: str = "") -> None:
        super().__init__(sanitize(f"{message}; {advice}" if advice else message))
        self.kind = kind
        self.advice = sanitize(advice)


class NoShell(SshError):
    """The account is let in, and may run nothing."""

    def __init__(self, who: str, said: str) -> None:
        super().__init__(
            SshFailure.NO_SHELL,
            f"{who} may not run commands{f' ({said})' if said else ''}",
            "the account needs a shell that prints nothing of its own, and no ForceCommand "
            "(MaxSessions above 1)",
        )
