"""Where the lines of what is scanned stand, and of what kind a host said that they are."""

from collections.abc import Sequence
from itertools import accumulate

from wizard.logs.engine.block import Block
from wizard.logs.error.scan_model import LinePlace, Picked


class BlockPlaces:
    """The places of a block's lines, worked out only for those that are asked for.

    `offsets` are those of the lines in the block, where they are known.
    """

    def __init__(self, block: Block, lines: Sequence[bytes], offsets: Sequence[int] = ()) -> None:
        self._path, self._line, self._offset = block.path, block.line, block.offset
        self._lines = lines
        self._offsets = offsets

    def kind(self, _number: int) -> str:
        return ""

    def of(self, number: int) -> LinePlace:
        if not len(self._offsets):
            lengths = (len(line) + 1 for line in self._lines)
            self._offsets = list(accumulate(lengths, initial=0))
        line = None if self._line is None else self._line + number
        return LinePlace(self._path, line, self._offset + int(self._offsets[number]))


class PickedPlaces:
    """The places of lines that a host picked."""

    def __init__(self, picked: Picked) -> None:
        self._picked = picked

    def kind(self, number: int) -> str:
        return self._picked.lines[number].kind

    def of(self, number: int) -> LinePlace:
        line = self._picked.lines[number]
        return LinePlace(
            self._picked.path, line.number if self._picked.numbered else None, line.offset
        )


class OnePlace:
    """The place of a single line, which holds on to no block."""

    def __init__(self, place: LinePlace) -> None:
        self._place = place

    def kind(self, _number: int) -> str:
        return ""

    def of(self, _number: int) -> LinePlace:
        return self._place


Places = BlockPlaces | PickedPlaces | OnePlace
