"""What a host can do. LocalHost answers here; a remote host answers the same calls.

Metrics have psutil's names and shapes, so that a step cannot tell where they came from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol


class HostError(Exception):
    """A command or file could not be had; the message is one line for the operator."""


class NotPermitted(HostError):
    """The account on the host may not do this; the message names what would allow it."""


class NotFound(HostError):
    """No such file or command."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """Output is decoded and bounded; `truncated` says that a limit cut it."""

    exit_code: int
    stdout: str
    stderr: str
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class FileStat:
    """`size` in bytes, `mtime` in seconds since the epoch."""

    size: int
    mtime: float
    is_dir: bool = False


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A running mysqld or mariadbd. Sizes in bytes, `create_time` in epoch seconds.

    `root` is the process's own file system root where it differs from ours (`/proc/PID/root`
    of a container or chroot), else `/`. None means that this account could not see it.
    """

    pid: int
    name: str
    cmdline: tuple[str, ...] = ()
    create_time: float | None = None
    rss: int | None = None
    num_fds: int | None = None
    max_fds: int | None = None
    num_threads: int | None = None
    username: str | None = None
    root: str = "/"
    listening: tuple[int, ...] = ()


class Host(Protocol):
    """One machine. Every call is bounded in time and size and raises HostError only."""

    @property
    def label(self) -> str: ...

    def run(
        self, command: Sequence[str], timeout: float = 10.0, limit: int = 1 << 20
    ) -> CommandResult: ...

    def stat(self, path: PurePath | str) -> FileStat: ...

    def list_dir(self, path: PurePath | str) -> tuple[str, ...]: ...

    def read(self, path: PurePath | str, offset: int = 0, length: int = 1 << 20) -> bytes: ...

    def server_processes(self) -> tuple[ServerProcess, ...]: ...
