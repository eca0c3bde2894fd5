"""Where the time of a line stands in it."""

import re
from datetime import datetime

from wizard.logs.error.minutes import Minutes

_REACH = 200
"""Bytes of a line in which its time is looked for."""

_STAMP = re.compile(
    rb"(?P<minute>\d{4}-\d\d-\d\d[T ](?:[ \d]\d|\d):\d\d):\d\d(?:[.,]\d+)?"
    rb"(?P<offset>Z|[+-]\d\d:?\d\d)?"
    rb"|(?P<short>\d{6} +\d{1,2}:\d\d):\d\d"
)


def stamp_places(line: bytes, at: datetime, minutes: Minutes) -> tuple[slice, slice] | None:
    """Minute and offset of the first stamp that tells the time `at`; None where none does."""
    second = int(at.timestamp()) // 60 * 60
    for found in _STAMP.finditer(line, 0, _REACH):
        group = "minute" if found["minute"] else "short"
        offset = found["offset"] or b""
        if minutes.second(found[group], offset) == second:
            start, stop = found.span("offset") if offset else (0, 0)
            return slice(*found.span(group)), slice(start, stop)
    return None
