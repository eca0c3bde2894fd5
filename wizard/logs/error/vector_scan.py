"""Scans a large error log as `scan` does, all lines of a block at a time. Needs numpy.

A line's shape is known by its hash, and so is its end, which names the account. Only the first
line of each is read; minutes are counted by the runs of lines that have the same one. What each
kind of line tells, what is kept of lines and what comes out is the Scanner's own.
"""

from collections.abc import Mapping, MutableSequence, Sequence, Set
from datetime import tzinfo
from typing import cast

import numpy as np
from numpy.typing import NDArray

from knowledge.model import Signature
from wizard.logs.engine.block import Block
from wizard.logs.engine.line_hash import UNKNOWN, KnownHashes, Numbers, hashes
from wizard.logs.engine.line_index import LineIndex, Places, Words
from wizard.logs.engine.shapes import LONGEST_SHAPE, MAX_SHAPES, shape_of
from wizard.logs.error import line_places
from wizard.logs.error.kind_columns import KindColumns
from wizard.logs.error.known_tails import KnownTails
from wizard.logs.error.line_places import BlockPlaces
from wizard.logs.error.run_minutes import RunMinutes
from wizard.logs.error.scan import Scanner

VECTOR_BLOCK = 512 << 10
"""Bytes of one block: less, and the calls cost more than what they do; more leaves the cache."""

MANY = 64
"""Lines of a block that are worth it."""

_STAMP_BYTES = 16


class VectorScanner(Scanner):
    """Takes the blocks of a log, one after the other."""

    def __init__(self, known: tuple[Signature, ...], zone: tzinfo | None) -> None:
        super().__init__(known, zone)
        self._shapes = KnownHashes()
        self._ends = KnownTails()
        self._runs = RunMinutes(self._minutes, len(known))
        self._columns = KindColumns(self._kinds)

    def feed(self, block: Block) -> None:
        lines = LineIndex.of(block.data)
        if len(lines) < MANY:
            super().feed(block)
            return
        places = BlockPlaces(block, (), cast(Sequence[int], lines.begins))
        self._feed(lines, lines.over(shape_of(block.data)), places)
        lines.settle()
        self._bytes += block.size
        self._lines += len(lines)

    def _coded(self, lines: Sequence[bytes], shapes: Sequence[bytes]) -> MutableSequence[int]:
        if not isinstance(shapes, LineIndex):
            return super()._coded(lines, shapes)
        short = shapes.lengths <= LONGEST_SHAPE
        found = hashes(shapes.words(), shapes.begins, np.where(short, shapes.lengths, 0))
        codes = self._shapes.numbers(found)
        codes[~short] = UNKNOWN
        unknown = np.flatnonzero(codes == UNKNOWN)
        if len(unknown):
            self._learn(lines, shapes, found, codes, unknown, short)
        if self._columns.count < len(self._kinds):
            self._columns = KindColumns(self._kinds)
        return cast(MutableSequence[int], codes)

    def _learn(
        self,
        lines: Sequence[bytes],
        shapes: Sequence[bytes],
        found: Words,
        codes: Numbers,
        unknown: Places,
        short: NDArray[np.bool_],
    ) -> None:
        """In the order of the lines, as a shape's first line tells what all of them have."""
        if self._shapes.count > MAX_SHAPES:
            self._shapes.forget()
        fresh: dict[int, int] = {}
        for number in unknown.tolist():
            key = int(found[number])
            code = fresh.get(key) if short[number] else None
            if code is None:
                code = self._learnt(lines[number], shapes[number])
                if short[number]:
                    fresh[key] = code
            codes[number] = code
        for key, code in fresh.items():
            if self._shapes.count <= MAX_SHAPES:
                self._shapes.add(key, code)

    def _found(self, codes: Sequence[int]) -> Mapping[int, int]:
        if not isinstance(codes, np.ndarray):
            return super()._found(codes)
        counts = np.bincount(codes)
        return {code: int(counts[code]) for code in np.flatnonzero(counts).tolist()}

    def _numbers(self, codes: Sequence[int], wanted: Set[int]) -> list[int]:
        if not isinstance(codes, np.ndarray):
            return super()._numbers(codes, wanted)
        is_wanted = np.zeros(len(self._kinds), np.bool_)
        is_wanted[list(wanted)] = True
        numbers: list[int] = np.flatnonzero(is_wanted[codes]).tolist()
        return numbers

    def _watch(self, lines: Sequence[bytes], places: line_places.Places) -> None:
        if (
            isinstance(lines, LineIndex)
            and _rises(lines)
            and self._steps.goes_on(lines[0], lines[-1])
        ):
            return
        super()._watch(lines, places)

    def _tally(self, lines: Sequence[bytes], codes: Sequence[int], hits: int) -> None:
        if not isinstance(lines, LineIndex) or not isinstance(codes, np.ndarray):
            super()._tally(lines, codes, hits)
            return
        columns = self._columns
        met = np.flatnonzero(columns.signature[codes] >= 0)
        single = columns.odd[codes[met]] | (lines.lengths[met] > LONGEST_SHAPE)
        if single.any():
            odd = met[single].tolist()
            super()._tally([lines[n] for n in odd], [int(codes[n]) for n in odd], len(odd))
            met = met[~single]
        words = lines.words()
        stamped = met[columns.minute_length[codes[met]] > 0]
        if len(stamped):
            self._runs.add(lines, words, stamped, columns, codes[stamped])
        named = met[columns.names[codes[met]]]
        begins = lines.begins[named] + columns.tail[codes[named]]
        self._ends.add(lines, words, begins, lines.begins[named] + lines.lengths[named])
        if self._runs.is_full:
            self._count_minutes()
        if self._ends.is_full:
            self._count_accounts()
            self._ends.forget()

    def _count_minutes(self) -> None:
        for sort, seconds, counts in self._runs.taken():
            self._counts[sort].minutes.add_many(seconds, counts)
        super()._count_minutes()

    def _count_accounts(self) -> None:
        self._tails.update(self._ends.taken())
        super()._count_accounts()


def _rises(lines: LineIndex) -> bool:
    """Whether all lines begin with as much as a minute, and none with less than the one before."""
    if (lines.lengths < _STAMP_BYTES).any():
        return False
    words = lines.words()
    day = words[lines.begins].byteswap()
    time = words[lines.begins + 8].byteswap()
    falls = (day[1:] < day[:-1]) | ((day[1:] == day[:-1]) & (time[1:] < time[:-1]))
    return not falls.any()
