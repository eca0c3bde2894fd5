"""Where the lines of what is scanned stand, and of what kind a host said that they are."""

from wizard.logs.engine.block import Block
from wizard.logs.error.scan_model import LinePlace, Picked


class BlockPlaces:
    """The places of a block's lines, worked out only for those that are asked for."""

    def __init__(self, block: Block, lines: list[bytes]) -> None:
        self._path, self._line, self._offset = block.path, block.line, block.offset
        self._lengths = None if block.line is not None else [len(x) + 1 for x in lines]

    def kind(self, _number: int) -> str:
        return ""

    def of(self, number: int) -> LinePlace:
        if self._lengths is None:
            return LinePlace(self._path, (self._line or 0) + number, self._offset)
        return LinePlace(self._path, None, self._offset + sum(self._lengths[:number]))


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


Places = BlockPlaces | PickedPlaces
