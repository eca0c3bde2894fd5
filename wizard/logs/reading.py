"""Reads one place's part of the window, and enough before it to know what ran then."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import chain

from knowledge.load import signatures
from knowledge.model import Signature
from wizard.case import Window
from wizard.hosts.base import Host, HostError
from wizard.logs.events import Chunk, Scan
from wizard.logs.formats import parse_line
from wizard.logs.lifecycle import Lifecycle, lifecycle
from wizard.logs.marks import MarkKind
from wizard.logs.scan import scan
from wizard.logs.seek import LogFile

MAX_SCAN = 1 << 30
"""Bytes of the window that are read at most, the newest ones."""

UNTIL_SLACK = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a log says about the window. `begins` is the time of its first line; `to_its_end`
    says that no line comes after the window; `remarks` say what was cut."""

    path: str
    scan: Scan
    life: Lifecycle
    begins: datetime | None
    to_its_end: bool
    remarks: tuple[str, ...] = ()


def read_file(
    host: Host,
    path: str,
    window: Window,
    zone: tzinfo | None = None,
    checkpoint: Callable[[], None] = lambda: None,
) -> Reading:
    """The window's part of a log file, and of its rotated predecessor `PATH.1` where the
    window begins before the file. Raises HostError."""
    log = LogFile.open(host, path, zone)
    begin = log.seek(window.since, checkpoint)
    end = log.seek(window.until + UNTIL_SLACK, checkpoint)
    remarks: list[str] = []
    if end - begin > MAX_SCAN:
        begin = end - MAX_SCAN
        remarks.append(f"only the newest {MAX_SCAN >> 20} MiB of the window were read")
    older = _rotated(log, window) if begin == 0 else None
    parts = [log.chunks(begin, end, log.line_number(begin))]
    back, at, begins = log, begin, log.first_time()
    if older is not None:
        at, back, begins = older.seek(window.since, checkpoint), older, older.first_time()
        parts.insert(0, older.chunks(at, older.size, older.line_number(at)))
        remarks.append(f"{older.path} was read too")
    before = _before(back, at, zone, checkpoint)
    found = scan(chain.from_iterable(parts), zone, checkpoint)
    return Reading(path, found, _joined(before, found), begins, end >= log.size, tuple(remarks))


def read_chunks(
    chunks: Iterable[Chunk],
    path: str,
    window: Window,
    zone: tzinfo | None = None,
    checkpoint: Callable[[], None] = lambda: None,
) -> Reading:
    """The same for a log that is no file: all of `chunks` is at hand."""
    earlier: list[Chunk] = []
    inside: list[Chunk] = []
    begins = None
    to_its_end = True
    for chunk in chunks:
        checkpoint()
        first, last = _split(chunk, window, zone)
        begins = begins or _first_time(chunk, zone)
        to_its_end = last == len(chunk.data)
        head = Chunk(chunk.data[:first], chunk.path, chunk.offset, chunk.line)
        line = None if chunk.line is None else chunk.line + head.data.count(b"\n")
        earlier.append(head)
        inside.append(Chunk(chunk.data[first:last], chunk.path, chunk.offset + first, line))
    before = scan((c for c in earlier if c.data), zone, checkpoint, _life_signatures())
    found = scan((c for c in inside if c.data), zone, checkpoint)
    return Reading(path, found, _joined(before, found), begins, to_its_end)


def _before(log: LogFile, offset: int, zone: tzinfo | None, checkpoint: Callable[[], None]) -> Scan:
    """The server's life from its newest start before `offset`."""
    start = log.previous_start(offset) if offset else 0
    return scan(log.chunks(start, offset), zone, checkpoint, _life_signatures())


def _life_signatures() -> tuple[Signature, ...]:
    kinds = {kind.value for kind in MarkKind}
    return tuple(s for s in signatures("error-log") if s.id in kinds)


def _joined(before: Scan, found: Scan) -> Lifecycle:
    """One life of both parts; lines before the window tell that a server ran."""
    served = before.served if before.marks else before.lines > 0 or found.served
    return lifecycle((*before.marks, *found.marks), served)


def _rotated(log: LogFile, window: Window) -> LogFile | None:
    try:
        stat = log.host.stat(log.path + ".1")
        if stat.mtime < window.since.timestamp() or not stat.size:
            return None
        return LogFile.open(log.host, log.path + ".1", log.zone)
    except HostError:
        return None


def _stamps(chunk: Chunk, zone: tzinfo | None) -> Iterator[tuple[int, datetime]]:
    at = 0
    for line in chunk.data.split(b"\n"):
        parsed = parse_line(line, zone)
        if parsed is not None and parsed.at is not None:
            yield at, parsed.at
        at += len(line) + 1


def _first_time(chunk: Chunk, zone: tzinfo | None) -> datetime | None:
    return next((at for _, at in _stamps(chunk, zone)), None)


def _split(chunk: Chunk, window: Window, zone: tzinfo | None) -> tuple[int, int]:
    """Where in the chunk the window begins and ends."""
    first, last = len(chunk.data), len(chunk.data)
    for offset, at in _stamps(chunk, zone):
        if at >= window.since:
            first = min(first, offset)
        if at > window.until + UNTIL_SLACK:
            last = offset
            break
    return first, max(first, last)
