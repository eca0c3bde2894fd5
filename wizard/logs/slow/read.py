"""A slow log's digest over the window; a large file is read in two processes, one half each."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo

from wizard.case.case import Window
from wizard.hosts.local.held_file import HeldFile
from wizard.hosts.protocol import Host
from wizard.logs.engine.log_file import LogFile
from wizard.logs.engine.older_parts import window_parts
from wizard.logs.engine.second_process import FIRST_HALF, LARGE, SECOND_HALF, beside, is_worthwhile
from wizard.logs.engine.stamps import slow_clock
from wizard.logs.engine.window_part import WindowPart, cuts_meanwhile, window_part
from wizard.logs.slow.by_size import tally_for
from wizard.logs.slow.digest import SlowDigest
from wizard.logs.slow.lines import whole_entries
from wizard.logs.slow.tally import SlowTally
from wizard.logs.statement_log import is_of_its_kind

_REACH = 4 << 20
"""Bytes after the middle in which an entry is sought that the second half may begin with."""


@dataclass(frozen=True, slots=True)
class SlowReading:
    """`remarks` say which files were read too, `cuts` what of the window was not read;
    `understood` that it is a slow log at all."""

    path: str
    digest: SlowDigest
    bytes_read: int
    cuts: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    understood: bool = True


@dataclass(frozen=True, slots=True)
class _Half:
    """`descriptor` is of the file, which the second process inherits."""

    path: str
    descriptor: int
    begin: int
    end: int
    zone: tzinfo


def read_slow_log(
    host: Host,
    path: str,
    window: Window | None,
    zone: tzinfo = UTC,
    checkpoint: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _: None,
    large: int = LARGE,
) -> SlowReading:
    """This file alone, the whole of it without a window; a large one in two processes. Raises
    HostError."""
    part = window_part(host, path, slow_clock(zone), window, checkpoint)
    found = _of_file(part, zone, checkpoint, say, large).digest()
    understood = found.entries > 0 or is_of_its_kind(part)
    cuts = (*part.cuts, *cuts_meanwhile((part,)))
    return SlowReading(path, found, part.size, cuts, understood=understood)


def read_slow_logs(
    host: Host,
    path: str,
    window: Window,
    zone: tzinfo = UTC,
    checkpoint: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _: None,
) -> SlowReading:
    """The window's part of the log and of its rotated files. Raises HostError."""
    parts = window_parts(host, path, slow_clock(zone), window, checkpoint)
    found = SlowTally()
    for part in parts.parts:
        found.join(_of_file(part, zone, checkpoint, say, LARGE))
    digest = found.digest()
    understood = digest.entries > 0 or any(map(is_of_its_kind, parts.parts))
    cuts = (*parts.cuts, *cuts_meanwhile(parts.parts))
    return SlowReading(path, digest, parts.size, cuts, parts.remarks, understood)


def _of_file(
    part: WindowPart,
    zone: tzinfo,
    checkpoint: Callable[[], None],
    say: Callable[[str], None],
    large: int,
) -> SlowTally:
    middle = _middle(part) if is_worthwhile(part.size, large) else part.end
    first = replace(part, end=middle)
    if middle == part.end or not isinstance(held := part.log.host, HeldFile):
        found = _tally(part, zone, checkpoint, say)
    else:
        later = _Half(part.log.path, held.descriptor, middle, part.end, zone)
        found, second = beside(
            read_half, later, (held.descriptor,),
            lambda: _tally(first, zone, checkpoint, say, FIRST_HALF), checkpoint, say,
        )  # fmt: skip
        rest = replace(part, begin=middle)
        found.join(second or _tally(rest, zone, checkpoint, say, SECOND_HALF))
    return found


def read_half(half: _Half, checkpoint: Callable[[], None]) -> SlowTally:
    """The second process's part."""
    held = HeldFile(f"/dev/fd/{half.descriptor}")
    log = LogFile(held, half.path, held.size, slow_clock(half.zone))
    return _tally(WindowPart(log, half.begin, half.end), half.zone, checkpoint, lambda _: None)


def _tally(
    part: WindowPart,
    zone: tzinfo,
    checkpoint: Callable[[], None],
    say: Callable[[str], None],
    what: str = "",
) -> SlowTally:
    tally = tally_for(part.size, zone)
    for data in whole_entries(part.chunks(checkpoint, say, tally.block, what)):
        tally.take(data)
    return tally


def _middle(part: WindowPart) -> int:
    """Where an entry begins with its time, after the middle; the end if none does soon."""
    offset = (part.begin + part.end) // 2
    if not isinstance(part.log, LogFile):
        return part.end
    found = part.log.host.read(part.log.path, offset, _REACH).find(b"\n# Time: ")
    return part.end if found < 0 else min(part.end, offset + found + 1)
