"""Reads one place's part of the window, and enough before it to know what ran then."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import chain

from wizard.case import clocks
from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host, HostError, NotFound
from wizard.logs.engine.line_ends import WHY_RETURNS, ReturnsAsFeeds
from wizard.logs.engine.log_file import NUMBERED, LogFile
from wizard.logs.engine.open_log import Log, open_log
from wizard.logs.engine.packed_log import PackedLog
from wizard.logs.engine.progress import Progress, watched
from wizard.logs.engine.rotated import MAX_FILES, RotatedFile, rotated_files
from wizard.logs.engine.window_part import MOST_FETCHED
from wizard.logs.error.by_size import way_for
from wizard.logs.error.clock_steps import step_remarks
from wizard.logs.error.line import error_clock
from wizard.logs.error.marks import START_TEXTS
from wizard.logs.error.pasted import is_pasted
from wizard.logs.error.picking import MOST, PickedPart, life_signatures, pick
from wizard.logs.error.reading import Reading, joined_life, understood
from wizard.logs.error.scan import scan
from wizard.logs.error.scan_model import Scan
from wizard.logs.error.two_halves import scan_part

PIECE = 128 << 20
"""Bytes in which a host picks lines at once."""

PICKING_SECONDS = 60.0
"""After so many seconds no further piece is begun."""


@dataclass(slots=True)
class _Told:
    """What there is to say, while it is read."""

    remarks: list[str] = field(default_factory=list)
    cuts: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Part:
    """The window's part of one file."""

    log: Log
    begin: int
    end: int


def read_in_place(
    host: Host,
    path: str,
    window: Window,
    zone: tzinfo | None = None,
    checkpoint: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _: None,
) -> Reading:
    """The window's part of a log file and of its rotated ones.

    Of those where the window begins before the file. Raises HostError.
    """
    told = _Told()
    log = open_log(host, path, error_clock(zone), checkpoint)
    part = _part(log, window, checkpoint, told)
    parts = [part]
    if part.begin == 0 or log.first_time() is None:
        parts += _older(host, log, window, checkpoint, told)
    parts.reverse()
    return _of_parts(host, path, parts, zone, checkpoint, told, say)


def read_one_file(
    host: Host,
    path: str,
    window: Window | None,
    zone: tzinfo | None = None,
    checkpoint: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _: None,
) -> Reading:
    """The window's part of this file alone, all of it without one. Raises HostError."""
    told = _Told()
    part = _part(open_log(host, path, error_clock(zone), checkpoint), window, checkpoint, told)
    return _of_parts(host, path, [part], zone, checkpoint, told, say)


def _of_parts(
    host: Host,
    path: str,
    parts: list[_Part],
    zone: tzinfo | None,
    checkpoint: Callable[[], None],
    told: _Told,
    say: Callable[[str], None],
) -> Reading:
    """What the parts say, oldest first; `say` is told how far a long reading is."""
    picked = _picked(host, parts, checkpoint, told)
    size = sum(p.end - p.begin for p in parts)
    if picked is None:
        before = _before(parts[0].log, parts[0].begin, zone, checkpoint)
        found = _scanned(parts, zone, checkpoint, say)
    else:
        before = scan([picked[0].before], zone, checkpoint, life_signatures())
        found = scan([p.inside for p in picked], zone, checkpoint)
        told.remarks += [remark for p in picked for remark in p.remarks]
        told.cuts += [cut for p in picked for cut in p.cuts]
    if lost := [cut for part in parts if (cut := part.log.cut_meanwhile())]:
        told.cuts += lost
    elif picked is None and found.bytes_scanned < size:
        told.cuts.append(f"{path}: only {found.bytes_scanned} of {size} bytes could be read")
    told.remarks += step_remarks(found.steps)
    begins, newest = parts[0].log.first_time(), parts[-1]
    to_its_end = newest.end >= newest.log.size
    return Reading(
        path,
        found,
        joined_life(before, found, begins),
        begins,
        to_its_end,
        tuple(told.remarks),
        tuple(told.cuts),
        understood(before, found, begins, picked is not None),
    )


def _scanned(
    parts: list[_Part],
    zone: tzinfo | None,
    checkpoint: Callable[[], None],
    say: Callable[[str], None],
) -> Scan:
    if len(parts) == 1:
        (part,) = parts
        return scan_part(part.log, part.begin, part.end, zone, checkpoint, say)
    progress = Progress(sum(p.end - p.begin for p in parts))
    way = way_for(progress.total)
    blocks = chain.from_iterable(
        p.log.blocks(p.begin, p.end, p.log.line_number(p.begin), way.block, way.count)
        for p in parts
    )
    return scan(watched(blocks, progress, say), zone, checkpoint, scanner_of=way.scanner)


def _part(
    log: Log,
    window: Window | None,
    checkpoint: Callable[[], None],
    told: _Told,
) -> _Part:
    if window is not None and is_pasted(log):
        window = None
    begin = log.seek(window.since, checkpoint) if window else 0
    end = log.seek(window.until + clocks.WHOLE_SECONDS, checkpoint) if window else log.size
    if isinstance(log, PackedLog) and log.remark:
        told.cuts.append(log.remark)
    return _Part(log, begin, end)


def _older(
    host: Host,
    log: Log,
    window: Window,
    checkpoint: Callable[[], None],
    told: _Told,
) -> list[_Part]:
    """The window's part of the rotated files, newest first, as far as it goes back."""
    parts: list[_Part] = []
    try:
        files = rotated_files(host, log.path, window)
    except HostError as error:
        told.remarks.append(f"whether there are rotated logs was not seen: {error}")
        files = (RotatedFile(f"{log.path}.1", 0.0, ""),)
    for number, file in enumerate(files):
        if number == MAX_FILES:
            told.cuts.append(
                f"{file.path} and older rotated logs were not read: {MAX_FILES} are read at most"
            )
            break
        try:
            older = open_log(host, file.path, log.clock, checkpoint)
            part = _part(older, window, checkpoint, told)
        except NotFound:
            break
        except HostError as error:
            told.cuts.append(f"a rotated log of the window could not be read: {error}")
            break
        told.remarks.append(f"{file.path} was read too")
        parts.append(part)
        if part.begin > 0:
            break
    return parts


def _picked(
    host: Host, parts: list[_Part], checkpoint: Callable[[], None], told: _Told
) -> list[PickedPart] | None:
    """The lines of interest as the host picks them, oldest first.

    None where it would rather be read. The newest come first: where the time runs out, the older
    ones are left.
    """
    if any(_has_returns(part.log) for part in parts):
        if not isinstance(host, LocalHost) and sum(p.end - p.begin for p in parts) > MOST_FETCHED:
            raise HostError(f"{parts[-1].log.path} {WHY_RETURNS}")
        return None
    found: list[PickedPart] = []
    left = MOST
    enough = time.monotonic() + PICKING_SECONDS
    for part in chain.from_iterable(map(_pieces, reversed(parts))):
        checkpoint()
        if found and time.monotonic() > enough:
            told.cuts.append(
                f"{part.log.path}: only the newest part of the window was read, from byte "
                f"{part.end} on: the rest would have taken more than {PICKING_SECONDS:.0f} s"
            )
            break
        unpack = part.log.unpack if isinstance(part.log, PackedLog) else ""
        try:
            picked = pick(host, part.log.path, part.begin, part.end, unpack, left)
        except HostError as error:
            if not found:
                raise
            told.cuts.append(
                f"{part.log.path}: only the newest part of the window was read, from byte "
                f"{part.end} on: {error}"
            )
            break
        if picked is None:
            return None
        found.append(picked)
        left -= picked.size
    found.reverse()
    return found


def _has_returns(log: Log) -> bool:
    """Whether a host's own programs, which know line feeds only, would find no line in it."""
    return isinstance(log.host, ReturnsAsFeeds) or (isinstance(log, PackedLog) and log.has_returns)


def _pieces(part: _Part) -> Iterator[_Part]:
    """Newest first. A packed file is left whole: each piece would unpack it anew."""
    begin, end = part.begin, part.end
    while end - begin > PIECE and isinstance(part.log, LogFile):
        middle = part.log.line_start(end - PIECE)
        yield _Part(part.log, middle, end)
        end = middle
    yield _Part(part.log, begin, end)


def _before(log: Log, offset: int, zone: tzinfo | None, checkpoint: Callable[[], None]) -> Scan:
    """The server's life from its newest start before `offset`."""
    start = log.previous(offset, START_TEXTS) if offset else 0
    line = log.line_number(start) if offset <= NUMBERED else None
    return scan(log.blocks(start, offset, line), zone, checkpoint, life_signatures())
