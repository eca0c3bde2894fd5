"""Lines that say nothing of a matter, known by their shapes.

A log repeats itself: what the shape of a line (all its digits zeros) cannot say, no line of this
shape says. So a question is asked once a shape, in place of once a line.
"""

from collections.abc import Callable, Sequence

from wizard.logs.engine.shapes import LONGEST_SHAPE, ShapeMemory, shape_of, shapes_of

Question = Callable[[bytes], bool]
"""Whether a line with this shape may speak of the matter. It has to hold of the shape wherever it
holds of a line: a digit that it asks for has to be a zero, or any digit."""

_DULL, _TELLING = 1, 2


class DullShapes:
    """Remembers which shapes of lines cannot speak of a matter; bounded."""

    def __init__(self, may_speak: Question) -> None:
        self._may_speak = may_speak
        self._known = ShapeMemory()

    def is_dull(self, line: bytes) -> bool:
        """Whether `line` surely does not speak of the matter."""
        if len(line) > LONGEST_SHAPE:
            return False
        shape = shape_of(line)
        return (self._known.code(shape) or self._learnt(shape)) == _DULL

    def telling(self, data: bytes) -> Sequence[int]:
        """The numbers, from 0, of those lines of `data` that may speak of it."""
        shapes = shapes_of(data)
        codes = self._known.codes(shapes)
        if None in codes:
            codes = [code or self._learnt(s) for s, code in zip(shapes, codes, strict=True)]
        return [] if _TELLING not in codes else [n for n, c in enumerate(codes) if c == _TELLING]

    def _learnt(self, shape: bytes) -> int:
        if not shape:
            return _DULL
        code = _TELLING if self._may_speak(shape) else _DULL
        self._known.learn(shape, code)
        return code
