"""What an error log that is no file says: all of it is at hand, or a host picked its lines."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, tzinfo

from wizard.case import clocks
from wizard.case.case import Window
from wizard.hosts.sifting import Sifted, Stretch
from wizard.logs.engine.block import Block
from wizard.logs.error.clock_steps import step_remarks
from wizard.logs.error.line import parse_line
from wizard.logs.error.picking import life_signatures, picked_part
from wizard.logs.error.reading import Reading, joined_life, understood
from wizard.logs.error.scan import scan


def read_blocks(
    blocks: Iterable[Block],
    path: str,
    window: Window,
    zone: tzinfo | None = None,
    checkpoint: Callable[[], None] = lambda: None,
) -> Reading:
    """The same for a log that is no file: all of `blocks` is at hand."""
    earlier: list[Block] = []
    inside: list[Block] = []
    begins = None
    to_its_end = True
    for block in blocks:
        checkpoint()
        first, last = _split(block, window, zone)
        begins = begins or _first_time(block, zone)
        to_its_end = last == len(block.data)
        head = Block(block.data[:first], block.path, block.offset, block.line, first)
        line = None if block.line is None else block.line + head.data.count(b"\n")
        earlier.append(head)
        size = last - first
        inside.append(Block(block.data[first:last], block.path, block.offset + first, line, size))
    before = scan((c for c in earlier if c.data), zone, checkpoint, life_signatures())
    found = scan((c for c in inside if c.data), zone, checkpoint)
    is_understood = understood(before, found, begins, False)
    return Reading(
        path,
        found,
        joined_life(before, found, begins),
        begins,
        to_its_end,
        step_remarks(found.steps),
        understood=is_understood,
    )


def reading_of(
    label: str,
    earlier: Sifted | None,
    inside: Sifted,
    zone: tzinfo | None,
    checkpoint: Callable[[], None],
    to_its_end: bool,
) -> Reading:
    """The same for a log that a host picked out of a command's output."""
    size = inside.bytes_read
    part = picked_part(inside, Stretch(label, 0, 0, size))
    length = earlier.bytes_read if earlier else 0
    past = picked_part(earlier, Stretch(label, 0, length, length)) if earlier else None
    before = scan([past.before] if past else [], zone, checkpoint, life_signatures())
    found = scan([part.inside], zone, checkpoint)
    parts = (past, part) if past else (part,)
    remarks = tuple(remark for p in parts for remark in p.remarks)
    cuts = tuple(cut for p in parts for cut in p.cuts)
    begins = before.first or found.first
    return Reading(label, found, joined_life(before, found), begins, to_its_end, remarks, cuts)


def _stamps(block: Block, zone: tzinfo | None) -> Iterator[tuple[int, datetime]]:
    at = 0
    for line in block.data.split(b"\n"):
        parsed = parse_line(line, zone)
        if parsed is not None and parsed.at is not None:
            yield at, parsed.at
        at += len(line) + 1


def _first_time(block: Block, zone: tzinfo | None) -> datetime | None:
    return next((at for _, at in _stamps(block, zone)), None)


def _split(block: Block, window: Window, zone: tzinfo | None) -> tuple[int, int]:
    """Where in the block the window begins and ends."""
    first, last = len(block.data), len(block.data)
    for offset, at in _stamps(block, zone):
        if at >= window.since:
            first = min(first, offset)
        if at > window.until + clocks.WHOLE_SECONDS:
            last = offset
            break
    return first, max(first, last)
