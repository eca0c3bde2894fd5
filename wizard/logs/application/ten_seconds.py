"""Ten seconds of a log whose times are surely read, so that not each of them has to be."""

from datetime import timedelta

from wizard.logs.application.failures import FailureReader
from wizard.logs.application.lone_line import LoneLine
from wizard.logs.application.record import When
from wizard.logs.application.stamps import Stamp

_UP_TO_TENS = 18
"""Characters of `2026-11-20 03:14:1`, as all times of ten seconds begin."""

_SPAN = timedelta(seconds=9, microseconds=999_999)


class TenSeconds:
    """Knows lines of one kind whose times differ in the last digit of the second, or in less."""

    def __init__(self) -> None:
        self._start = self._end = self._rest_at = -1
        self._head = self._rest = ""
        self._first: Stamp | None = None
        self._inside: bool | None = None

    def hold(self, line: str, told: LoneLine) -> bool:
        """Whether the line's time is one of these."""
        return (
            told.end == self._end
            and told.start == self._start
            and line.startswith(self._head, self._start)
            and line[self._rest_at : self._end] == self._rest
        )

    def begin(self, line: str, stamp: Stamp) -> None:
        """Take those around this line's time, if it is of a form that can be compared."""
        self._end = -1
        found, start = stamp.found, stamp.start
        if not stamp.form.sortable or stamp.again:
            return
        moved = start - found.start("y")
        seconds = line[start + 17 : start + 19]
        if found.start("S") + moved != start + 17 or len(seconds) != 2 or seconds > "59":
            return
        if found.end() + moved != stamp.end:
            return
        last = "f" if found.start("f") >= 0 else "S"
        self._rest_at, self._start, self._end = found.end(last) + moved, start, stamp.end
        self._head = line[start : start + _UP_TO_TENS]
        self._rest = line[self._rest_at : stamp.end]
        self._first = stamp

    def inside(self, reader: FailureReader) -> bool | None:
        """Whether all of them lie in the window; None where that differs, or none is a time."""
        if self._first is not None:
            at = reader.moment(When(self._first, None))
            self._first = None
            self._inside = None
            if at is not None:
                first = at.replace(second=at.second // 10 * 10, microsecond=0)
                self._inside = reader.holds(first, first + _SPAN)
        return self._inside
