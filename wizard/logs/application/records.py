"""From an application log's lines to the failures that they tell of.

One failure may be told many times: a stack trace repeats it at each "Caused by", a driver warns
beside the error that it raises, a framework logs the same exception once more. All lines of one
stamped record are one failure, unless a line plainly begins another.
"""

import re
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo

from knowledge.load import signatures
from wizard.case.case import Window
from wizard.case.evidence import Failure
from wizard.logs.application.client_drivers import driver_of, names_mysql
from wizard.logs.application.client_error import Recognised, merge, recognise
from wizard.logs.application.stamps import StampReader
from wizard.safety.sanitize import sanitize

MAX_KEPT = 2000
"""Failures that are kept of one log, the newest; all are counted."""

_ECHO = timedelta(seconds=1)
"""A driver's warning and the error that it raises are this close."""

_EXCERPT = 300
_BEFORE = 80

_CHAIN = re.compile(
    r"During handling of the above exception|The above exception was the direct cause"
    r"|Caused by:|nested exception is|\[previous exception\]|\[cause\]|^Next |^### |^; "
)
_FRESH = re.compile(
    r"ERROR \d{4} \(|Error: |PHP |(?:Fatal error|Warning|Notice|Uncaught \w+): |panic: |SQLSTATE\["
    r"|(?:mysql|mysqldump|mariadb|mariadb-dump|mysqlimport): |WordPress database error"
    r"|\[mysql\] |\[?(?:[A-Z][a-z]{2} )?\d\d:\d\d:\d\d[ .,\]]"
)
_FAMILIES = {
    "PDO": "PHP",
    "mysqli": "PHP",
    "WordPress": "PHP",
    "Connector/J": "Java",
    "MariaDB Connector/J": "Java",
}
_COMPANIONS = frozenset({"client-last-packet", "client-no-packets-java"})
# Loggers that only repeat what the exception after them says.
_ECHO_LOGGERS = ("SqlExceptionHelper", "JDBCExceptionReporter")
_LITERALS = {s.id: s.literal.lower() for s in signatures("client")}


@dataclass(slots=True)
class _Told:
    """One recognised line. `certain` is false where it counts only if MySQL is named near."""

    error: Recognised
    line: int
    text: str
    certain: bool


@dataclass(slots=True)
class _Record:
    """`stamp` is the line whose time it has, read only where it is needed."""

    stamp: str
    stamped: bool
    told: list[_Told] = field(default_factory=list)
    mysql: bool = False
    driver: str | None = None
    chained: bool = False
    echo: bool = False


@dataclass(slots=True)
class _Event:
    """One failure on its way out; an echo is held back for the error that may follow it."""

    at: datetime | None
    error: Recognised
    line: int
    text: str


class FailureReader:
    """Takes a log's lines in order and gathers its failures.

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
    ) -> None:
        self.failures: deque[Failure] = deque(maxlen=MAX_KEPT)
        self.counts: Counter[str] = Counter()
        self.outside = 0
        self._source = source
        self._window = window
        self._flavor = flavor
        self._stamps = StampReader(zone, now)
        self._record = _Record("", stamped=False)
        self._first = ""
        self._last = ""
        self._held: deque[_Event] = deque()

    @property
    def first(self) -> datetime | None:
        """The log's first time."""
        return self._stamps.read(self._first)

    @property
    def last(self) -> datetime | None:
        """The log's last time."""
        return self._stamps.read(self._last)

    @property
    def zone_assumed(self) -> bool:
        """Whether the log's times name no zone."""
        return self._stamps.assumed

    def feed(self, number: int, line: str) -> None:
        """Take line `number` (from 1), bounded in length by the caller."""
        if self._stamps.begins(line):
            self._first = self._first or line
            self._last = line
            self._begin(_Record(line, stamped=True))
        elif line[:1] == "{":
            self._begin(_Record(self._last, stamped=True))
        self._note(number, line)

    def finish(self) -> None:
        """Close the last record."""
        self._begin(_Record("", stamped=False))
        while self._held:
            self._emit(self._held.popleft())

    def _note(self, number: int, line: str) -> None:
        record = self._record
        text = line.replace('\\"', '"') if line[:1] == "{" else line
        if line.startswith("Traceback (most recent") and record.told and not record.chained:
            record = self._split()
        error = recognise(text, self._flavor, near=True)
        named = names_mysql(text)
        if error is not None:
            if self._begins_another(record, error, line):
                record = self._split()
            record.told.append(_Told(error, number, text, error.role != "near" or named))
            record.chained = False
            record.echo = record.echo or any(name in text for name in _ECHO_LOGGERS)
        if named:
            record.mysql = True
            record.driver = record.driver or driver_of(text)
        if record.told and error is None and _CHAIN.search(line):
            record.chained = True

    def _begins_another(self, record: _Record, error: Recognised, line: str) -> bool:
        if not record.told or record.chained:
            return False
        last = record.told[-1].error
        if error.signature in _COMPANIONS and error.signature != last.signature:
            return False
        if line[:1] in (" ", "\t") or _CHAIN.search(line) or last.role == "echo":
            return False
        return not record.stamped or _FRESH.match(line) is not None

    def _split(self) -> _Record:
        self._begin(_Record(self._record.stamp, self._record.stamped))
        return self._record

    def _begin(self, record: _Record) -> None:
        ended, self._record = self._record, record
        told = [t for t in ended.told if t.certain or ended.mysql]
        if not told:
            return
        best = min(told, key=lambda t: t.error.rank)
        error = merge(t.error for t in told)
        role = "echo" if ended.echo else error.role
        error = replace(error, role=role, driver=error.driver or ended.driver)
        self._settle(_Event(self._stamps.read(ended.stamp), error, best.line, best.text))

    def _settle(self, event: _Event) -> None:
        """Join an echo with the error that follows it, or let it stand for itself."""
        while self._held and not _close(self._held[0].at, event.at):
            self._emit(self._held.popleft())
        partner = next((h for h in self._held if _belong(h.error, event.error)), None)
        if partner is not None:
            self._held.remove(partner)
            error = merge((partner.error, event.error))
            lead = partner if error.signature == partner.error.signature else event
            event = _Event(partner.at, error, lead.line, lead.text)
        if event.error.role == "echo":
            self._held.append(event)
        else:
            self._emit(event)

    def _emit(self, event: _Event) -> None:
        if self._window is not None and event.at is not None and not self._window.holds(event.at):
            self.outside += 1
            return
        error = event.error
        self.counts[error.signal] += 1
        self.failures.append(
            Failure(
                signal=error.signal,
                text=_excerpt(event.text, error),
                source=f"{self._source}{event.line}",
                at=event.at,
                number=error.number,
                errno=error.errno,
                driver=error.driver,
                phase=error.phase,
                idle_seconds=error.idle_seconds,
                size=error.size,
                account=None if error.account is None else sanitize(error.account, 120),
                connection_id=error.connection_id,
            )
        )


def _close(earlier: datetime | None, later: datetime | None) -> bool:
    return earlier is not None and later is not None and abs(later - earlier) <= _ECHO


def _belong(echo: Recognised, error: Recognised) -> bool:
    """Whether both tell of one event. Two echoes of the same kind are two events."""
    if error.role == "echo" and error.signature == echo.signature:
        return False
    one, other = (_FAMILIES.get(e.driver or "", e.driver) for e in (echo, error))
    return one is None or other is None or one == other


def _excerpt(text: str, error: Recognised) -> str:
    """The part of `text` that tells of the error, safe to show."""
    place = max(0, text.lower().find(_LITERALS[error.signature]) - _BEFORE)
    start = 0 if len(text) <= _EXCERPT or place <= _BEFORE else place
    return ("…" if start else "") + sanitize(text[start:], _EXCERPT)


def read_lines(reader: FailureReader, lines: Iterable[str]) -> int:
    """Feed all `lines`; how many there were."""
    number = 0
    for number, line in enumerate(lines, start=1):
        reader.feed(number, line)
    reader.finish()
    return number
