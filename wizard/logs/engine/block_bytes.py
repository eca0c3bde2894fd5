"""A block's bytes, as they are and with a zero for each digit, and rows of them. Needs numpy.

Fresh memory for each block would cost more than what is done with it, so the room is used again.
"""

import numpy as np
from numpy.typing import NDArray

from wizard.logs.engine.line_index import LINE_FEED, LineIndex, Places, Words
from wizard.logs.engine.shapes import LONGEST_SHAPE

Bytes = NDArray[np.uint8]

WIDEST = LONGEST_SHAPE + 8
"""Bytes of the widest row."""

_ZERO = 48
_FIRST_BIT = np.array([8 - code.bit_length() for code in range(256)], np.intp)
_SINGLE_BIT = np.array([code.bit_count() == 1 for code in range(256)])


class BlockBytes:
    """The block that was taken last, and its shape; behind both lie WIDEST bytes of no meaning."""

    text: Bytes
    shape: Bytes

    def __init__(self) -> None:
        self._make_room(0)

    def take(self, data: bytes) -> LineIndex:
        """The lines of `data`, whose bytes are at hand until the next block is taken."""
        size = len(data)
        if size > len(self._flags):
            self._make_room(size)
        text, shape, flags = self.text[:size], self.shape[:size], self._flags[:size]
        text[:] = np.frombuffer(data, np.uint8)
        # A digit is less than ten above zero: take away as much, and nothing of all others.
        np.subtract(text, _ZERO, out=shape)
        np.less(shape, 10, out=flags)
        np.multiply(shape, flags.view(np.uint8), out=shape)
        np.subtract(text, shape, out=shape)
        np.equal(text, LINE_FEED, out=flags)
        return LineIndex.of(data, _places(flags))

    def _make_room(self, size: int) -> None:
        self.text, self.shape = np.zeros((2, size + WIDEST), np.uint8)
        self._flags = np.zeros(size, np.bool_)


def rows(text: Bytes, begins: Places, width: int) -> Words:
    """The bytes from each place on, one row of `width` for each, as words, lowest byte first."""
    every = np.ndarray((len(text) - width + 1,), f"V{width}", text.data, strides=(1,))
    found: Words = every[begins].view("<u8").reshape(len(begins), width >> 3)
    return found


def _places(flags: NDArray[np.bool_]) -> Places:
    """Where they are set: eight at a time, where no two of eight are."""
    packed = np.packbits(flags)
    filled = np.flatnonzero(packed != 0)
    octets = packed[filled]
    if not _SINGLE_BIT[octets].all():
        return np.flatnonzero(flags)
    found: Places = filled * 8 + _FIRST_BIT[octets]
    return found
