"""Scans a large error log as `scan` does, all lines of a block at a time. Needs numpy.

A line's shape is known by its hash, and so is its end, which names the account. Only the first
line of each is read; minutes are counted by the runs of lines that have the same one. What each
kind of line tells, what is kept of lines and what comes out is as line by line.
"""

from collections.abc import Sequence
from datetime import tzinfo
from typing import cast

from knowledge.model import Signature
from wizard.logs.engine.block import Block
from wizard.logs.engine.block_bytes import BlockBytes, Bytes, rows
from wizard.logs.engine.line_index import LineIndex
from wizard.logs.error import line_places
from wizard.logs.error.line_places import BlockPlaces
from wizard.logs.error.minutes import Minutes
from wizard.logs.error.scan import Scanner
from wizard.logs.error.vector_kinds import VectorKinds
from wizard.logs.error.vector_tallying import VectorTallies

VECTOR_BLOCK = 512 << 10
"""Bytes of one block: less, and the calls cost more than what they do; more leaves the cache."""

MANY = 64
"""Lines of a block that are worth it."""

_STAMP_BYTES = 16


class VectorScanner(Scanner):
    """Takes the blocks of a log, one after the other."""

    def __init__(self, known: tuple[Signature, ...], zone: tzinfo | None) -> None:
        super().__init__(known, zone)
        minutes, self._block = Minutes(zone), BlockBytes()
        kinds = VectorKinds(known, minutes, zone, self._block)
        self._kinds = kinds
        self._tallies = VectorTallies(known, kinds, minutes, zone, self._block)

    def feed(self, block: Block) -> None:
        lines = self._block.take(block.data)
        if len(lines) < MANY:
            super().feed(block)
            return
        self._feed(lines, (), BlockPlaces(block, (), cast(Sequence[int], lines.begins)))
        self._bytes += block.size
        self._lines += len(lines)

    def _watch(self, lines: Sequence[bytes], places: line_places.Places) -> None:
        if isinstance(lines, LineIndex):
            rises = _rises(lines, self._block.text)
            if rises and self._steps.goes_on(lines[0], lines[-1]):
                return
        super()._watch(lines, places)


def _rises(lines: LineIndex, text: Bytes) -> bool:
    """Whether all lines begin with as much as a minute, and none with less than the one before."""
    if (lines.lengths < _STAMP_BYTES).any():
        return False
    day, time = rows(text, lines.begins, _STAMP_BYTES).byteswap().T
    falls = (day[1:] < day[:-1]) | ((day[1:] == day[:-1]) & (time[1:] < time[:-1]))
    return not falls.any()
