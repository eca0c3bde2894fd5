"""The kinds of lines, by the hashes of their shapes: all lines of a block at once. Needs numpy."""

from collections.abc import Mapping, MutableSequence, Sequence, Set
from datetime import tzinfo
from typing import cast

import numpy as np
from numpy.typing import NDArray

from knowledge.model import Signature
from wizard.logs.engine.block_bytes import BlockBytes
from wizard.logs.engine.line_hash import UNKNOWN, KnownHashes, Numbers, hashes
from wizard.logs.engine.line_index import LineIndex, Places, Words
from wizard.logs.engine.shapes import LONGEST_SHAPE, MAX_SHAPES, shape_of
from wizard.logs.error.kind_columns import KindColumns
from wizard.logs.error.line_kinds import LineKinds
from wizard.logs.error.minutes import Minutes


class VectorKinds(LineKinds):
    """Gives each line the code of its kind. `columns` are what the kinds tell."""

    def __init__(
        self,
        known: tuple[Signature, ...],
        minutes: Minutes,
        zone: tzinfo | None,
        block: BlockBytes,
    ) -> None:
        super().__init__(known, minutes, zone)
        self._block = block
        self._shapes = KnownHashes()
        self.columns = KindColumns(self.kinds)

    def coded(self, lines: Sequence[bytes], shapes: Sequence[bytes]) -> MutableSequence[int]:
        if not isinstance(lines, LineIndex):
            return super().coded(lines, shapes)
        short = lines.lengths <= LONGEST_SHAPE
        found = hashes(self._block.shape, lines.begins, np.where(short, lines.lengths, 0))
        codes = self._shapes.numbers(found)
        codes[~short] = UNKNOWN
        unknown = np.flatnonzero(codes == UNKNOWN)
        if len(unknown):
            self._learn(lines, found, codes, unknown, short)
        if self.columns.count < len(self.kinds):
            self.columns = KindColumns(self.kinds)
        return cast(MutableSequence[int], codes)

    def _learn(
        self,
        lines: LineIndex,
        found: Words,
        codes: Numbers,
        unknown: Places,
        short: NDArray[np.bool_],
    ) -> None:
        """In the order of the lines, as a shape's first line tells what all of them have."""
        if self._shapes.count > MAX_SHAPES:
            self._shapes.forget()
        fresh: dict[int, int] = {}
        learnt: list[int] = []
        keys, are_short = found[unknown].tolist(), short[unknown].tolist()
        for number, key, is_short in zip(unknown.tolist(), keys, are_short, strict=True):
            code = fresh.get(key) if is_short else None
            if code is None:
                line = lines[number]
                code = self.learnt(line, shape_of(line))
                if is_short:
                    fresh[key] = code
            learnt.append(code)
        codes[unknown] = learnt
        for key, code in fresh.items():
            if self._shapes.count <= MAX_SHAPES:
                self._shapes.add(key, code)

    def found(self, codes: Sequence[int]) -> Mapping[int, int]:
        if not isinstance(codes, np.ndarray):
            return super().found(codes)
        counts = np.bincount(codes)
        return {code: int(counts[code]) for code in np.flatnonzero(counts).tolist()}

    def numbers(self, codes: Sequence[int], wanted: Set[int]) -> list[int]:
        if not isinstance(codes, np.ndarray):
            return super().numbers(codes, wanted)
        is_wanted = np.zeros(len(self.kinds), np.bool_)
        is_wanted[list(wanted)] = True
        numbers: list[int] = np.flatnonzero(is_wanted[codes]).tolist()
        return numbers
