"""The server's own judgement of its option files, without starting it.

`mysqld --validate-config` (MySQL 8.0.16 and later) and `mariadbd --help --verbose` read the files
and end; each names an option that it does not know.
"""

from collections.abc import Callable
from dataclasses import dataclass

from wizard.hosts.protocol import CommandResult, Host, HostError, ServerProcess
from wizard.hosts.server_process import command_line
from wizard.remedies.as_root import as_root_where_possible
from wizard.safety.sanitize import sanitize
from wizard.server.session import ServerInfo

CHECK_TIME = 60.0
"""Seconds: the server loads its plugins and time zones for it."""

_FIRST = ("defaults_file", "defaults_extra_file", "defaults_group_suffix")
"""Options that have to come first, in this order."""


@dataclass(frozen=True, slots=True)
class OptionCheck:
    """A command that fails where the option files are wrong."""

    command: tuple[str, ...]

    def complaint(self, host: Host) -> str:
        """What the server says against its files, or "". Raises HostError where it cannot be
        asked."""
        done = _run(host, self.command)
        if done.exit_code == 0:
            return ""
        lines = [line for line in done.stderr.splitlines() if "[ERROR]" in line or "rror:" in line]
        said = sanitize((lines or done.stderr.splitlines() or ["no reason given"])[0], 300)
        if done.exit_code in _NOT_RUN:
            raise HostError(f"it cannot be run: {said}")
        return f"{self.command[0]}: {said}"


def _run(host: Host, command: tuple[str, ...]) -> CommandResult:
    """As root where that can be: option files may be closed to others, and so is chroot(8)."""
    # The pages of help on standard output are nobody's reading.
    quiet = ("sh", "-c", 'exec "$@" >/dev/null', "sh", *command)
    return as_root_where_possible(host, quiet, CHECK_TIME)


_NOT_RUN = frozenset({125, 126, 127})
"""chroot(8) itself failed, or the shell or sudo found no way to the program."""

Check = Callable[[], str]


def check_of(info: ServerInfo, process: ServerProcess) -> OptionCheck | None:
    """How to have this server judge its files; None where it cannot."""
    if not process.cmdline or not process.cmdline[0].startswith("/"):
        return None
    arguments = command_line(process)
    first = [f"--{n.replace('_', '-')}={arguments[n]}" for n in _FIRST if n in arguments]
    inside = ("chroot", process.root) if process.root != "/" else ()
    if info.is_mariadb:
        last = ["--help", "--verbose"]
    elif info.numbers >= (8, 0, 16):
        last = ["--validate-config", *([f"--user={process.username}"] if process.username else [])]
    else:
        return None
    return OptionCheck((*inside, process.cmdline[0], *first, *last))
