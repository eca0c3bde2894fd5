"""A short command on the database host that only root may run."""

from collections.abc import Sequence

from wizard.hosts.protocol import CommandResult, Host
from wizard.safety.sanitize import sanitize

COMMAND_TIME = 60.0

_NO_WAY = 126
"""There is no sudo, or it said no before."""


class CommandFailed(Exception):
    """It ended with an error; the message is one line."""


def as_root(host: Host, command: Sequence[str], seconds: float = COMMAND_TIME) -> None:
    """With sudo over SSH; here the wizard itself has to be root. Raises CommandFailed,
    HostError."""
    from wizard.hosts.remote.host import SshHost

    if isinstance(host, SshHost):
        done = host.run_as_root(command, seconds)
    else:
        done = host.run(command, seconds)
    if done.exit_code != 0:
        said = sanitize((done.stderr or done.stdout).strip(), 300) or f"exit {done.exit_code}"
        raise CommandFailed(f"{' '.join(command)} failed: {said} (it needs root, or sudo there)")


def as_root_where_possible(host: Host, command: Sequence[str], seconds: float) -> CommandResult:
    """What only reads, and sees more as root: with sudo over SSH, else as this account. Raises
    HostError."""
    from wizard.hosts.remote.host import SshHost

    if isinstance(host, SshHost):
        done = host.run_as_root(command, seconds)
        # sudo has its own words also where it was content, such as of a name that it cannot find.
        refused = done.exit_code == _NO_WAY or "sudo: " in done.stderr
        if done.exit_code == 0 or not refused:
            return done
    return host.run(command, seconds)
