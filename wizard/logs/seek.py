"""Finds a time in a log file by binary search, and reads whole lines from there.

The file's times are taken to rise. Lines without a stamp (stack traces, long statements) are
passed over forward.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from wizard.hosts.base import Host
from wizard.logs.events import Chunk
from wizard.logs.formats import parse_line

CHUNK = 1 << 20
"""Bytes of one read."""

_PROBE = 64 << 10
_UNSTAMPED = 4 << 20
"""Bytes without a single stamp that are passed over before the search gives up."""

LOOK_BACK = 16 << 20
"""Bytes before the window that are searched for the previous start."""

NUMBERED = 16 << 20
"""Bytes that are read only to count the lines before the window."""

_STARTS = (b" starting as process ", b"Starting MariaDB ")


@dataclass(frozen=True, slots=True)
class LogFile:
    """One plain log file on a host; `size` is taken once, so that a growing log has an end."""

    host: Host
    path: str
    size: int
    zone: tzinfo | None = None

    @classmethod
    def open(cls, host: Host, path: str, zone: tzinfo | None = None) -> "LogFile":
        """Raises HostError where the file cannot be read."""
        host.read(path, 0, 1)
        return cls(host, path, host.stat(path).size, zone)

    def seek(self, moment: datetime, checkpoint: Callable[[], None] = lambda: None) -> int:
        """The offset of the first stamped line that is not before `moment`; the size if none."""
        low, high = 0, self.size
        while high - low > _PROBE:
            checkpoint()
            middle = (low + high) // 2
            found = self._stamped_from(middle, high)
            if found is None or found[0] >= high or found[1] >= moment:
                high = middle
            else:
                low = found[0]
        return self._first_from(low, min(self.size, high + _UNSTAMPED), moment)

    def previous_start(self, offset: int) -> int:
        """The offset of the newest start line before `offset`, at most LOOK_BACK bytes away;
        else the offset of the first whole line in that reach."""
        reach = max(0, offset - LOOK_BACK)
        end = offset
        while end > reach:
            begin = max(reach, end - CHUNK)
            data = self.host.read(self.path, begin, min(end + 200, offset) - begin)
            hit = max(data.rfind(start) for start in _STARTS)
            if hit >= 0:
                return begin + data.rfind(b"\n", 0, hit) + 1
            end = begin
        return self._line_start(reach) if reach else 0

    def line_number(self, offset: int) -> int | None:
        """The number of the line at `offset`, or None where counting would cost too much."""
        if offset > NUMBERED:
            return None
        return 1 + sum(
            self.host.read(self.path, at, min(CHUNK, offset - at)).count(b"\n")
            for at in range(0, offset, CHUNK)
        )

    def chunks(self, begin: int, end: int, line: int | None = None) -> Iterator[Chunk]:
        """Whole lines from `begin`, which is line number `line`, to `end`; a line longer than
        CHUNK comes in pieces."""
        rest, offset = b"", begin
        while offset + len(rest) < end:
            at = offset + len(rest)
            data = self.host.read(self.path, at, min(CHUNK, end - at))
            if not data:
                break
            data = rest + data
            cut = data.rfind(b"\n") + 1
            if not cut and len(data) < CHUNK:
                rest = data
                continue
            whole = data[: cut or len(data)]
            yield Chunk(whole, self.path, offset, line)
            line = None if line is None else line + whole.count(b"\n")
            rest, offset = data[len(whole) :], offset + len(whole)
        if rest:
            yield Chunk(rest, self.path, offset, line)

    def first_time(self) -> datetime | None:
        found = self._stamped_from(0, self.size, whole=True)
        return None if found is None else found[1]

    def _line_start(self, offset: int) -> int:
        data = self.host.read(self.path, offset, _PROBE)
        return offset + data.find(b"\n") + 1

    def _stamped_from(
        self, offset: int, limit: int, whole: bool = False
    ) -> tuple[int, datetime] | None:
        """The first stamped line that begins after `offset` (at it, if `whole`)."""
        skip = not (whole or offset == 0)
        stop = min(limit, offset + _UNSTAMPED)
        while offset < stop:
            data = self.host.read(self.path, offset, _PROBE)
            if not data:
                return None
            at = data.find(b"\n") + 1 if skip else 0
            while at < len(data) and not (skip and not at):
                end = data.find(b"\n", at)
                parsed = parse_line(data[at : end if end >= 0 else len(data)], self.zone)
                if parsed is not None and parsed.at is not None:
                    return offset + at, parsed.at
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

    def _first_from(self, offset: int, limit: int, moment: datetime) -> int:
        """Line by line from `offset`, a line's start."""
        for chunk in self.chunks(offset, limit):
            at = chunk.offset
            for line in chunk.data.split(b"\n"):
                parsed = parse_line(line, self.zone)
                if parsed is not None and parsed.at is not None and parsed.at >= moment:
                    return at
                at += len(line) + 1
        return self.size
