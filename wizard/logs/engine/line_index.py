"""The lines of a block by the places where they begin and end, cut out only when asked for.

Needs numpy, which the extra `fast` brings: a module that imports this one is imported late.
"""

from collections.abc import Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.intp]
Words = NDArray[np.uint64]


LINE_FEED = 10


def count_line_feeds(data: bytes) -> int:
    """How many `data` holds, several times as fast as its own `count`."""
    return int(np.count_nonzero(np.frombuffer(data, np.uint8) == LINE_FEED))


class LineIndex(Sequence[bytes]):
    """The lines of `data`. `begins` and `lengths` are without the line feeds."""

    def __init__(self, data: bytes, begins: Places, lengths: Places) -> None:
        self.begins, self.lengths = begins, lengths
        self._data = data

    @classmethod
    def of(cls, data: bytes, ends: Places) -> "LineIndex":
        """The lines of `data`, whose line feeds are at `ends`."""
        if data and not data.endswith(b"\n"):
            ends = np.append(ends, len(data))
        begins = np.zeros_like(ends)
        begins[1:] = ends[:-1] + 1
        return cls(data, begins, ends - begins)

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
