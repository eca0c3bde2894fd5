"""A host made of tables: what each command prints and each file holds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

from wizard.hosts.protocol import (
    NOTHING_ALONG,
    CommandResult,
    CpuTimesPercent,
    DiskUsage,
    FileStat,
    HostError,
    HostMetrics,
    NotFound,
    Prefetch,
    ServerProcess,
    SwapMemory,
    VirtualMemory,
)
from wizard.hosts.sifting import Cells, Stretch, Wanted

GIB = 1 << 30
NOW = 1_790_000_000.0
"""2026-09-21T14:13:20Z"""

CALM = HostMetrics(
    at=NOW,
    interval=0.5,
    boot_time=NOW - 30 * 86400,
    cpu_count=4,
    getloadavg=(0.5, 0.4, 0.3),
    cpu_times_percent=CpuTimesPercent(user=5.0, system=2.0, idle=93.0),
    virtual_memory=VirtualMemory(16 * GIB, 8 * GIB, 50.0, 8 * GIB, 4 * GIB),
    swap_memory=SwapMemory(4 * GIB, 3 * GIB, GIB, 75.0, 10 * GIB, 12 * GIB),
    swapped_in=0,
    swapped_out=0,
)


class TableHost:
    """`commands` are looked up by their words joined with a blank, the longest beginning first;
    an answer is stdout, a CommandResult, or the error to raise."""

    label = "table"

    def __init__(
        self,
        commands: Mapping[str, str | CommandResult | HostError] | None = None,
        files: Mapping[str, str] | None = None,
        processes: tuple[ServerProcess, ...] | HostError = (),
        metrics: HostMetrics = CALM,
        disks: Mapping[str, DiskUsage] | None = None,
        mtimes: Mapping[str, float] | None = None,
    ) -> None:
        self.commands = dict(commands or {})
        self.files = dict(files or {})
        self.processes = processes
        self.measured = metrics
        self.disks = dict(disks or {})
        self.mtimes = dict(mtimes or {})
        self.ran: list[tuple[str, ...]] = []
        self.brought: list[Prefetch] = []

    def run(
        self, command: Sequence[str], timeout: float = 10.0, limit: int = 1 << 20
    ) -> CommandResult:
        assert timeout <= 30.0
        assert limit <= 64 << 20
        self.ran.append(tuple(command))
        line = " ".join(command)
        for words in sorted(self.commands, key=len, reverse=True):
            if line == words or line.startswith(words + " "):
                return self._answer(self.commands[words])
        raise NotFound(f"no such command: {command[0]}")

    @staticmethod
    def _answer(answer: str | CommandResult | HostError) -> CommandResult:
        if isinstance(answer, HostError):
            raise answer
        return CommandResult(0, answer, "") if isinstance(answer, str) else answer

    def stat(self, path: PurePath | str) -> FileStat:
        if str(path) in self.mtimes:
            return FileStat(0, self.mtimes[str(path)])
        if str(path) not in self.files:
            raise NotFound(f"{path} does not exist")
        return FileStat(len(self.files[str(path)]), NOW)

    def list_dir(self, path: PurePath | str) -> tuple[str, ...]:
        names = tuple(PurePath(p).name for p in self.mtimes if str(PurePath(p).parent) == str(path))
        if not names:
            raise NotFound(f"{path} does not exist")
        return names

    def read(self, path: PurePath | str, offset: int = 0, length: int = 1 << 20) -> bytes:
        if str(path) not in self.files:
            raise NotFound(f"{path} does not exist")
        return self.files[str(path)].encode()[offset : offset + length]

    def read_blocks(
        self, path: PurePath | str, offsets: Sequence[int], length: int
    ) -> tuple[bytes, ...]:
        return tuple(self.read(path, offset, length) for offset in offsets)

    def cells(
        self,
        path: PurePath | str,
        unpack: str,
        checkpoint: Callable[[], None] = lambda: None,  # noqa: ARG002 - it has none
    ) -> Cells:
        raise NotFound(f"{path} does not exist ({unpack})")

    def read_unpacked(
        self,
        path: PurePath | str,
        unpack: str,
        offset: int,
        length: int,
        checkpoint: Callable[[], None] = lambda: None,  # noqa: ARG002 - it has none
    ) -> bytes:
        raise NotFound(f"{path} does not exist ({unpack}, {offset}, {length})")

    def sift(self, stretch: Stretch, wanted: Wanted) -> None:
        """All of its files are at hand."""

    def sift_output(self, command: Sequence[str], earlier: bool, wanted: Wanted) -> None:
        """As `sift`."""

    def run_python(
        self, path: PurePath | str, code: str, given: bytes, say: Callable[[str], None]
    ) -> None:
        """It has none."""

    def server_processes(self) -> tuple[ServerProcess, ...]:
        if isinstance(self.processes, HostError):
            raise self.processes
        return self.processes

    def metrics(
        self, paths: Sequence[PurePath | str] = (), along: Prefetch = NOTHING_ALONG
    ) -> HostMetrics:
        self.brought.append(along)
        usages = tuple(self.disks[str(p)] for p in paths if str(p) in self.disks)
        return replace(self.measured, disk_usage=usages)

    def bring(self, along: Prefetch) -> None:
        self.brought.append(along)


def disk(path: str, free: int, total: int = 100 * GIB, inodes_free: int = 1_000_000) -> DiskUsage:
    used = total - free
    return DiskUsage(path, total, used, free, 100 * used / total, 2_000_000, inodes_free)
