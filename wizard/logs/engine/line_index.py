"""The lines of a block by the places where they begin and end, cut out only when asked for.

Needs numpy, which the extra `fast` brings: a module that imports this one is imported late.
"""

from collections.abc import Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.intp]
Words = NDArray[np.uint64]

PAD = bytes(16)
"""Behind a block, so that the word at any of its bytes can be read."""

_LINE_FEED = 10


class LineIndex(Sequence[bytes]):
    """The lines of `data`. `begins` and `lengths` are without the line feeds."""

    def __init__(self, data: bytes, begins: Places, lengths: Places) -> None:
        self.begins, self.lengths = begins, lengths
        self._data = data
        self._words: Words | None = None

    @classmethod
    def of(cls, data: bytes) -> "LineIndex":
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == _LINE_FEED)
        if data and not data.endswith(b"\n"):
            ends = np.append(ends, len(data))
        begins = np.zeros_like(ends)
        begins[1:] = ends[:-1] + 1
        return cls(data, begins, ends - begins)

    def over(self, data: bytes) -> "LineIndex":
        """The same places in other bytes of that length."""
        return LineIndex(data, self.begins, self.lengths)

    def words(self) -> Words:
        """Eight bytes from each byte on, as a number whose lowest byte comes first."""
        if self._words is None:
            padded = self._data + PAD
            self._words = np.ndarray((len(padded) - 7,), "<u8", padded, strides=(1,))
        return self._words

    def settle(self) -> None:
        """Let go of what only made reading fast: a kept block's lines are seldom cut."""
        self._words = None

    def cut(self, begin: int, end: int) -> bytes:
        """The bytes from one place to another, whatever lines they belong to."""
        return self._data[begin:end]

    def __len__(self) -> int:
        return len(self.begins)

    @overload
    def __getitem__(self, number: int) -> bytes: ...

    @overload
    def __getitem__(self, number: slice) -> list[bytes]: ...

    def __getitem__(self, number: int | slice) -> bytes | list[bytes]:
        if isinstance(number, slice):
            return [self[n] for n in range(*number.indices(len(self)))]
        begin = int(self.begins[number])
        return self._data[begin : begin + int(self.lengths[number])]
