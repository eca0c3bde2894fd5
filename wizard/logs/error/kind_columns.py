"""The kinds of shapes, column by column, for many lines at once. Needs numpy."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wizard.logs.error.shape_kind import ShapeKind

Column = NDArray[np.intp]

LONGEST_MINUTE = 16
LONGEST_OFFSET = 8
"""Bytes of a minute and of an offset that are compared as words; longer ones are read singly."""


class KindColumns:
    """What each kind tells, by its code."""

    def __init__(self, kinds: Sequence[ShapeKind]) -> None:
        self.count = len(kinds)
        self.signature = _column([kind.signature for kind in kinds])
        self.minute = _column([kind.minute.start for kind in kinds])
        self.minute_length = _column([kind.minute.stop - kind.minute.start for kind in kinds])
        self.offset = _column([kind.offset.start for kind in kinds])
        self.offset_length = _column([kind.offset.stop - kind.offset.start for kind in kinds])
        # None where there is an account: it goes on to the line's end.
        self.names = np.array([kind.tail.stop is None for kind in kinds])
        self.tail = _column([kind.tail.start for kind in kinds])
        self.odd = (self.minute_length > LONGEST_MINUTE) | (self.offset_length > LONGEST_OFFSET)


def _column(numbers: list[int]) -> Column:
    return np.array(numbers, np.intp)
