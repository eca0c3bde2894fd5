"""A block's bytes as words, as they are and with a zero for each digit. Needs numpy.

Fresh memory for each block would cost more than what is done with it, so the room is used again.
"""

import numpy as np
from numpy.typing import NDArray

from wizard.logs.engine.line_index import LineIndex, Words

_PAD = 16
"""Bytes behind a block, so that the word at any of its bytes can be read."""

_LINE_FEED, _ZERO = 10, 48


class BlockWords:
    """The words of the block that was taken last.

    One for each of its bytes: that and the seven behind it, the lowest byte first.
    """

    words: Words
    shapes: Words

    def __init__(self) -> None:
        self._make_room(0)

    def take(self, data: bytes) -> LineIndex:
        """The lines of `data`, whose words are at hand until the next block is taken."""
        size = len(data)
        if size > len(self._flags):
            self._make_room(size)
        text, shape, flags = self._text[:size], self._shape[:size], self._flags[:size]
        text[:] = np.frombuffer(data, np.uint8)
        self._text[size : size + _PAD] = self._shape[size : size + _PAD] = 0
        # A digit is less than ten above zero: take away as much, and nothing of all others.
        np.subtract(text, _ZERO, out=shape)
        np.less(shape, 10, out=flags)
        np.multiply(shape, flags.view(np.uint8), out=shape)
        np.subtract(text, shape, out=shape)
        np.equal(text, _LINE_FEED, out=flags)
        return LineIndex.of(data, np.flatnonzero(flags))

    def _make_room(self, size: int) -> None:
        self._text, self._shape = np.zeros((2, size + _PAD), np.uint8)
        self._flags = np.zeros(size, np.bool_)
        self.words, self.shapes = _words(self._text), _words(self._shape)


def _words(text: NDArray[np.uint8]) -> Words:
    return np.ndarray((len(text) - 7,), "<u8", text.data, strides=(1,))
