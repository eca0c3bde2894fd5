"""What a host can do. LocalHost answers here; a remote host answers the same calls.

Metrics have psutil's names and shapes, so that a step cannot tell where they came from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol

from wizard.hosts.sifting import Cells, Sifted, Stretch, Wanted
from wizard.safety.errors import WizardError

SERVER_NAMES = frozenset({"mysqld", "mariadbd", "mysqld-debug", "mysqld.bin"})
"""Names of a server's process; `mysqld.bin` is what Bitnami's images run."""


class HostError(WizardError):
    """A command or file could not be had; the message is one line for the operator."""


class NotPermitted(HostError):
    """The account on the host may not do this; the message names what would allow it."""


class NotFound(HostError):
    """No such file or command."""


class Unfinished(HostError):
    """A command began and came to no end; the message says why."""


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
    `listening` holds TCP ports and `sockets` Unix socket paths as the process sees them; both
    are empty where this account may not look, and for a network namespace of its own. `state` is
    psutil's name of its status where it runs no instruction: stopped, tracing-stop.
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
    sockets: tuple[str, ...] = ()
    state: str = ""


@dataclass(frozen=True, slots=True)
class VirtualMemory:
    """psutil.virtual_memory(): bytes, and `percent` in use."""

    total: int
    available: int
    percent: float
    used: int
    free: int


@dataclass(frozen=True, slots=True)
class SwapMemory:
    """psutil.swap_memory(): bytes; `sin` and `sout` count since boot."""

    total: int
    used: int
    free: int
    percent: float
    sin: int
    sout: int


@dataclass(frozen=True, slots=True)
class CpuTimesPercent:
    """psutil.cpu_times_percent() over the sample: percent of all processors together."""

    user: float
    system: float
    idle: float
    iowait: float = 0.0
    steal: float = 0.0


@dataclass(frozen=True, slots=True)
class DiskUsage:
    """psutil.disk_usage() of the file system that holds `path`, and its inodes (statvfs).

    `free` and `inodes_free` are what an ordinary account may still take. `inodes_total` is 0
    on a file system that has no fixed number of them (btrfs). `device` tells file systems
    apart (st_dev).
    """

    path: str
    total: int
    used: int
    free: int
    percent: float
    inodes_total: int
    inodes_free: int
    device: int = 0


@dataclass(frozen=True, slots=True)
class DiskIoCounters:
    """psutil.disk_io_counters(), all disks together, since boot; times in milliseconds."""

    read_count: int
    write_count: int
    read_bytes: int
    write_bytes: int
    read_time: int
    write_time: int


@dataclass(frozen=True, slots=True)
class NetIoCounters:
    """psutil.net_io_counters(), all interfaces together, since boot."""

    bytes_sent: int
    bytes_recv: int
    packets_sent: int
    packets_recv: int
    errin: int
    errout: int
    dropin: int
    dropout: int


@dataclass(frozen=True, slots=True)
class HostMetrics:
    """One look at a machine, in psutil's names.

    `at` and `boot_time` are epoch seconds by the host's clock; `interval` is the length of the
    sample in seconds. `cpu_times_percent`, `swapped_in` and `swapped_out` (bytes) are over that
    sample. `disk_usage` holds only the paths that exist and may be looked at.
    """

    at: float
    interval: float
    boot_time: float
    cpu_count: int
    getloadavg: tuple[float, float, float]
    cpu_times_percent: CpuTimesPercent
    virtual_memory: VirtualMemory
    swap_memory: SwapMemory
    swapped_in: int
    swapped_out: int
    disk_usage: tuple[DiskUsage, ...] = ()
    disk_io_counters: DiskIoCounters | None = None
    net_io_counters: NetIoCounters | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file that is asked for next: its last `limit` bytes, and what stat says of it."""

    path: str
    limit: int = 1 << 16


@dataclass(frozen=True, slots=True)
class Command:
    """A command that is asked for next. `instead` is asked only where the one before it in the
    list ended with an error."""

    words: tuple[str, ...]
    limit: int = 1 << 20
    instead: bool = False


@dataclass(frozen=True, slots=True)
class Prefetch:
    """What is asked of a host next, so that a remote one brings it in the same round trip. It
    changes no answer: what did not come along is asked for when it is wanted. Of `directories`
    the names come, and what stat says of the first of them; of `listings` the names alone, and
    only where the account may read them without help."""

    files: tuple[File, ...] = ()
    stats: tuple[str, ...] = ()
    directories: tuple[str, ...] = ()
    listings: tuple[str, ...] = ()
    commands: tuple[Command, ...] = ()


NOTHING_ALONG = Prefetch()


class FileChanged(HostError):
    """The file is not as it was seen; nothing was changed."""


@dataclass(frozen=True, slots=True)
class ByteEdit:
    """A change of one file. `before` and `after` are SHA-256 in hexadecimal, None where there is
    no file. `added` goes to its end; else the bytes from `start` to `end` are taken out. A folder
    that ends in `.service.d` comes and goes with its only file (systemd.unit(5))."""

    path: str
    before: str | None
    after: str | None
    added: bytes = b""
    start: int = 0
    end: int = 0


class Host(Protocol):
    """One machine. Every call is bounded in time and size and raises HostError only.

    Commands run without a shell, with LC_ALL=C.UTF-8 and TZ=UTC.
    """

    @property
    def label(self) -> str: ...

    def run(
        self, command: Sequence[str], timeout: float = 10.0, limit: int = 1 << 20
    ) -> CommandResult: ...

    def stat(self, path: PurePath | str) -> FileStat: ...

    def list_dir(self, path: PurePath | str) -> tuple[str, ...]: ...

    def read(self, path: PurePath | str, offset: int = 0, length: int = 1 << 20) -> bytes: ...

    def read_blocks(
        self, path: PurePath | str, offsets: Sequence[int], length: int
    ) -> tuple[bytes, ...]:
        """Up to `length` bytes from each of `offsets`, at once; both are multiples of 512."""
        ...

    def cells(
        self, path: PurePath | str, unpack: str, checkpoint: Callable[[], None] = lambda: None
    ) -> Cells:
        """Where in a compressed file which time is; `unpack` is one of UNPACK. All of it is
        unpacked for that: `checkpoint` is called often, and may raise to stop."""
        ...

    def read_unpacked(
        self,
        path: PurePath | str,
        unpack: str,
        offset: int,
        length: int,
        checkpoint: Callable[[], None] = lambda: None,
    ) -> bytes: ...

    def sift(self, stretch: Stretch, wanted: Wanted) -> Sifted | None:
        """The lines of interest, picked out where the log lies; None where reading all of it
        costs nothing, so that the caller had better do so."""
        ...

    def sift_output(self, command: Sequence[str], earlier: bool, wanted: Wanted) -> Sifted | None:
        """The same of what a log's command writes, to both of its streams. `earlier`: all of it
        comes before the window, so that only the server's life is asked for."""
        ...

    def run_python(
        self, path: PurePath | str, code: str, given: bytes, say: Callable[[str], None]
    ) -> bytes | None:
        """What Python `code` answers that runs there and reads this file; None where it cannot, or
        where there is no need, as the file is here. `given` is what it finds on stdin."""
        ...

    def server_processes(self) -> tuple[ServerProcess, ...]: ...

    def metrics(
        self, paths: Sequence[PurePath | str] = (), along: Prefetch = NOTHING_ALONG
    ) -> HostMetrics:
        """Takes up to a second: processor and swap activity are sampled."""
        ...

    def bring(self, along: Prefetch) -> None:
        """Fetch in one round trip what is asked next. Never raises for what cannot be had."""
        ...
