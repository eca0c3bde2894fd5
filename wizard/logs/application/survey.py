"""What a whole log tells about its times before it is read: order of dates, direction, days.

A date such as 03/04/2026 says nothing; the dates of a file do: one number above twelve, a day
that would lie in the future, dates that would run back and forth. Consoles and clouds show the
newest line first. A log with bare clocks ends when it was last written. Pure: samples in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from enum import Enum
from itertools import pairwise

from wizard.logs.application.prefixes import unwrap
from wizard.logs.application.stack_lines import begins_exception, is_continuation
from wizard.logs.application.stamp_formats import StampKind
from wizard.logs.application.stamp_parts import DateOrder, likely_order, numeric_date
from wizard.logs.application.stamps import (
    FileClock,
    Stamp,
    StampReader,
    seconds_of,
)

_ORDERS = (DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST, DateOrder.YEAR_FIRST)
_AHEAD = timedelta(days=1)
_SAME_MOMENT = 300
"""Seconds between a log's last line and the last write to its file."""

_LIVE = timedelta(hours=1)
"""A log that was written no longer ago than this is no old copy."""

_HALF_HOUR = 1800
_MOST_HALVES = 28
"""Zones are 14 hours from UTC at most."""

_AT_ONCE = 15
"""Seconds between a line's time and its writing, at most: a chance of one in sixty for a copy."""


class Direction(Enum):
    """How a log's lines follow each other in time."""

    FORWARD = "oldest first"
    RECORDS_BACK = "newest record first, its lines in order"
    LINES_BACK = "newest line first"


@dataclass(slots=True)
class Survey:
    """Takes lines in the file's order and sums up their dates; `clock` and `direction` tell
    what they said. `open_date` is whether more lines could settle what is not settled yet."""

    zone: tzinfo | None
    written: datetime | None
    now: datetime
    _reader: StampReader = field(init=False)
    _possible: dict[str, int] = field(init=False)
    _before: dict[str, date] = field(default_factory=dict)
    _example: dict[str, str | None] | None = None
    _last_example: dict[str, str | None] | None = None
    _days: int = 0
    _clocks: bool = False
    _clock: int = 0
    _dated: bool = False
    _last: Stamp | None = None

    def __post_init__(self) -> None:
        self._reader = StampReader(self.zone, self.now)
        self._possible = dict.fromkeys(_ORDERS, 0)

    def take(self, line: str) -> None:
        stamp = self._reader.find(line)
        if stamp is None:
            stamp = self._reader.find(unwrap(line).text)
        if stamp is not None:
            self._note(stamp)
            if stamp.form.kind is StampKind.NO_YEAR:
                self._weigh_inner(unwrap(line).text)

    @property
    def unsettled(self) -> bool:
        """Whether the rest of the file has to be surveyed too."""
        return (self._example is not None and len(self._possible) > 1) or (
            self._clocks and not self._dated
        )

    def file_clock(self) -> FileClock:
        """What the lines told together."""
        order = self._order()
        return FileClock(order, self.written, self._first_day(), self._away(order))

    def _away(self, order: str | None) -> timedelta:
        """How far the clock of a log that names no zone is from this machine's zone.

        The last line of a log that is still written is as old as the file: a difference of half
        hours, to the second, is that of two zones. An older file may be a copy.
        """
        if self.written is None or self._last is None or self.now - self.written > _LIVE:
            return timedelta(0)
        reader = StampReader(self.zone, self.now, FileClock(order))
        last = reader.read(self._last)
        if last is None:
            return timedelta(0)
        apart = (self.written - last).total_seconds()
        halves = round(apart / _HALF_HOUR)
        if abs(halves) > _MOST_HALVES or abs(apart - halves * _HALF_HOUR) > _AT_ONCE:
            return timedelta(0)
        return timedelta(seconds=halves * _HALF_HOUR)

    def _first_day(self) -> date | None:
        """The date of the first line of a log that has clocks alone.

        Where its last line was told when the file was written, which a copy of it was not.
        """
        if not self._clocks or self._dated or self.written is None:
            return None
        written = self.written.astimezone(self.zone)
        seconds = written.hour * 3600 + written.minute * 60 + written.second
        if not -60 <= seconds - self._clock <= _SAME_MOMENT:
            return None
        return written.date() - timedelta(days=self._days)

    def _note(self, stamp: Stamp) -> None:
        if stamp.form.kind is StampKind.CLOCK:
            self._clocks = True
            self._days, self._clock = stamp.day, seconds_of(stamp)
            return
        self._dated = True
        self._last = None if self._reader.zoned(stamp) else stamp
        if stamp.form.kind is StampKind.NUMERIC:
            self._weigh(stamp.parts)

    def _weigh_inner(self, text: str) -> None:
        """Weigh the date of the program's own time, behind a prefix that tells another."""
        stamp = self._reader.find(text)
        if stamp is not None and stamp.form.kind is StampKind.NUMERIC:
            self._weigh(stamp.parts)

    def _weigh(self, parts: dict[str, str | None]) -> None:
        self._example = self._example or parts
        self._last_example = parts
        if len(self._possible) == 1:
            return
        limit = self._limit()
        for order in list(self._possible):
            day = numeric_date(parts, order)
            if day is None or day > limit:
                if len(self._possible) > 1:
                    del self._possible[order]
                continue
            before = self._before.get(order)
            # Each step over more than a day, and each step back, speaks against an order.
            if before is not None and abs((day - before).days) > 1:
                self._possible[order] += 1
            self._before[order] = day

    def _limit(self) -> date:
        return ((self.written or self.now) + _AHEAD).astimezone(self.zone).date()

    def _order(self) -> str | None:
        if self._example is None or self._last_example is None:
            return None
        fewest = min(self._possible.values())
        best = [o for o, jumps in self._possible.items() if jumps == fewest]
        likely = likely_order(self._example)
        if len(best) > 1 and self.written is not None:
            limit = self.written.astimezone(self.zone).date()
            near = [o for o in best if _days_from(self._last_example, o, limit) <= 1]
            best = near if len(near) == 1 else best
        return likely if likely in best else best[0]


def direction_of(lines: Sequence[str], reader: StampReader) -> Direction:
    """How the sampled lines, in the file's order, follow each other."""
    moments: list[datetime] = []
    for line in lines:
        unwrapped = unwrap(line)
        stamp = reader.find(line) or reader.find(unwrapped.outer) or reader.find(unwrapped.text)
        at = None if stamp is None else reader.read(stamp)
        if at is not None:
            moments.append(at)
    down = sum(1 for a, b in pairwise(moments) if b < a)
    up = sum(1 for a, b in pairwise(moments) if b > a)
    if not down or down <= 2 * up or moments[0] <= moments[-1]:
        return Direction.FORWARD
    return (
        Direction.LINES_BACK if _stacks_are_upside_down(lines, reader) else Direction.RECORDS_BACK
    )


def _stacks_are_upside_down(lines: Iterable[str], reader: StampReader) -> bool:
    """Whether the exception stands below its frames. Without frames each line is a record."""
    lines = [line for line in lines if line.strip()]
    if lines and _is_bare(lines[0], reader):
        # Records begin with a time: the newest one stands on its head.
        return True
    texts = [_behind_stamp(line, reader) for line in lines]
    above = below = 0
    for place, text in enumerate(texts):
        if not is_continuation(text):
            continue
        if place and begins_exception(texts[place - 1]):
            above += 1
        if place + 1 < len(texts) and begins_exception(texts[place + 1]):
            below += 1
    if above == below == 0:
        return not any(text.startswith((" ", "\t")) for text in texts)
    return below > above


def _is_bare(line: str, reader: StampReader) -> bool:
    """Whether the line has no time of its own and none of a prefix."""
    told = unwrap(line)
    return line[:1] != "{" and not told.outer and reader.find(told.text) is None


def _behind_stamp(line: str, reader: StampReader) -> str:
    text = unwrap(line).text
    stamp = reader.find(text)
    if stamp is None:
        return text
    rest = text[stamp.end :]
    return rest[1:] if rest[:1] in "])> :" else rest


def _days_from(parts: dict[str, str | None], order: str, limit: date) -> int:
    day = numeric_date(parts, order)
    return 10**6 if day is None else abs((limit - day).days)
