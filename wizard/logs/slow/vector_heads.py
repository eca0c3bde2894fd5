"""The kinds of lines above a slow log's statements, by the hashes of their shapes. Needs numpy.

Lines with one shape (all digits zeros) have their numbers in the same places.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wizard.logs.engine.block_bytes import BlockBytes
from wizard.logs.engine.line_hash import UNKNOWN, KnownHashes, hashes
from wizard.logs.engine.line_index import LineIndex, Places
from wizard.logs.engine.shapes import LONGEST_SHAPE, MAX_SHAPES
from wizard.logs.slow.lines import NAMED

ODD, NONE, USER, SCHEMA, QUERY, QUERY_AFFECTED, QUERY_BYTES, AFFECTED_BYTES, BYTES, MORE, USE = (
    range(11)
)
"""What a line is. `NONE`: there is no such line; `ODD`: it is none of the usual ones."""

WHO, SECONDS, LOCKED, SENT, EXAMINED, SENT_BYTES, STOPPED, ERRNO = range(8)
"""The parts of a line. A part's place is told by where it ends and how long it is."""

_NUMBER = rb"\d{1,12}"
_TIMES = (
    rb"# Query_time: (?P<f1>\d{1,8}\.\d{6})  Lock_time: (?P<f2>\d{1,8}\.\d{6}) +"
    rb"Rows_sent: (?P<f3>" + _NUMBER + rb")  Rows_examined: (?P<f4>" + _NUMBER + rb")"
)
_ENDS = rb"Bytes_sent: (?P<f5>" + _NUMBER + rb")(?!\d)[^\n]*"
_FORMS = tuple(
    (code, re.compile(text))
    for code, text in (
        (USER, rb"# User@Host: (?P<f0>" + NAMED + rb")[^\n]*"),
        (SCHEMA, rb"# (?:Thread_id|Schema): [^\n]*"),
        (QUERY, _TIMES),
        (QUERY_AFFECTED, _TIMES + rb"  Rows_affected: \d+"),
        (QUERY_BYTES, _TIMES + rb" Thread_id: \d+ Errno: \d+ Killed: \d+ Bytes_received: \d+ "
         + _ENDS),
        (AFFECTED_BYTES, rb"# Rows_affected: \d+  " + _ENDS),
        (BYTES, rb"# " + _ENDS),
        (MORE, rb"# (?:Tmp_|Full_|Filesort|InnoDB_|Pages_|explain: )[^\n]*"),
        (USE, rb"use \w{1,64};"),
    )
)  # fmt: skip

_PARTS = 8
_STOPS = re.compile(rb"(?:Killed|rrno): (\d{1,12})(?!\d)")
"""What tells that a statement did not end by itself, unless it is 0."""

Table = NDArray[np.intp]


class HeadKinds:
    """Learns the kinds of lines. `forms`, `ends` and `widths` are by a kind's number."""

    def __init__(self, block: BlockBytes) -> None:
        self._block = block
        self._known = KnownHashes()
        self._kinds: list[tuple[int, list[int], list[int]]] = []
        self._forget()

    def numbers(self, lines: LineIndex, chosen: Places) -> Table:
        """The number of the kind of each of the `chosen` lines."""
        begins, lengths = lines.begins[chosen], lines.lengths[chosen]
        short = lengths <= LONGEST_SHAPE
        found = hashes(self._block.shape, begins, np.where(short, lengths, 0))
        numbers = self._known.numbers(found).astype(np.intp)
        numbers[~short] = 0
        unknown = np.flatnonzero(numbers == UNKNOWN)
        if len(unknown):
            if self._known.count + len(unknown) > MAX_SHAPES:
                self._forget()
                return self.numbers(lines, chosen)
            fresh: dict[int, int] = {}
            for at in unknown.tolist():
                key = int(found[at])
                if key not in fresh:
                    fresh[key] = self._learnt(lines[int(chosen[at])])
                    self._known.add(key, fresh[key])
                numbers[at] = fresh[key]
            self._tabulate()
        return numbers

    def _learnt(self, line: bytes) -> int:
        self._kinds.append(_kind(line))
        return len(self._kinds) - 1

    def _forget(self) -> None:
        self._known.forget()
        self._kinds = [(ODD, [0] * _PARTS, [0] * _PARTS)]
        self._tabulate()

    def _tabulate(self) -> None:
        self.forms: Table = _column([kind[0] for kind in self._kinds])
        self.ends: Table = _column([kind[1] for kind in self._kinds])
        self.widths: Table = _column([kind[2] for kind in self._kinds])
        self.may_stop = bool(self.widths[:, STOPPED:].any())


def _kind(line: bytes) -> tuple[int, list[int], list[int]]:
    """What a line is, and where its parts end and how long they are."""
    ends, widths = [0] * _PARTS, [0] * _PARTS
    for code, form in _FORMS:
        if (found := form.fullmatch(line)) is not None:
            for name in found.groupdict():
                part = int(name[1:])
                begin, ends[part] = found.span(name)
                widths[part] = ends[part] - begin
            return (code if _takes_stops(line, ends, widths) else ODD), ends, widths
    return ODD, ends, widths


def _takes_stops(line: bytes, ends: list[int], widths: list[int]) -> bool:
    """Whether all that may tell of an error or a kill is among the line's parts now."""
    stops = list(_STOPS.finditer(line))
    for part, stop in zip((STOPPED, ERRNO), stops, strict=False):
        ends[part], widths[part] = stop.end(1), stop.end(1) - stop.start(1)
    return len(stops) <= 2 and len(stops) == line.count(b"Killed: ") + line.count(b"rrno: ")


def _column(numbers: Sequence[int] | Sequence[list[int]]) -> Table:
    return np.array(numbers, np.intp)
