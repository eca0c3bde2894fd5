"""From an application log's lines to the failures that it tells of, each one once."""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from wizard.case.case import Window
from wizard.case.evidence import Failure
from wizard.logs.application.anybodys import Anybodys
from wizard.logs.application.client_drivers import program_of
from wizard.logs.application.client_error import Recognised
from wizard.logs.application.endpoints import Endpoints
from wizard.logs.application.events import EventReader, of_one_record
from wizard.logs.application.pool_reasons import PoolReasons
from wizard.logs.application.record import Record, When
from wizard.logs.application.record_errors import LITERALS
from wizard.logs.application.records import RecordReader
from wizard.logs.application.stamps import FileClock, StampReader
from wizard.logs.application.telling import (
    Event,
    Telling,
    bounded,
    completed,
    ids_in,
    is_background,
    is_library,
    manner,
    places_in,
)
from wizard.safety.sanitize import sanitize

MAX_KEPT = 2000
"""Failures that are kept of one log, the newest; all are counted."""

_QUARTER = 15 * 60
"""Seconds; offsets from UTC are multiples of it."""

_LATE = timedelta(minutes=5)
"""A program's own time may be this much older than its container's, which saw the line later."""

_TAIL = timedelta(minutes=1)
"""A last line without a time was written when the file was, if that was as soon as this."""

_EXCERPT = 300
_BEFORE = 80


@dataclass(slots=True)
class PassedOver:
    """A failure that one line tells, read closely only if it is among the newest."""

    error: Recognised
    line: int
    text: str
    at: datetime | None
    """None where it stands in its text, and was not read yet."""

    worked: When | None


class FailureReader:
    """Takes a log's lines in order of time and gathers its failures.

    `window` drops failures outside it (those without a time stay). After the last line call
    `finish`. Reads nothing itself.
    """

    def __init__(
        self,
        source: str,
        window: Window | None = None,
        zone: tzinfo | None = None,
        flavor: str = "unknown",
        now: datetime | None = None,
        clock: FileClock | None = None,
        endpoints: Iterable[str] = (),
    ) -> None:
        self._kept: deque[Failure | PassedOver] = deque(maxlen=MAX_KEPT)
        self._anybodys = Anybodys(MAX_KEPT)
        self.counts: Counter[str] = Counter()
        self.outside = 0
        self.flavor = flavor
        self._source = source
        self._window = window
        self.clock = clock or FileClock()
        self._written = self.clock.written
        self.stamps = StampReader(zone, now, clock)
        self.events = EventReader(self._emit)
        self.not_understood = 0
        self.endpoints = Endpoints(endpoints)
        self._pool_reasons = PoolReasons()
        self.records = RecordReader(self.stamps, flavor, self._settle, self._miss, self.endpoints)

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The newest, at most `MAX_KEPT`."""
        return tuple(
            self._read_after_all(f) if isinstance(f, PassedOver) else f for f in self._kept
        )

    @property
    def first(self) -> datetime | None:
        """The log's first time."""
        return self.moment(self.records.first)

    @property
    def last(self) -> datetime | None:
        """The log's last time."""
        return self.moment(self.records.last)

    @property
    def zone_assumed(self) -> bool:
        """Whether the log's times name no zone."""
        return self.stamps.assumed

    def feed(self, number: int, line: str) -> None:
        """Take line `number` (from 1), bounded in length by the caller."""
        self.records.feed(number, line)

    def finish(self) -> None:
        """Close what is open."""
        self.records.finish()
        self.events.finish()
        if self.records.speakers.only_another:
            self.counts -= self._anybodys.counts
            self._kept = deque(self._anybodys.left_out_of(self._kept), MAX_KEPT)

    def moment(self, when: When | None) -> datetime | None:
        """The program's own time, in the zone that its container's tells where it names none."""
        if when is None:
            return None
        own = None if when.own is None else self.stamps.read(when.own)
        if when.outer is None or own is None or when.own is None or self.stamps.zoned(when.own):
            return own or (None if when.outer is None else self.stamps.read(when.outer))
        if not self.stamps.zoned(when.outer):
            return own
        outer, shown = self.stamps.read(when.outer), self.stamps.naive(when.own)
        if outer is None or shown is None:
            return own
        apart = (shown.replace(tzinfo=UTC) - outer).total_seconds()
        offset = round(apart / _QUARTER) * _QUARTER
        if abs(offset) > 14 * 3600 or abs(timedelta(seconds=apart - offset)) > _LATE:
            return own
        return shown.replace(tzinfo=timezone(timedelta(seconds=offset)))

    def _settle(self, record: Record) -> None:
        """Take a complete record."""
        telling = self._telling(record)
        if telling is not None:
            self.events.feed(telling)

    def _telling(self, record: Record) -> Telling | None:
        """What a complete record tells, when, and in which manner; None for nothing of MySQL."""
        told = record.ours
        if not told:
            return None
        error = of_one_record(t.error for t in told)
        best = next(t for t in told if t.error.signature == error.signature)
        for one in told:
            self.endpoints.learn(one.text)
        role = "echo" if record.echo else error.role
        at = self.moment(record.when)
        first, last = (at, at) if at is not None else self._between(record)
        error = self._pool_reasons.completed(error, last or first)
        text = "\n".join(dict.fromkeys((record.head, best.text)))
        return Telling(
            error=completed(error, role, record.driver or program_of(record.source)),
            line=best.line,
            text=best.text,
            first=first,
            last=last,
            stamped=at is not None,
            manner=manner(
                record.lead or record.head,
                best.text,
                best.at,
                len(LITERALS[best.error.signature]),
            ),
            ids=(record.ids or ids_in(record.head)) - {str(error.number), str(error.errno)},
            places=places_in(text, record.unbroken(best)) | frozenset(record.stack[:2]),
            library=is_library(text) or best.error.role == "echo",
            at=best.at,
            when=record.when if at is not None else None,
            above=record.between.before,
            below=record.between.after,
            source=record.source,
            passed=record.passed,
            worked=self.moment(record.worked),
            background=is_background(record.head),
            signatures=frozenset(t.error.signature for t in told),
            begins=record.line,
            ends=record.end,
        )

    def _miss(self, record: Record) -> None:
        """Count a record that may tell of a loss in unknown words."""
        self.miss(record.when)

    def miss(self, when: When | None) -> None:
        """Count what may tell of a loss in unknown words, if it lies inside the window."""
        at = self.moment(when)
        if self._window is None or at is None or self._window.holds(at):
            self.not_understood += 1

    def holds(self, first: datetime, last: datetime) -> bool | None:
        """Whether all of the times from `first` to `last` are in the window; None for some."""
        window = self._window
        if window is None or (window.holds(first) and window.holds(last)):
            return True
        return False if last < window.since or first > window.until else None

    def count(self, failure: PassedOver, inside: bool) -> None:
        """Take a failure that is no part of what other lines tell, inside the window or not."""
        if not inside:
            self.outside += 1
            return
        self.counts[failure.error.signal] += 1
        self._kept.append(failure)
        self._anybodys.take(failure.error, failure)

    def _read_after_all(self, passed: PassedOver) -> Failure:
        worked, at = self.moment(passed.worked), passed.at
        stamp = None if at is not None else self.stamps.find(passed.text)
        if stamp is not None:
            stamp.again = False
            at = self.moment(When(stamp, None))
        return self._failure(passed.error, passed.text, passed.line, at, None, worked)

    def _between(self, record: Record) -> tuple[datetime | None, datetime | None]:
        """The times between which a record without one lies."""
        return bounded(
            self.moment(record.between.before), self.moment(record.between.after) or self._written
        )

    def _emit(self, event: Event) -> None:
        at, after = self._when(event)
        if self._window is not None and self._is_outside(self._window, at, after):
            self.outside += 1
            return
        self.counts[event.error.signal] += 1
        worked = min((t.worked for t in event.tellings if t.worked), default=None)
        lead = event.lead
        self._kept.append(self._failure(event.error, lead.text, lead.line, at, after, worked))
        self._anybodys.take(event.error, self._kept[-1])

    def _failure(
        self,
        error: Recognised,
        text: str,
        line: int,
        at: datetime | None,
        after: datetime | None,
        worked: datetime | None,
    ) -> Failure:
        return Failure(
            signal=error.signal,
            text=_excerpt(text, error),
            source=f"{self._source}{line}",
            at=at,
            after=after,
            number=error.number,
            errno=error.errno,
            driver=error.driver,
            phase=error.phase,
            idle_seconds=error.idle_seconds,
            waited_seconds=error.waited_seconds,
            size=error.size,
            account=None if error.account is None else sanitize(error.account, 120),
            connection_id=error.connection_id,
            worked=worked,
        )

    def _when(self, event: Event) -> tuple[datetime | None, datetime | None]:
        """When it happened, and since when it may have, where no telling has its own time."""
        stamped = event.stamped
        if stamped is not None:
            return stamped.first, None
        telling = event.lead
        if telling.last is not None and telling.last is not self._written:
            return telling.last, telling.first
        first, last = telling.first, telling.last
        if first is not None and last is not None and last - first <= _TAIL:
            return last, first
        return None, first

    def _is_outside(self, window: Window, at: datetime | None, after: datetime | None) -> bool:
        if at is None:
            return after is not None and after > window.until
        if after is not None:
            return at < window.since or after > window.until
        return not window.holds(at)


def _excerpt(text: str, error: Recognised) -> str:
    """The part of `text` that tells of the error, safe to show."""
    place = max(0, text.lower().find(LITERALS[error.signature]) - _BEFORE)
    start = 0 if len(text) <= _EXCERPT or place <= _BEFORE else place
    return ("…" if start else "") + sanitize(text[start:], _EXCERPT)
