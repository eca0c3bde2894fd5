"""A log whose newest line comes first, as consoles and clouds show it, oldest line first.

Where only its records are turned round, each record's lines stay in their order.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import IO

from wizard.logs.application.prefixes import unwrap
from wizard.logs.application.stamps import StampReader

_BLOCK = 1 << 20
_MOST_LINES = 5000
"""Lines of one record that are put in order."""

Numbered = tuple[int, str]


def backward(
    stream: IO[bytes], size: int, bounded: Callable[[bytes], str], checkpoint: Callable[[], None]
) -> Iterator[Numbered]:
    """The numbered lines of the first `size` bytes of `stream`, the last one first."""
    number = _count(stream, size, checkpoint)
    end, rest = size, b""
    while end > 0:
        checkpoint()
        begin = max(0, end - _BLOCK)
        stream.seek(begin)
        pieces = (stream.read(end - begin) + rest).split(b"\n")
        rest = pieces[0] if begin else b""
        for raw in reversed(pieces[1:] if begin else pieces):
            if raw:
                yield number, bounded(raw)
            number -= 1
        end = begin


def _count(stream: IO[bytes], size: int, checkpoint: Callable[[], None]) -> int:
    stream.seek(0)
    number, left = 1, size
    while left > 0 and (block := stream.read(min(_BLOCK, left))):
        checkpoint()
        number += block.count(b"\n")
        left -= len(block)
    return number


def in_order(lines: Iterable[Numbered], stamps: StampReader) -> Iterator[Numbered]:
    """Lines that come last one first, with each record's own lines in order."""
    record: list[Numbered] = []
    for number, line in lines:
        record.append((number, line))
        if _begins(line, stamps) or len(record) >= _MOST_LINES:
            yield from reversed(record)
            record.clear()
    yield from reversed(record)


def _begins(line: str, stamps: StampReader) -> bool:
    return (
        line[:1] == "{"
        or stamps.find(line) is not None
        or stamps.find(unwrap(line).text) is not None
    )
