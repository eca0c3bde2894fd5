"""Scans a large log file in two processes, and joins what they found.

Each has a half, but for what the first one reads while the second one starts.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import cache
from typing import cast

from knowledge.load import signatures
from knowledge.model import Signature
from wizard.case.evidence import MAX_OCCURRENCES
from wizard.hosts.local.held_file import HeldFile
from wizard.logs.engine.log_file import LogFile
from wizard.logs.engine.open_log import Log
from wizard.logs.engine.progress import Progress, watched
from wizard.logs.engine.second_process import FIRST_HALF, SECOND_HALF, beside, is_worthwhile
from wizard.logs.error.by_size import way_for
from wizard.logs.error.clock_steps import between
from wizard.logs.error.line import error_clock
from wizard.logs.error.line_events import LineEvents
from wizard.logs.error.marks import ENDS_OF_REASONS, Mark
from wizard.logs.error.scan import scan
from wizard.logs.error.scan_model import ClockStep, Scan, Tally
from wizard.logs.error.start_reasons import StartReasons
from wizard.logs.error.tallying import EXAMPLES

LARGE = 256 << 20
"""Bytes from which on the second process reads more than its own start and learning cost."""

_MOST_AHEAD = 4
"""The first process's part is longer by a quarter of the whole at most."""


@dataclass(frozen=True, slots=True)
class _Half:
    """`descriptor` is of the file, which the second process inherits. The signatures that are
    `known` go with it: to read them from files takes longer."""

    path: str
    descriptor: int
    begin: int
    end: int
    line: int | None
    zone: tzinfo | None
    known: tuple[Signature, ...]


def scan_part(
    log: Log,
    begin: int,
    end: int,
    zone: tzinfo | None = None,
    checkpoint: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _: None,
    large: int = LARGE,
) -> Scan:
    """What the lines from `begin` to `end` say. Raises HostError where they cannot be read."""
    line = log.line_number(begin)
    progress = Progress(end - begin)
    if not _in_two(log, end - begin, large):
        return _scanned(log, begin, end, line, zone, checkpoint, progress, say)
    held = cast(HeldFile, log.host)
    ahead = min(way_for(end - begin).ahead, (end - begin) // _MOST_AHEAD)
    middle = cast(LogFile, log).stamped_after((begin + end + ahead) // 2, end)
    progress.total, progress.what = middle - begin, FIRST_HALF
    known = signatures("error-log")
    later = _Half(log.path, held.descriptor, middle, end, line and 1, zone, known)
    first, second = beside(
        scan_half, later, (held.descriptor,),
        lambda: _scanned(log, begin, middle, line, zone, checkpoint, progress, say),
        checkpoint, say,
    )  # fmt: skip
    if second is not None:
        return joined(first, second, line)
    # It was ended from outside, or could not begin: then this process reads on.
    progress = Progress(end - middle, what=SECOND_HALF)
    rest = _scanned(log, middle, end, later.line, zone, checkpoint, progress, say)
    return joined(first, rest, line)


def _scanned(
    log: Log,
    begin: int,
    end: int,
    line: int | None,
    zone: tzinfo | None,
    checkpoint: Callable[[], None],
    progress: Progress,
    say: Callable[[str], None],
) -> Scan:
    way = way_for(end - begin)
    blocks = log.blocks(begin, end, line, way.block, way.count)
    return scan(watched(blocks, progress, say), zone, checkpoint, scanner_of=way.scanner)


def _in_two(log: Log, size: int, large: int) -> bool:
    plain = isinstance(log, LogFile) and isinstance(log.host, HeldFile)
    return plain and is_worthwhile(size, large)


def scan_half(half: _Half, checkpoint: Callable[[], None]) -> Scan:
    """The second process's part."""
    held = HeldFile(f"/dev/fd/{half.descriptor}")
    log = LogFile(held, half.path, held.size, error_clock(half.zone))
    way = way_for(half.end - half.begin)
    blocks = log.blocks(half.begin, half.end, half.line, way.block, way.count)
    return scan(blocks, half.zone, checkpoint, half.known, way.scanner)


def joined(first: Scan, second: Scan, line: int | None) -> Scan:
    """One scan of two stretches, of which the second follows the first. The second's lines were
    numbered from 1, if `line`, the number of the first one's first line, is known."""
    ahead = 0 if line is None else line - 1 + first.lines
    tallies = {tally.signature.id: tally for tally in first.tallies}
    for tally in second.tallies:
        moved = _moved(tally, ahead)
        known = tallies.get(tally.signature.id)
        tallies[tally.signature.id] = moved if known is None else _sum(known, moved)
    return Scan(
        tuple(sorted(tallies.values(), key=lambda t: _order()[t.signature.id])),
        (*first.marks, *_marks(first, second, ahead)),
        _served(first, second),
        first.bytes_scanned + second.bytes_scanned,
        first.lines + second.lines,
        first.first or second.first,
        second.last or first.last,
        first.last_place if second.last_place is None else second.last_place.moved(ahead),
        first.understood or second.understood,
        second.reasons if _begins(second.marks) else first.reasons.then(second.reasons),
        (*first.steps, *_steps(first, second, ahead)),
    )


def _steps(first: Scan, second: Scan, ahead: int) -> Iterator[ClockStep]:
    yield from between(first.last, second.first, first.last_place)
    yield from (replace(step, place=step.place.moved(ahead)) for step in second.steps)


def _served(first: Scan, second: Scan) -> bool:
    if first.marks or not second.marks:
        return first.served
    return first.lines > 0 or second.served


@cache
def _order() -> dict[str, int]:
    return {s.id: number for number, s in enumerate(signatures("error-log"))}


def _sum(one: Tally, other: Tally) -> Tally:
    one.minutes.merge(other.minutes)
    one.accounts.merge(other.accounts.counts)
    return Tally(
        one.signature,
        one.count + other.count,
        one.first or other.first,
        max((t for t in (one.last, other.last) if t is not None), default=None),
        _lines(one).then(_lines(other), MAX_OCCURRENCES),
        (*one.examples, *other.examples)[:EXAMPLES],
        (*one.places, *other.places)[:EXAMPLES],
        one.minutes,
        one.accounts,
    )


def _moved(tally: Tally, ahead: int) -> Tally:
    return replace(
        tally,
        events=_lines(tally).moved(ahead),
        places=tuple(place.moved(ahead) for place in tally.places),
    )


def _lines(tally: Tally) -> LineEvents:
    """What was scanned here is not yet made into events."""
    return cast(LineEvents, tally.events)


def _begins(marks: Iterable[Mark]) -> bool:
    return any(mark.kind in ENDS_OF_REASONS for mark in marks)


def _marks(first: Scan, second: Scan, ahead: int) -> Iterator[Mark]:
    """The second's, with what the first knew of the time before them."""
    told = first.reasons
    for mark in second.marks:
        if mark.kind in ENDS_OF_REASONS:
            told = StartReasons()
        yield replace(
            mark,
            line=None if mark.line is None else mark.line + ahead,
            before=mark.before or first.last,
            error=told.before(mark.error),
        )
