"""The shape of a line: the line with every digit made a zero.

A log repeats itself: of a million lines some thousand shapes are left, since lines differ by
times, numbers of connections and addresses. What a line means is worked out once a shape, and
looked up for all others, at several hundred MB/s and without any extension module.
"""

from collections.abc import Sequence

_ZEROS = bytes(48 if 48 <= code < 58 else code for code in range(256))

MAX_SHAPES = 20_000
MAX_SHAPE_BYTES = 8 << 20
"""What is remembered of shapes at most; then all is forgotten, and learnt again."""

LONGEST_SHAPE = 1024
"""Bytes of a line whose shape is remembered: longer ones seldom come again."""


def shape_of(text: bytes) -> bytes:
    return text.translate(_ZEROS)


def shapes_of(data: bytes) -> list[bytes]:
    """The shapes of the lines of `data`."""
    return data.translate(_ZEROS).split(b"\n")


class ShapeMemory:
    """What lines of a shape mean, as a number; bounded."""

    def __init__(self) -> None:
        self._codes: dict[bytes, int] = {b"": 0}
        self._bytes = 0

    def codes(self, shapes: Sequence[bytes]) -> list[int | None]:
        """The number of each shape; None for one that is not known."""
        return list(map(self._codes.get, shapes))

    def code(self, shape: bytes) -> int | None:
        return self._codes.get(shape)

    def learn(self, shape: bytes, code: int) -> None:
        if len(shape) > LONGEST_SHAPE:
            return
        if len(self._codes) >= MAX_SHAPES or self._bytes >= MAX_SHAPE_BYTES:
            self._codes = {b"": 0}
            self._bytes = 0
        self._codes[shape] = code
        self._bytes += len(shape)
