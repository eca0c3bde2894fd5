"""A compressed log file: it cannot be searched, so it is unpacked once to note its times."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath

from wizard.hosts.protocol import Host
from wizard.logs.engine.block import BLOCK, Block
from wizard.logs.engine.line_ends import Readable, ReturnsAsFeeds, ends_in_returns
from wizard.logs.engine.log_file import LOOK_BACK, LogFile
from wizard.logs.engine.stamps import Clock
from wizard.logs.engine.whole_lines import Count, line_feeds

_PIECE = 1 << 20
_HEAD = 4096

Checkpoint = Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Unpacking:
    """Reads behind the program that unpacks, for all that reads a plain file."""

    host: Host
    unpack: str
    checkpoint: Checkpoint

    def read(self, path: PurePath | str, offset: int = 0, length: int = _PIECE) -> bytes:
        return self.host.read_unpacked(path, self.unpack, offset, length, self.checkpoint)

    def read_blocks(
        self, path: PurePath | str, offsets: Sequence[int], length: int
    ) -> tuple[bytes, ...]:
        return tuple(self.read(path, offset, length) for offset in offsets)


@dataclass(frozen=True, slots=True)
class PackedLog:
    """As LogFile; offsets and sizes are those of the unpacked text."""

    host: Host
    path: str
    unpack: str
    size: int
    times: tuple[tuple[int, datetime], ...]
    clock: Clock
    complaint: str = ""
    checkpoint: Checkpoint = lambda: None
    has_returns: bool = False

    @classmethod
    def open(
        cls,
        host: Host,
        path: str,
        unpack: str,
        clock: Clock,
        checkpoint: Checkpoint = lambda: None,
    ) -> "PackedLog":
        """Raises HostError where the file cannot be read or unpacked."""
        cells = host.cells(path, unpack, checkpoint)
        told = ((offset, clock(line)) for offset, line in cells.lines)
        times = tuple((offset, at) for offset, at in told if at is not None)
        log = cls(host, path, unpack, cells.size, times, clock, cells.complaint, checkpoint)
        # The first line of a log without line feeds is all of it.
        if not any(b"\r" in line.rstrip() for _, line in cells.lines[:1]):
            return log
        return log._with_line_feeds()

    def _with_line_feeds(self) -> "PackedLog":
        """The same where it ends its lines in carriage returns alone, else itself."""
        head = self.host.read_unpacked(self.path, self.unpack, 0, _HEAD, self.checkpoint)
        if not ends_in_returns(head):
            return self
        log = replace(self, has_returns=True)
        first = log._plain.first_time()
        return replace(log, times=() if first is None else ((0, first),))

    @property
    def remark(self) -> str:
        """Why not all of it could be read, or empty."""
        return f"{self.path} is damaged or cut: {self.complaint}" if self.complaint else ""

    def cut_meanwhile(self) -> str:
        """As LogFile's; nobody empties a packed file."""
        return ""

    def seek(self, moment: datetime, checkpoint: Callable[[], None] = lambda: None) -> int:
        """The offset of the first stamped line that is not before `moment`; the size if none."""
        checkpoint()
        later = bisect_left(self.times, moment, key=lambda cell: cell[1])
        if later == 0:
            return 0
        low = self.times[later - 1][0]
        high = self.times[later][0] if later < len(self.times) else self.size
        for block in self._plain.blocks(low, high):
            checkpoint()
            at = block.offset
            for line in block.data.split(b"\n"):
                told = self.clock(line)
                if told is not None and told >= moment:
                    return at
                at += len(line) + 1
        return high

    def first_time(self) -> datetime | None:
        return self.times[0][1] if self.times else None

    def line_number(self, offset: int) -> int | None:
        return self._plain.line_number(offset)

    def blocks(
        self,
        begin: int,
        end: int,
        line: int | None = None,
        length: int = BLOCK,
        count: Count = line_feeds,
    ) -> Iterator[Block]:
        return self._plain.blocks(begin, end, line, length, count)

    def previous(self, offset: int, texts: Sequence[bytes]) -> int:
        """As LogFile's; read forward, as going back means to unpack all anew."""
        reach = max(0, offset - LOOK_BACK)
        data = self._plain.host.read(self.path, reach, offset - reach)
        hit = max(data.rfind(text) for text in texts)
        if hit >= 0:
            return reach + data.rfind(b"\n", 0, hit) + 1
        return reach + data.find(b"\n") + 1 if reach else 0

    @property
    def _plain(self) -> LogFile:
        unpacking: Readable = _Unpacking(self.host, self.unpack, self.checkpoint)
        if self.has_returns:
            unpacking = ReturnsAsFeeds(unpacking)
        return LogFile(unpacking, self.path, self.size, self.clock)
