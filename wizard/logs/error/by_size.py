"""Which scanner reads how much of an error log: both give the same answer."""

from dataclasses import dataclass
from functools import cache

from wizard.logs.engine.block import BLOCK
from wizard.logs.engine.whole_lines import Count, line_feeds
from wizard.logs.error.scan import Scanner

LARGE = 8 << 20
"""Bytes from which on it is worth to load numpy."""


_VECTOR_AHEAD = 64 << 20


@dataclass(frozen=True, slots=True)
class Way:
    """A scanner, the bytes of the blocks that it likes best, and how to count their lines.

    `ahead` are the bytes that it reads while a second process starts.
    """

    scanner: type[Scanner]
    block: int
    count: Count = line_feeds
    ahead: int = 16 << 20


def way_for(size: int, large: int = LARGE) -> Way:
    """How to scan `size` bytes."""
    vector = _vector() if size >= large else None
    return vector or Way(Scanner, BLOCK)


@cache
def _vector() -> Way | None:
    """None where numpy, which the extra `fast` brings, is not to be had or does not run here."""
    try:
        from wizard.logs.engine.line_index import count_line_feeds
        from wizard.logs.error.vector_scan import VECTOR_BLOCK, VectorScanner
    except (ImportError, RuntimeError):
        return None
    return Way(VectorScanner, VECTOR_BLOCK, count_line_feeds, _VECTOR_AHEAD)
