"""Reads an application's log, or pasted text, for the failures that it tells of.

Any size and any content: files are streamed, long lines are cut before anything looks at them,
and only the newest failures are kept.
"""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import IO

from wizard.case.case import Window
from wizard.case.evidence import Failure
from wizard.hosts.protocol import HostError, NotFound, NotPermitted
from wizard.logs.application.backward import backward, in_order
from wizard.logs.application.failures import FailureReader
from wizard.logs.application.stamps import FileClock, StampReader
from wizard.logs.application.survey import Direction, Survey, direction_of

MAX_BYTES = 4 << 30
"""Bytes read of one log, decompressed; a larger file is read from this far before its end."""

MAX_PACKED_BACKWARD = 256 << 20
"""A compressed log with its newest line first is put in order up to this size, in memory."""

_SAMPLE = 1 << 17
"""Bytes at each end of a file by which its times are judged."""

_SAMPLED = 400
"""Lines by which its direction is."""
_ELSEWHERE = (
    (b"\x28\xb5\x2f\xfd", "zstd", "zstd -d"),
    (b"PK\x03\x04", "zip", "unzip"),
    (b"\x04\x22\x4d\x18", "lz4", "lz4 -d"),
    (b"7z\xbc\xaf\x27\x1c", "7z", "7z x"),
)

_PACKED = (gzip.GzipFile, lzma.LZMAFile, bz2.BZ2File)
_BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError)

_HEAD = 6144
_TAIL = 2048
_CHECK_EVERY = 20_000
_BLOCK = 1 << 20

Opener = Callable[[Path], IO[bytes]]


@dataclass(frozen=True, slots=True)
class AppLogScan:
    """What one log told. `failures` are the newest, at most `MAX_KEPT`; `counts` has all of
    them by signal; `outside` counts those that lie outside the window; `not_understood`
    the lines inside it that speak of a connection's trouble in words that are not known.
    `first` and `last` are the log's own first and last time, `zone_assumed` that they name no
    zone, and `away` how far that zone was found to be from this machine's; `written` is when the
    file was. `truncated` says why not all was read, or is empty."""

    path: str
    failures: tuple[Failure, ...]
    counts: Mapping[str, int]
    lines: int
    bytes_scanned: int
    first: datetime | None = None
    last: datetime | None = None
    outside: int = 0
    not_understood: int = 0
    zone_assumed: bool = False
    away: timedelta = timedelta(0)
    written: datetime | None = None
    truncated: str = ""

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def open_log(path: Path) -> IO[bytes]:
    """A plain or compressed local file. Raises HostError where it cannot be read."""
    try:
        if path.is_dir():
            raise HostError(f"{path} is a directory; name the log file in it")
        if not path.is_file():
            # A pipe or device has no end to wait for.
            raise NotFound(f"{path}: no such file" if not path.exists() else f"{path} is no file")
        stream = path.open("rb")
        magic = stream.read(6)
        stream.seek(0)
        return _unpacked(stream, magic, path)
    except PermissionError:
        raise NotPermitted(f"{path} cannot be read: permission denied") from None
    except OSError as error:
        raise HostError(f"{path} cannot be read: {error.strerror or error}") from None


def _unpacked(stream: IO[bytes], magic: bytes, path: Path) -> IO[bytes]:
    """By its first bytes: a name says nothing. Raises HostError for what Python cannot unpack."""
    if magic.startswith(b"\x1f\x8b"):
        return gzip.open(stream)  # type: ignore[return-value]
    if magic.startswith(b"\xfd7zXZ\x00"):
        return lzma.open(stream)
    if magic.startswith(b"BZh"):
        return bz2.open(stream)
    for other, name, program in _ELSEWHERE:
        if magic.startswith(other):
            stream.close()
            raise HostError(f"{path} is compressed with {name}: unpack it first ({program})")
    return stream


def scan_application_log(
    path: Path,
    window: Window | None = None,
    zone: tzinfo | None = None,
    flavor: str = "unknown",
    checkpoint: Callable[[], None] = lambda: None,
    opener: Opener = open_log,
    endpoints: Iterable[str] = (),
) -> AppLogScan:
    """The failures in the log at `path`, those outside `window` left out.

    `zone` is for times without one (None: this machine's); `flavor` is the server's, for
    numbers that differ. `endpoints` are the database's places, as `endpoints_of` has them.
    `checkpoint` is called often and may raise. Raises HostError where the
    log cannot be read.
    """
    with opener(path) as stream:
        clock, direction = _surveyed(stream, path, zone, checkpoint)
        reader = FailureReader(
            f"{path.name}:", window, zone, flavor, clock=clock, endpoints=endpoints
        )
        lines = _Lines(stream, checkpoint)
        ordered = _ordered(lines, direction, StampReader(zone, None, clock))
        for number, line in ordered:
            reader.feed(number, line)
        reader.finish()
    return _scan(str(path), reader, lines.number, lines.taken, lines.truncated)


def scan_text(
    text: str,
    window: Window | None = None,
    zone: tzinfo | None = None,
    flavor: str = "unknown",
    endpoints: Iterable[str] = (),
) -> AppLogScan:
    """The failures in a pasted text."""
    lines = [bounded(line) for line in text.splitlines()]
    survey = Survey(zone, None, datetime.now(UTC))
    for line in lines:
        survey.take(line)
    clock = survey.file_clock()
    reader = FailureReader(
        "pasted text, line ", window, zone, flavor, clock=clock, endpoints=endpoints
    )
    numbered = list(enumerate(lines, start=1))
    stamps = StampReader(zone, None, clock)
    direction = direction_of(lines[:_SAMPLED], stamps)
    if direction is not Direction.FORWARD:
        numbered.reverse()
    for number, line in (
        in_order(numbered, stamps) if direction is Direction.RECORDS_BACK else numbered
    ):
        reader.feed(number, line)
    reader.finish()
    return _scan("pasted text", reader, len(lines), len(text.encode("utf-8", "replace")), "")


def _surveyed(
    stream: IO[bytes], path: Path, zone: tzinfo | None, checkpoint: Callable[[], None]
) -> tuple[FileClock, Direction]:
    """What the file tells of its times.

    From both its ends, from all of it where they do not settle it. The stream is at its start again
    afterwards.
    """
    written = _written(path)
    survey = Survey(zone, written, datetime.now(UTC))
    head = _Lines(stream, checkpoint)
    lines: list[str] = []
    for _number, line in head:
        lines.append(line)
        survey.take(line)
        if head.taken >= _SAMPLE:
            break
    longer = head.taken >= _SAMPLE
    try:
        if longer and not isinstance(stream, _PACKED):
            stream.seek(max(_SAMPLE, stream.seek(0, 2) - _SAMPLE))
            for line in _decoded(stream.read(_SAMPLE))[1:]:
                survey.take(line)
        if longer and survey.unsettled:
            survey = Survey(zone, written, datetime.now(UTC))
            stream.seek(0)
            for _number, line in _Lines(stream, checkpoint):
                survey.take(line)
        stream.seek(0)
    except _BROKEN:
        stream.seek(0)
    clock = survey.file_clock()
    return clock, direction_of(lines[:_SAMPLED], StampReader(zone, None, clock))


def _written(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None


def _decoded(raw: bytes) -> list[str]:
    return [bounded(line) for line in raw.decode("utf-8", "replace").split("\n")]


def _ordered(
    lines: "_Lines", direction: Direction, stamps: StampReader
) -> Iterator[tuple[int, str]]:
    """The lines from the oldest to the newest."""
    if direction is Direction.FORWARD:
        return iter(lines)
    if direction is Direction.RECORDS_BACK:
        return in_order(lines.backward(), stamps)
    return lines.backward()


def _scan(path: str, reader: FailureReader, lines: int, taken: int, truncated: str) -> AppLogScan:
    return AppLogScan(
        path=path,
        failures=tuple(reader.failures),
        counts=dict(reader.counts),
        lines=lines,
        bytes_scanned=taken,
        first=reader.first,
        last=reader.last,
        outside=reader.outside,
        not_understood=reader.not_understood,
        zone_assumed=reader.zone_assumed,
        away=reader.clock.away,
        written=reader.clock.written,
        truncated=truncated,
    )


def _line(raw: bytes) -> str:
    if len(raw) > _HEAD + _TAIL:
        raw = raw[:_HEAD] + " … ".encode() + raw[-_TAIL:]
    return raw.decode("utf-8", "replace").rstrip("\r")


def bounded(line: str) -> str:
    """`line`, its middle left out where it is very long."""
    return line if len(line) <= _HEAD + _TAIL else f"{line[:_HEAD]} … {line[-_TAIL:]}"


class _Lines:
    """The numbered lines of a stream, each bounded in length, with the bytes taken."""

    def __init__(self, stream: IO[bytes], checkpoint: Callable[[], None]) -> None:
        self.number = 0
        self.taken = 0
        self.truncated = ""
        self._stream = stream
        self._checkpoint = checkpoint

    def __iter__(self) -> Iterator[tuple[int, str]]:
        try:
            self._skip_ahead()
            while self.taken < MAX_BYTES:
                raw = self._next()
                if not raw:
                    return
                self.number += 1
                if self.number % _CHECK_EVERY == 0:
                    self._checkpoint()
                yield self.number, raw.decode("utf-8", "replace").rstrip("\r\n")
            self.truncated = f"only {MAX_BYTES >> 30} GiB were read"
        except _BROKEN as error:
            self.truncated = f"reading stopped at line {self.number}: {error}"

    def backward(self) -> Iterator[tuple[int, str]]:
        """The same lines, the last one first."""
        try:
            size = self._stream.seek(0, 2)
            if isinstance(self._stream, _PACKED) and size > MAX_PACKED_BACKWARD:
                self._stream.seek(0)
                yield from self
                return
            stream: IO[bytes] = self._stream
            if isinstance(stream, _PACKED):
                stream.seek(0)
                stream = io.BytesIO(stream.read())
            self.taken = size
            for number, line in backward(stream, size, _line, self._checkpoint):
                self.number = max(self.number, number)
                yield number, line
        except _BROKEN as error:
            self.truncated = f"reading stopped at line {self.number}: {error}"

    def _next(self) -> bytes:
        head = self._stream.readline(_HEAD)
        self.taken += len(head)
        if len(head) < _HEAD or head.endswith(b"\n"):
            return head
        tail = b""
        while piece := self._stream.readline(_BLOCK):
            self.taken += len(piece)
            tail = (tail + piece)[-_TAIL:]
            if piece.endswith(b"\n"):
                break
            self._checkpoint()
        return head + " … ".encode() + tail if tail else head

    def _skip_ahead(self) -> None:
        """Pass over the start of a file that is too large, still counting its lines."""
        if isinstance(self._stream, _PACKED):
            return
        size = self._stream.seek(0, 2)
        self._stream.seek(0)
        left = size - MAX_BYTES
        if left <= 0:
            return
        self.truncated = f"the first {left >> 20} MiB were passed over"
        while left > 0:
            self._checkpoint()
            block = self._stream.read(min(_BLOCK, left))
            self.number += block.count(b"\n")
            left -= len(block)
        self._stream.readline()
        self.number += 1
