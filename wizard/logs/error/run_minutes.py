"""How many lines of each signature stand in each run of lines of one minute. Needs numpy."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from wizard.logs.engine.line_hash import LOWEST
from wizard.logs.engine.line_index import LineIndex, Places, Words
from wizard.logs.error.kind_columns import Column, KindColumns
from wizard.logs.error.minutes import Minutes

MOST = 100_000
"""Counts that are held before they are added up."""

_MINUTE = 60
_WORD = 8


class RunMinutes:
    """Adds up lines by minute and signature, and reads the time once a run."""

    def __init__(self, minutes: Minutes, signatures: int) -> None:
        self._minutes = minutes
        self._width = signatures
        self._keys: list[Column] = []
        self._counts: list[Column] = []
        self._held = 0

    @property
    def is_full(self) -> bool:
        return self._held > MOST

    def add(
        self, lines: LineIndex, words: Words, numbers: Places, columns: KindColumns, codes: Places
    ) -> None:
        """Take the lines of these numbers, each of which has a time."""
        at, length = lines.begins[numbers] + columns.minute[codes], columns.minute_length[codes]
        zone = lines.begins[numbers] + columns.offset[codes]
        zone_length = columns.offset_length[codes]
        heads, run = _runs(
            words[at] & LOWEST[np.minimum(length, _WORD)],
            words[at + _WORD] & LOWEST[np.maximum(length - _WORD, 0)],
            words[zone] & LOWEST[zone_length],
        )
        told = [
            self._minutes.second(lines.cut(a, a + n), lines.cut(z, z + m))
            for a, n, z, m in zip(
                at[heads].tolist(), length[heads].tolist(),
                zone[heads].tolist(), zone_length[heads].tolist(), strict=True,
            )
        ]  # fmt: skip
        cells = np.bincount(run * self._width + columns.signature[codes])
        filled = np.flatnonzero(cells)
        timed = np.array([second is not None for second in told])[filled // self._width]
        filled = filled[timed]
        minutes = np.array([(second or 0) // _MINUTE for second in told], np.intp)
        self._keys.append(minutes[filled // self._width] * self._width + filled % self._width)
        self._counts.append(cells[filled])
        self._held += len(filled)

    def taken(self) -> Iterator[tuple[int, list[int], list[int]]]:
        """What was counted since the last time: a signature, its minutes' seconds, the counts."""
        if not self._held:
            return
        keys, place = np.unique(np.concatenate(self._keys), return_inverse=True)
        counts = np.bincount(place, np.concatenate(self._counts)).astype(np.intp)
        self._keys, self._counts, self._held = [], [], 0
        sorts = keys % self._width
        for sort in np.unique(sorts).tolist():
            own = sorts == sort
            seconds = keys[own] // self._width * _MINUTE
            yield sort, seconds.tolist(), counts[own].tolist()


def _runs(*columns: NDArray[np.uint64]) -> tuple[Places, Places]:
    """Where each run of lines begins that have the same words, and each line's run."""
    changes = np.zeros(len(columns[0]), np.bool_)
    for column in columns:
        changes[1:] |= column[1:] != column[:-1]
    run = np.cumsum(changes, dtype=np.intp)
    changes[0] = True
    return np.flatnonzero(changes), run
