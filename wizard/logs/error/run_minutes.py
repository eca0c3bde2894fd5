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
_TWO_ZEROS = 0x3030
_NEVER = -(1 << 40)


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
        heads, run = _runs(_stamp(words, at, length), words[zone] & LOWEST[zone_length])
        minutes = self._read(
            lines, words, at[heads], length[heads], zone[heads], zone_length[heads]
        )
        cells = np.bincount(run * self._width + columns.signature[codes])
        filled = np.flatnonzero(cells)
        filled = filled[minutes[filled // self._width] != _NEVER]
        self._keys.append(minutes[filled // self._width] * self._width + filled % self._width)
        self._counts.append(cells[filled])
        self._held += len(filled)

    def _read(
        self,
        lines: LineIndex,
        words: Words,
        at: Places,
        length: Places,
        zone: Places,
        zone_length: Places,
    ) -> Column:
        """The minutes since 1970 of stamps that stand there, _NEVER for what is no time."""
        hours, run = _runs(_stamp(words, at, length - 2), words[zone] & LOWEST[zone_length])
        begins: list[int | None] = []
        for a, n, z, m in _rows(at[hours], length[hours] - 2, zone[hours], zone_length[hours]):
            begins.append(self._minutes.hour(lines.cut(a, a + n), lines.cut(z, z + m)))
        digits = (words[at + length - 2] & LOWEST[2]).astype(np.intp) - _TWO_ZEROS
        tens, ones = digits & 255, digits >> 8
        steady = (digits >= 0) & (tens < 6) & (ones < 10)
        steady &= np.array([begin is not None for begin in begins])[run]
        hour = np.array([(begin or 0) // _MINUTE for begin in begins], np.intp)
        found: Column = hour[run] + 10 * tens + ones
        single = np.flatnonzero(~steady)
        rows = _rows(at[single], length[single], zone[single], zone_length[single])
        for number, (a, n, z, m) in zip(single.tolist(), rows, strict=True):
            second = self._minutes.second(lines.cut(a, a + n), lines.cut(z, z + m))
            found[number] = _NEVER if second is None else second // _MINUTE
        return found

    def taken(self) -> Iterator[tuple[int, dict[int, int]]]:
        """What was counted since the last time: a signature, and the counts by its seconds."""
        if not self._held:
            return
        keys, place = np.unique(np.concatenate(self._keys), return_inverse=True)
        counts = np.bincount(place, np.concatenate(self._counts)).astype(np.intp)
        self._keys, self._counts, self._held = [], [], 0
        sorts = keys % self._width
        for sort in np.unique(sorts).tolist():
            own = sorts == sort
            seconds = keys[own] // self._width * _MINUTE
            yield sort, dict(zip(seconds.tolist(), counts[own].tolist(), strict=True))


def _stamp(words: Words, at: Places, length: Places) -> Words:
    """What stands there, as two words for each."""
    first = words[at] & LOWEST[np.minimum(length, _WORD)]
    return np.array((first, words[at + _WORD] & LOWEST[np.maximum(length - _WORD, 0)]))


def _rows(*columns: Places) -> Iterator[tuple[int, ...]]:
    return zip(*(column.tolist() for column in columns), strict=True)


def _runs(*columns: NDArray[np.uint64]) -> tuple[Places, Places]:
    """Where each run of lines begins that have the same words, and each line's run."""
    changes = np.zeros(columns[0].shape[-1], np.bool_)
    for column in columns:
        differs = column[..., 1:] != column[..., :-1]
        changes[1:] |= differs.any(0) if differs.ndim > 1 else differs
    run = np.cumsum(changes, dtype=np.intp)
    changes[0] = True
    return np.flatnonzero(changes), run
