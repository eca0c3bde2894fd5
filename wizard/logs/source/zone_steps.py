"""A time zone as the moments at which its offset changes.

The other machine may know no zones, or other ones than this: it is told what they come to.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

YEARS_BACK = 10
"""Of older stamps the offset is taken to be as at the oldest change known."""


class SteppedZone(tzinfo):
    """`starts` are local times, each the first with the offset of the same number."""

    def __init__(self, starts: Sequence[str], offsets: Sequence[float]) -> None:
        self._written = list(starts), list(offsets)
        self._starts = [datetime.strptime(start, "%Y-%m-%dT%H:%M:%S") for start in starts]
        self._offsets = [timedelta(seconds=offset) for offset in offsets]

    def utcoffset(self, at: datetime | None) -> timedelta:
        if at is None:
            return self._offsets[-1]
        return self._offsets[max(0, bisect_right(self._starts, at.replace(tzinfo=None)) - 1)]

    def dst(self, at: datetime | None) -> None:  # noqa: ARG002 - the base asks for it
        return None

    def tzname(self, at: datetime | None) -> str | None:  # noqa: ARG002 - the base asks for it
        return None

    def __reduce__(self) -> tuple[Any, ...]:
        return SteppedZone, self._written
