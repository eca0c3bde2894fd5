"""How many lines of each signature stand in each run of lines of one minute. Needs numpy."""

from collections.abc import Iterator, Sequence

import numpy as np

from wizard.logs.engine.block_bytes import Bytes, rows
from wizard.logs.engine.line_hash import LOWEST
from wizard.logs.engine.line_index import LineIndex, Places, Words
from wizard.logs.error.kind_columns import Column, Layout
from wizard.logs.error.minutes import Minutes

MOST = 400_000
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
        self, lines: LineIndex, text: Bytes, begins: Places, signatures: Places, layout: Layout
    ) -> None:
        """Take the lines that begin there, in all of which the time stands alike."""
        columns = list(_columns(text, begins, layout))
        heads, run = _runs(columns)
        present, own = _numbered(signatures)
        minutes = self._read(lines, begins[heads], layout, [column[heads] for column in columns])
        cells = np.bincount(run * len(present) + own)
        filled = np.flatnonzero(cells)
        at = filled // len(present)
        if (minutes == _NEVER).any():
            filled = filled[minutes[at] != _NEVER]
            at = filled // len(present)
        self._keys.append(minutes[at] * self._width + present[filled % len(present)])
        self._counts.append(cells[filled])
        self._held += len(filled)

    def _read(
        self, lines: LineIndex, begins: Places, layout: Layout, columns: Sequence[Words]
    ) -> Column:
        """The minutes since 1970 of lines that begin there, _NEVER for what is no time."""
        start, stop, zone, zone_stop = layout
        first, second, *offset = columns
        length = stop - start
        # The words without the two digits of the minute, and these two.
        hour = second & LOWEST[max(0, length - 2 - _WORD)]
        hours, run = _runs([first & LOWEST[min(_WORD, length - 2)], hour, *offset])
        known: list[int | None] = []
        for begin in begins[hours].tolist():
            stamp = lines.cut(begin + start, begin + stop - 2)
            known.append(self._minutes.hour(stamp, lines.cut(begin + zone, begin + zone_stop)))
        digits = (second >> np.uint64(8 * (length - 2 - _WORD))).astype(np.intp) - _TWO_ZEROS
        tens, ones = digits & 255, digits >> 8
        steady = (digits >= 0) & (tens < 6) & (ones < 10)
        steady &= np.array([hour is not None for hour in known])[run]
        found: Column = np.array([(hour or 0) // _MINUTE for hour in known], np.intp)[run]
        found += 10 * tens + ones
        for number in np.flatnonzero(~steady).tolist():
            begin = int(begins[number])
            stamp = lines.cut(begin + start, begin + stop)
            told = self._minutes.second(stamp, lines.cut(begin + zone, begin + zone_stop))
            found[number] = _NEVER if told is None else told // _MINUTE
        return found

    def taken(self) -> Iterator[tuple[int, dict[int, int]]]:
        """What was counted since the last time: a signature, and the counts by its seconds."""
        if not self._held:
            return
        keys, counts = _added_up(np.concatenate(self._keys), np.concatenate(self._counts))
        self._keys, self._counts, self._held = [], [], 0
        sorts = keys % self._width
        for sort in np.unique(sorts).tolist():
            own = sorts == sort
            seconds = keys[own] // self._width * _MINUTE
            yield sort, dict(zip(seconds.tolist(), counts[own].tolist(), strict=True))


def _added_up(keys: Column, counts: Column) -> tuple[Column, Column]:
    """Each key once, in order, with the sum of its counts. As a log's times rise, so do they."""
    changes = np.ones(len(keys), np.bool_)
    if (keys[1:] < keys[:-1]).any():
        order = np.argsort(keys, kind="stable")
        keys, counts = keys[order], counts[order]
    changes[1:] = keys[1:] != keys[:-1]
    begins = np.flatnonzero(changes)
    return keys[begins], np.add.reduceat(counts, begins)


def _columns(text: Bytes, begins: Places, layout: Layout) -> Iterator[Words]:
    """What stands there of the minute, as two words, and of the offset, if there is one."""
    start, stop, zone, zone_stop = layout
    length = stop - start
    minute = rows(text, begins + start, 2 * _WORD)
    yield minute[:, 0] & LOWEST[min(length, _WORD)]
    yield minute[:, 1] & LOWEST[max(length - _WORD, 0)]
    if zone_stop:
        yield rows(text, begins + zone, _WORD)[:, 0] & LOWEST[zone_stop - zone]


def _numbered(signatures: Places) -> tuple[Places, Places]:
    """The signatures that are there, and for each line which of them it has."""
    counts = np.bincount(signatures)
    present = np.flatnonzero(counts)
    numbers = np.zeros(len(counts), np.intp)
    numbers[present] = np.arange(len(present))
    return present, numbers[signatures]


def _runs(columns: Sequence[Words]) -> tuple[Places, Places]:
    """Where each run of lines begins that have the same words, and each line's run."""
    changes = np.zeros(len(columns[0]), np.bool_)
    for column in columns:
        changes[1:] |= column[1:] != column[:-1]
    run = np.cumsum(changes, dtype=np.intp)
    changes[0] = True
    return np.flatnonzero(changes), run
