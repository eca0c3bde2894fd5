"""The times of application log lines: from what is written to a moment.

What lines leave open is settled by the file: whether day or month comes first by all its dates
(see `survey`), the year and the date of a bare clock by when the file was last written, the hour
that clocks show twice when summer ends by which of the two was already told. A time without a
zone is in the zone that the caller names, by default this machine's.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from wizard.logs.application.stamp_formats import (
    FORMS,
    HEAD,
    StampForm,
    StampKind,
    may_hold_time,
    month,
)
from wizard.logs.application.stamp_parts import (
    clock_on,
    clock_seconds,
    day_of,
    full_year,
    likely_order,
    numeric_date,
    offset_of,
    zone_of,
)

_AHEAD = timedelta(days=1)
"""Clocks differ a little between hosts; a time further ahead than this is another year's."""

_OLDEST_EPOCH = 946684800  # 2000-01-01; a smaller number at a line's start is no time.

_BACK_AN_HOUR = timedelta(minutes=20)
"""A clock that goes back by more than this, in an hour told twice, has been put back."""

_SORTED = 19
"""Characters of a sortable time by which two of them are compared."""

_PADDED = re.compile(r"\d{1,3}:\d{8}:\d{6}\.")
"""Zabbix's process number, which has blanks before it up to six characters, and its time."""

_PROSE = re.compile(r"(?:\b[a-z]{2,}[ ,]+){3}")
_NEVER = frozenset("#\t")


@dataclass(frozen=True, slots=True)
class FileClock:
    """What the whole file tells about its times. `order` is that of its numeric dates, where
    they have one; `written` when it was last written, None for a pasted text; `first_day` the
    date of its first line, where lines have a clock alone; `away` how much later than this
    machine's clock its times that name no zone really are."""

    order: str | None = None
    written: datetime | None = None
    first_day: date | None = None
    away: timedelta = timedelta(0)


@dataclass(slots=True)
class Stamp:
    """A time as it is written at a line's start; `end` is where the line's text goes on.
    `again` says that it is the second of two equal hours; `day` counts midnights so far.

    Not frozen, as a log has millions: each field would cost a call more to set."""

    form: StampForm
    found: re.Match[str]
    start: int
    end: int
    again: bool = False
    day: int = 0

    @property
    def parts(self) -> dict[str, str | None]:
        """The time's parts by their names in the form."""
        return self.found.groupdict()


@dataclass(slots=True)
class _Course:
    """How the written times of a file have gone so far."""

    again: bool = False
    clock: int = -1
    day: int = 0
    told: str = ""


class StampReader:
    """Finds and reads the times of one log's lines; remembers the form, which seldom changes.

    `zone` is for times that name none (None: this machine's); `now` is the latest that a time
    may be; `clock` what the whole file told.
    """

    def __init__(
        self,
        zone: tzinfo | None = None,
        now: datetime | None = None,
        clock: FileClock | None = None,
    ) -> None:
        self.assumed = False
        """Whether a time was read that names no zone."""
        self._zone = zone
        self._now = now or datetime.now(UTC)
        self._clock = clock or FileClock()
        written = self._clock.written
        self._latest = min(self._now, written) if written else self._now
        self._forms = list(FORMS)
        self._course = _Course()

    def find(self, line: str) -> Stamp | None:
        """The time at the start of `line`, not read yet."""
        head = line[:HEAD]
        if not head or head[0] in _NEVER or not may_hold_time(head):
            return None
        text = head.lstrip(" ")
        blanks = len(head) - len(text)
        if not text or (blanks > 2 and _PADDED.match(text) is None):
            return None
        if text[0] in "\"'({" and text[1:2].isdecimal():
            # A row of a table, or a time in brackets.
            blanks, text = blanks + 1, text[1:]
        for place, form in enumerate(self._forms):
            found = form.pattern.match(text)
            if found is None or (blanks and found.start(_FIRST[form.name]) > 12):
                continue
            start = found.start(_FIRST[form.name])
            if start > 12 and _PROSE.search(text[:start]):
                continue
            if not self._plausible(form, found):
                continue
            if place:
                self._forms.insert(0, self._forms.pop(place))
            again, day = self._follow(form, found)
            return Stamp(form, found, blanks + start, blanks + found.end(), again, day)
        return None

    def pass_by(self, text: str) -> None:
        """Take a sortable time that `text` begins with for the newest found."""
        self._course.told = text[:_SORTED].replace("T", " ", 1)

    def moment(self, line: str) -> datetime | None:
        """The time at the start of `line`, aware; None if it has none."""
        stamp = self.find(line)
        return None if stamp is None else self.read(stamp)

    def read(self, stamp: Stamp) -> datetime | None:
        """The moment that `stamp` tells, aware; None where it is no time after all."""
        parts, kind = stamp.parts, stamp.form.kind
        if kind is StampKind.EPOCH:
            return self._from_epoch(parts["e"] or "", parts.get("f"))
        if kind is StampKind.NO_YEAR:
            return self._without_year(stamp)
        if kind is StampKind.CLOCK:
            return self._bare_clock(stamp)
        at = self._date(stamp)
        return None if at is None else self._built(stamp, at)

    def zoned(self, stamp: Stamp) -> bool:
        """Whether the stamp itself tells its offset from UTC."""
        return stamp.form.kind is StampKind.EPOCH or bool(zone_of(stamp.parts))

    def naive(self, stamp: Stamp) -> datetime | None:
        """What the stamp's clock shows, whatever its zone."""
        at = self._date(stamp) if stamp.form.kind in (StampKind.FULL, StampKind.NUMERIC) else None
        return None if at is None else clock_on(at, stamp.parts)

    def _plausible(self, form: StampForm, found: re.Match[str]) -> bool:
        if form.kind is StampKind.EPOCH:
            return self._from_epoch(found["e"], found["f"]) is not None
        if form.sortable:
            return found["H"] < "24" or len(found["H"]) == 1
        parts = found.groupdict()
        if int(parts["H"] or 0) > 23 or int(parts["M"]) > 59 or int(parts["S"] or 0) > 60:
            return False
        return (
            form.kind is StampKind.NUMERIC
            or "b" not in parts
            or month(parts["b"] or "") is not None
        )

    def _follow(self, form: StampForm, found: re.Match[str]) -> tuple[bool, int]:
        """Whether this is the second of two equal hours, and how many midnights went by."""
        course = self._course
        if form.kind is StampKind.CLOCK:
            seconds = clock_seconds(found.groupdict())
            if course.clock >= 0 and seconds < course.clock - 43200:
                course.day += 1
            course.clock = seconds
            return False, course.day
        if not form.sortable:
            return False, 0
        begin = found.start("y")
        key = found.string[begin : begin + _SORTED].replace("T", " ", 1)
        if key < course.told and zone_of(found.groupdict()) is None:
            self._went_back(course.told, key)
        elif course.again:
            at = _digits(key)
            course.again = at is not None and self._twice(at)
        course.told = key
        return course.again, 0

    def _went_back(self, before: str, key: str) -> None:
        earlier, later = _digits(before), _digits(key)
        if earlier is None or later is None or earlier - later < _BACK_AN_HOUR:
            return
        if self._twice(later) and earlier - later <= timedelta(hours=1, minutes=1):
            self._course.again = True

    def _twice(self, at: datetime) -> bool:
        """Whether the clocks of the assumed zone show `at` two times."""
        first, second = (self._assumed(at.replace(fold=fold)) for fold in (0, 1))
        return first.utcoffset() != second.utcoffset()

    def _assumed(self, at: datetime) -> datetime:
        return at.astimezone() if self._zone is None else at.replace(tzinfo=self._zone)

    def _from_epoch(self, digits: str, fraction: str | None) -> datetime | None:
        seconds = int(digits) / 10 ** (len(digits) - 10) + float(f"0.{fraction or 0}")
        if not _OLDEST_EPOCH <= seconds <= (self._now + _AHEAD).timestamp():
            return None
        return datetime.fromtimestamp(seconds, UTC)

    def _date(self, stamp: Stamp) -> date | None:
        parts = stamp.parts
        if stamp.form.kind is StampKind.NUMERIC:
            return numeric_date(parts, self._clock.order or likely_order(parts))
        number = parts.get("m")
        which = int(number) if number else month(parts.get("b") or "")
        return day_of(full_year(parts["y"] or ""), which, parts["d"])

    def _without_year(self, stamp: Stamp) -> datetime | None:
        parts = stamp.parts
        which = int(parts["m"] or 0) if parts.get("m") else month(parts.get("b") or "")
        year = self._latest.astimezone(self._zone).year
        for candidate in range(year + 1, year - 9, -1):
            on = day_of(candidate, which, parts["d"])
            at = None if on is None else self._built(stamp, on)
            if at is not None and at <= self._latest + _AHEAD:
                return at
        return None

    def _bare_clock(self, stamp: Stamp) -> datetime | None:
        first = self._clock.first_day
        if first is None:
            return None
        return self._built(stamp, first + timedelta(days=stamp.day))

    def _built(self, stamp: Stamp, on: date) -> datetime | None:
        naive = clock_on(on, stamp.parts)
        if naive is None:
            return None
        zone = zone_of(stamp.parts)
        known = None if zone is None else offset_of(zone)
        try:
            if known is not None:
                return naive.replace(tzinfo=known)
            self.assumed = True
            at = self._assumed(naive.replace(fold=1 if stamp.again else 0))
            return at.astimezone(UTC) + self._clock.away if self._clock.away else at
        except (ValueError, OverflowError, OSError):
            return None


_FIRST = {
    form.name: min(form.pattern.groupindex, key=form.pattern.groupindex.__getitem__)
    for form in FORMS
}
"""The first group of each form: where the time itself begins."""


def _digits(key: str) -> datetime | None:
    digits = re.sub(r"\D", "", key)[:14]
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S") if len(digits) == 14 else None
    except ValueError:
        return None


def seconds_of(stamp: Stamp) -> int:
    """Seconds since midnight that the stamp's clock shows."""
    return clock_seconds(stamp.parts)
