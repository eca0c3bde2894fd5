"""Whole lines of a log, and where they stand."""

from collections.abc import Iterator
from dataclasses import dataclass

BLOCK = 256 << 10
"""Bytes of one block: what is made of it stays in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of a log; `line` is the number of the first one, if it is known. `size` is
    what they take in the file, which is more than `data` where a very long line was cut."""

    data: bytes
    path: str
    offset: int
    line: int | None
    size: int


def cut(data: bytes, path: str) -> Iterator[Block]:
    """`data` as blocks of whole lines."""
    offset, line = 0, 1
    while offset < len(data):
        end = data.rfind(b"\n", offset, offset + BLOCK) + 1
        if not end or offset + BLOCK >= len(data):
            end = len(data)
        part = data[offset:end]
        yield Block(part, path, offset, line, len(part))
        offset, line = end, line + part.count(b"\n")
