"""Finds a time in a log file by search, and reads whole lines from there.

Each round looks at many places at once: over SSH a round trip costs more than the bytes.

The file's times are taken to rise. Lines without a stamp (stack traces, long statements) are
passed over forward.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host, HostError
from wizard.logs.engine.block import BLOCK, Block
from wizard.logs.engine.line_ends import (
    Readable,
    ReturnsAsFeeds,
    as_line_feeds,
    ends_in_returns,
)
from wizard.logs.engine.stamps import Clock
from wizard.logs.engine.whole_lines import Count, WholeLines, line_feeds
from wizard.logs.engine.wide_text import why_wide, wide_encoding

CHUNK = 1 << 20
"""Bytes of one read while something is sought."""

_PROBE = 64 << 10
_EDGE = 4096
_ALIGN = 512
_GLANCE = 1024
_FAN = 24
_NEAR = 4096
"""Bytes that are read at once: of a file's ends, and at each of `_FAN` places until the stretch
that holds the time is at most `_NEAR` long."""

_UNSTAMPED = 4 << 20
"""Bytes without a single stamp that are passed over before the search gives up."""

LOOK_BACK = 16 << 20
"""Bytes before the window that are searched for the previous start."""

NUMBERED = 16 << 20
"""Bytes that are read only to count the lines before the window."""

EMPTIED = "was emptied while it was read (copytruncate?): what had not been read yet is not in this"


@dataclass(frozen=True, slots=True)
class LogFile:
    """One plain log file on a host; `size` is taken once, so that a growing log has an end."""

    host: Readable
    path: str
    size: int
    clock: Clock

    head: bytes = b""
    tail: bytes = b""

    @classmethod
    def open(cls, host: Host, path: str, clock: Clock) -> "LogFile":
        """Raises HostError where the file cannot be read."""
        held = host.hold(path) if isinstance(host, LocalHost) else None
        reader: Readable = held or host
        size = held.size if held else host.stat(path).size
        end = max(0, size - _EDGE) // _ALIGN * _ALIGN
        head, tail = reader.read_blocks(path, (0, end), _EDGE + _ALIGN)
        if encoding := wide_encoding(head[:size]):
            raise HostError(f"{path} {why_wide(encoding)}")
        if ends_in_returns(head[:size] + tail):
            reader, head, tail = ReturnsAsFeeds(reader), as_line_feeds(head), as_line_feeds(tail)
        return cls(reader, path, size, clock, head[:size], tail[: size - end])

    def seek(self, moment: datetime, checkpoint: Callable[[], None] = lambda: None) -> int:
        """The offset of the first stamped line that is not before `moment`; the size if none."""
        newest = self._newest()
        if newest is not None and newest < moment:
            return self.size
        low, high = 0, self.size
        while high - low > _NEAR:
            checkpoint()
            told = self._narrowed(low, high, moment, _evenly(low, high))
            if told is None and high - low > _UNSTAMPED:
                told = self._narrowed(low, high, moment, _at_both_ends(low, high))
            if told is not None:
                low, high = told
            elif high - low > _UNSTAMPED:
                if (found := self._first_near(low, moment)) is not None:
                    return found
                low = high - _UNSTAMPED
            else:
                low, high = self._halved(low, high, moment)
        return self._first_from(low, min(self.size, high + _UNSTAMPED), moment)

    def cut_meanwhile(self) -> str:
        """Why not all that stood there was read, or empty.

        A file that was emptied begins and ends otherwise, whatever was written to it since.
        """
        end = self.size - len(self.tail)
        try:
            found = self.host.read_blocks(self.path, (0, end), _EDGE + _ALIGN)
        except HostError as error:
            return f"{self.path} was gone before it was read to its end: {error}"
        same = all(map(bytes.startswith, found, (self.head, self.tail)))
        return "" if same else f"{self.path} {EMPTIED}"

    def _newest(self) -> datetime | None:
        """The time of the last stamped line, whole or not, if it lies in the file's last bytes."""
        lines = self.tail.split(b"\n") if len(self.tail) < self.size else []
        for line in reversed(lines[1:]):
            told = self.clock(line)
            if told is not None:
                return told
        return None

    def _narrowed(
        self, low: int, high: int, moment: datetime, points: Sequence[int]
    ) -> tuple[int, int] | None:
        """The stretch after one look at some places in it; None if that told nothing."""
        begin = low
        blocks = self.host.read_blocks(self.path, points, _GLANCE)
        for point, block in zip(points, blocks, strict=True):
            found = _first_stamp(block, block.find(b"\n") + 1, self.clock)
            if found is None:
                continue
            if found[1] >= moment or point + found[0] >= high:
                return low, point
            low = point + found[0]
        return None if low == begin else (low, high)

    def _first_near(self, low: int, moment: datetime) -> int | None:
        """The line that is sought, if it comes soon after the line at `low`."""
        at = low
        for line in self._bytes(low, 2 * _NEAR).split(b"\n")[:-1]:
            told = self.clock(line)
            if told is not None and told >= moment:
                return at
            at += len(line) + 1
        return None

    def _halved(self, low: int, high: int, moment: datetime) -> tuple[int, int]:
        """The same by one look in the middle, however far from there the next stamp is."""
        middle = (low + high) // 2
        found = self._stamped_from(middle, high)
        if found is None or found[0] >= high or found[1] >= moment:
            return low, middle
        return found[0], high

    def previous(self, offset: int, texts: Sequence[bytes]) -> int:
        """The offset of the newest line with one of `texts` before `offset`.

        Within LOOK_BACK; else the offset of the first whole line in that reach.
        """
        reach = max(0, offset - LOOK_BACK)
        end = offset
        while end > reach:
            begin = max(reach, end - CHUNK)
            data = self.host.read(self.path, begin, min(end + 200, offset) - begin)
            hit = max(data.rfind(text) for text in texts)
            if hit >= 0:
                return begin + data.rfind(b"\n", 0, hit) + 1
            end = begin
        return self.line_start(reach) if reach else 0

    def line_number(self, offset: int) -> int | None:
        """The number of the line at `offset`, or None where counting would cost too much."""
        if offset > NUMBERED:
            return None
        return 1 + sum(
            self.host.read(self.path, at, min(CHUNK, offset - at)).count(b"\n")
            for at in range(0, offset, CHUNK)
        )

    def blocks(
        self,
        begin: int,
        end: int,
        line: int | None = None,
        length: int = BLOCK,
        count: Count = line_feeds,
    ) -> Iterator[Block]:
        """Whole lines from `begin` to `end`, about `length` bytes at a time.

        `begin` is line number `line`, and `count` numbers those that follow; of a line longer
        than LONGEST only that much.
        """
        lines = WholeLines(self.path, begin, line, count)
        at = begin
        while at < end and (data := self.host.read(self.path, at, min(length, end - at))):
            at += len(data)
            yield from lines.add(data)
        yield from lines.last()

    def first_time(self) -> datetime | None:
        if (near := _first_stamp(b"\n" + self.head, 1, self.clock)) is not None:
            return near[1]
        found = self._stamped_from(0, self.size, whole=True)
        return None if found is None else found[1]

    def stamped_after(self, offset: int, limit: int) -> int:
        """Where the first line with a time begins after `offset`; `limit` if none does before."""
        found = self._stamped_from(offset, limit)
        return limit if found is None else min(limit, found[0])

    def line_start(self, offset: int) -> int:
        """Where the first line after `offset` begins."""
        end = self._bytes(offset, _NEAR).find(b"\n")
        if end < 0:
            end = self._bytes(offset, _PROBE).find(b"\n")
        return offset + end + 1

    def _stamped_from(
        self, offset: int, limit: int, whole: bool = False
    ) -> tuple[int, datetime] | None:
        """The first stamped line that begins after `offset` (at it, if `whole`)."""
        skip = not (whole or offset == 0)
        stop = min(limit, offset + _UNSTAMPED)
        length = _PROBE
        while offset < stop:
            data = self._bytes(offset, length)
            length = min(CHUNK, 2 * length)
            if not data:
                return None
            at = data.find(b"\n") + 1 if skip else 0
            while at < len(data) and not (skip and not at):
                end = data.find(b"\n", at)
                told = self.clock(data[at : end if end >= 0 else len(data)])
                if told is not None:
                    return offset + at, told
                if end < 0:
                    break
                at = end + 1
            # A line that the block cuts is read again from its start; one longer than a
            # block is passed over.
            skip = not 0 < at < len(data)
            offset += len(data) if skip else at
            if at == len(data):
                skip = False
        return None

    def _bytes(self, offset: int, length: int) -> bytes:
        """As a block, which over SSH comes packed."""
        lead = offset % _ALIGN
        size = (lead + length + _ALIGN - 1) // _ALIGN * _ALIGN
        (block,) = self.host.read_blocks(self.path, (offset - lead,), size)
        return block[lead : lead + length]

    def _first_from(self, offset: int, limit: int, moment: datetime) -> int:
        """Line by line from `offset`, a line's start; reads little first, as it is near."""
        rest, length = b"", 2 * _NEAR
        while offset + len(rest) < limit:
            at = offset + len(rest)
            data = self._bytes(at, min(length, limit - at))
            if not data:
                break
            length = min(CHUNK, length * 8)
            *whole, rest = (rest + data).split(b"\n")
            if not whole and len(rest) >= CHUNK:
                whole, rest = [rest], b""
            for line in whole:
                told = self.clock(line)
                if told is not None and told >= moment:
                    return offset
                offset += len(line) + 1
        last = self.clock(rest)
        return offset if last is not None and last >= moment else self.size


def _evenly(low: int, high: int) -> tuple[int, ...]:
    step = (high - low) / (_FAN + 1)
    return _aligned((int(low + step * (i + 1)) for i in range(_FAN)), low, high)


def _at_both_ends(low: int, high: int) -> tuple[int, ...]:
    """Places ever farther from both ends of a stretch.

    Between them lies a long one without a stamp, such as the zero bytes that `copytruncate` leaves
    behind.
    """
    steps = [_NEAR << i for i in range((high - low).bit_length() - _NEAR.bit_length())]
    return _aligned((*(low + s for s in steps), *(high - s for s in steps)), low, high)


def _aligned(places: Iterable[int], low: int, high: int) -> tuple[int, ...]:
    points = {place // _ALIGN * _ALIGN for place in places}
    return tuple(sorted(p for p in points if low < p < high))


def _first_stamp(block: bytes, at: int, clock: Clock) -> tuple[int, datetime] | None:
    """The first whole stamped line of `block` from `at` on, where a line begins, and its time."""
    while at and (end := block.find(b"\n", at)) >= 0:
        if (told := clock(block[at:end])) is not None:
            return at, told
        at = end + 1
    return None
