"""Where the lines of what is scanned stand, and of what kind a host said that they are."""

from collections.abc import Sequence
from dataclasses import replace
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

    def settle(self) -> None:
        """Let go of the lines, of which only the lengths tell places."""
        if not len(self._offsets):
            lengths = (len(line) + 1 for line in self._lines)
            self._offsets = list(accumulate(lengths, initial=0))
        self._lines = ()

    def moved(self, ahead: int) -> "BlockPlaces":
        """The places in a file in which so many lines stand before."""
        self.settle()
        line = None if self._line is None else self._line + ahead
        return BlockPlaces(Block(b"", self._path, self._offset, line, 0), (), self._offsets)

    def of(self, number: int) -> LinePlace:
        self.settle()
        line = None if self._line is None else self._line + number
        return LinePlace(self._path, line, self._offset + int(self._offsets[number]))


class PickedPlaces:
    """The places of lines that a host picked."""

    def __init__(self, picked: Picked) -> None:
        self._picked = picked

    def kind(self, number: int) -> str:
        return self._picked.lines[number].kind

    def settle(self) -> None:
        """There is nothing to let go of: what was picked is little."""

    def moved(self, ahead: int) -> "PickedPlaces":
        """The places in a file in which so many lines stand before."""
        lines = tuple(replace(line, number=line.number + ahead) for line in self._picked.lines)
        return PickedPlaces(replace(self._picked, lines=lines))

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

    def settle(self) -> None:
        """There is nothing to let go of."""

    def moved(self, ahead: int) -> "OnePlace":
        """The place in a file in which so many lines stand before."""
        return OnePlace(self._place.moved(ahead))

    def of(self, _number: int) -> LinePlace:
        return self._place


Places = BlockPlaces | PickedPlaces | OnePlace
