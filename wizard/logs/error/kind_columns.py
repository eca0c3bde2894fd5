"""The kinds of shapes, column by column, for many lines at once. Needs numpy."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wizard.logs.error.shape_kind import ShapeKind

Column = NDArray[np.intp]

LONGEST_MINUTE = 16
LONGEST_OFFSET = 8
"""Bytes of a minute and of an offset that are compared as words; longer ones are read singly."""


Layout = tuple[int, int, int, int]
"""From where to where minute and offset of a line stand."""


class KindColumns:
    """What each kind tells, by its code. `layouts` are the ways in which times stand in lines."""

    def __init__(self, kinds: Sequence[ShapeKind]) -> None:
        self.count = len(kinds)
        self.layouts: list[Layout] = list(dict.fromkeys(_layout(kind) for kind in kinds))
        numbers = {layout: number for number, layout in enumerate(self.layouts)}
        self.signature = _column([kind.signature for kind in kinds])
        self.layout = _column([numbers[_layout(kind)] for kind in kinds])
        self.names = np.array([kind.names for kind in kinds])
        self.account = _column([kind.account.start for kind in kinds])
        # Counted from a line's end, where None is the end itself.
        self.account_end = _column([kind.account.stop or 0 for kind in kinds])
        self.odd = np.array([_is_odd(_layout(kind)) for kind in kinds])


def _layout(kind: ShapeKind) -> Layout:
    return kind.minute.start, kind.minute.stop, kind.offset.start, kind.offset.stop


def _is_odd(layout: Layout) -> bool:
    return layout[1] - layout[0] > LONGEST_MINUTE or layout[3] - layout[2] > LONGEST_OFFSET


def _column(numbers: list[int]) -> Column:
    return np.array(numbers, np.intp)
