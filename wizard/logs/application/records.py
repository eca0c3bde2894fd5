"""From an application log's lines to its records. One message each, however many lines it has.

A line with a time of its own begins a record, unless the text behind its prefix goes on with a
stack. Each source (a container, a process under syslog) has its own records, so that lines of
several sources may alternate. A line without a time belongs to the record above; an error on
such a line is that record's where the record tells of a failure, or else a record of its own
that lies between its neighbours in time. Pure: lines in, records out.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from knowledge.load import signatures
from wizard.logs.application.client_drivers import closer, driver_of, names_mysql
from wizard.logs.application.client_error import Recognised, recognise
from wizard.logs.application.endpoints import Endpoints
from wizard.logs.application.json_lines import JsonLine, json_line
from wizard.logs.application.mentions import (
    Level,
    is_bare,
    level_named,
    level_of,
    may_be_trouble,
    only_mentions,
    speaks_of_failure,
)
from wizard.logs.application.prefixes import Unwrapped, unwrap
from wizard.logs.application.stack_lines import (
    begins_exception,
    begins_traceback,
    chains,
    frame_place,
    goes_below,
    is_continuation,
    is_frame,
    is_source_code,
    is_stack,
    may_be_stack,
    quotes_code,
)
from wizard.logs.application.stamps import Stamp, StampReader

_MOST_SOURCES = 64
_MOST_PASSED = 20
_LONGEST = 16_384
"""Characters of a line that came in parts."""

LITERALS = {s.id: s.literal.lower() for s in signatures("client")}
"""Of each signature the words that its texts hold."""

# A line that begins another failure, not the next line of the same one.
_FRESH = re.compile(
    r"ERROR \d{4} \(|Error: |PHP |(?:Fatal error|Warning|Notice|Uncaught \w+): |panic: |SQLSTATE\["
    r"|(?:mysql|mysqldump|mariadb|mariadb-dump|mysqlimport): |WordPress database error"
    r"|\[mysql\] |\[?(?:[A-Z][a-z]{2} )?\d\d:\d\d:\d\d[ .,\]]|DBD::"
    r"|Exception in thread|Connection Error"
)
_COMPANIONS = frozenset({"client-last-packet", "client-no-packets-java"})
# Loggers that only repeat what the exception after them says.
_ECHO_LOGGERS = ("SqlExceptionHelper", "JDBCExceptionReporter")
_LEVEL_LINE = re.compile(r"(?:SEVERE|WARNING|ERROR|WARN|FATAL|INFO|FINE|DEBUG): ")
_DIGITS = re.compile(r"\d+")
_SEPARATOR = re.compile(r"[\])>|:,]?[\s|:-]?")
_NOT_A_BREAK = (" ", "\t")


@dataclass(slots=True)
class Told:
    """One recognised line. `certain` is false where it counts only if MySQL is named near;
    `at` is the place of the error's words in `text`."""

    error: Recognised
    line: int
    text: str
    certain: bool
    at: int


@dataclass(slots=True)
class Neighbours:
    """The stamped lines around a record without a time; `after` comes while reading."""

    before: "When | None" = None
    after: "When | None" = None


@dataclass(frozen=True, slots=True)
class When:
    """A line's time as written: the program's own, and that of the prefix in front of it."""

    own: Stamp | None
    outer: Stamp | None


@dataclass(slots=True)
class Record:
    """One message. `when` is None where it has no time of its own; `head` is its first line
    behind the time, `lead` that line from its beginning where more than the time is before it;
    `whole` that it is one object, which tells of one event, and `complete` that it has ended;
    `passed` are the heads of the records without an error since the last that told of one."""

    when: When | None
    between: Neighbours
    line: int = 0
    head: str = ""
    lead: str = ""
    named_level: Level | None = None
    whole: bool = False
    complete: bool = False
    told: list[Told] = field(default_factory=list)
    ids: frozenset[str] = frozenset()
    mysql: bool = False
    driver: str | None = None
    chained: bool = False
    echo: bool = False
    traceback: bool = False
    stack: list[str] = field(default_factory=list)
    last: str = ""
    source: str = ""
    passed: tuple[str, ...] = ()

    @property
    def level(self) -> Level:
        """How loud it is; read only where it is asked for."""
        if self.named_level is None:
            self.named_level = level_of(self.lead or self.head)
        return self.named_level


@dataclass(slots=True)
class _Source:
    """One program's lines: its open record, and what is known of how it writes."""

    name: str
    record: Record
    own_times: bool = False
    header: str = ""
    traceback: bool = False
    begun: str = ""
    waiting: list[Record] = field(default_factory=list)
    passed: list[Record] = field(default_factory=list)


Sink = Callable[[Record], None]


class RecordReader:
    """Makes records of a log's lines, given in order of time.

    Each record that tells of an error goes to `sink`, once it is complete, and each that speaks of
    a connection's trouble in words that are not known to `missed`. After the last line call
    `finish`.
    """

    def __init__(
        self,
        stamps: StampReader,
        flavor: str,
        sink: Sink,
        missed: Sink,
        endpoints: Endpoints | None = None,
    ) -> None:
        self.first: When | None = None
        self.last: When | None = None
        self._stamps = stamps
        self._flavor = flavor
        self._sink = sink
        self._missed = missed
        self._endpoints = endpoints or Endpoints()
        self._sources: OrderedDict[str, _Source] = OrderedDict()

    def feed(self, number: int, line: str) -> None:
        """Take line `number` (from 1), bounded in length by the caller."""
        told = unwrap(line)
        source = self._source(told.source)
        if told.partial or source.begun:
            source.begun = (source.begun + told.text)[:_LONGEST]
            if told.partial:
                return
            told = Unwrapped(source.begun, told.outer, told.source)
            source.begun = ""
        text = told.text
        if text.lstrip()[:1] == "{":
            told_object = json_line(text)
            if told_object is not None:
                self._object(source, number, told_object, told)
                return
        self._line(source, number, text, told.outer)

    def finish(self) -> None:
        """Close the open records."""
        for source in self._sources.values():
            self._close(source, None)
            self._release(source)
        self._sources.clear()

    def _source(self, name: str) -> _Source:
        source = self._sources.get(name)
        if source is None:
            source = self._sources[name] = _Source(name, Record(None, Neighbours()))
            if len(self._sources) > _MOST_SOURCES:
                _name, oldest = self._sources.popitem(last=False)
                self._close(oldest, None)
                self._release(oldest)
        elif len(self._sources) > 1:
            self._sources.move_to_end(name)
        return source

    def _object(self, source: _Source, number: int, told: JsonLine, outside: Unwrapped) -> None:
        if told.wrapper and told.texts:
            inner = unwrap(told.texts[0].rstrip("\r\n"))
            name = f"{outside.source}{told.source}{inner.source}"
            self._line(self._source(name), number, inner.text, told.time or inner.outer)
            return
        lines = [line for text in told.texts for line in text.split("\n")]
        if len(told.texts) == 1 and len(lines) == 1 and is_stack(lines[0]):
            self._note(source, number, lines[0])
            return
        when = self._when(self._stamps.find(told.time), outside.outer)
        record = self._begin(source, number, when, lines[0] if lines else "")
        record.named_level = level_named(told.level) if told.level else None
        record.whole = True
        record.ids = told.ids
        for line in lines:
            self._note(source, number, line)
        record.complete = True

    def _line(self, source: _Source, number: int, text: str, outer: str) -> None:
        stamp = self._stamps.find(text)
        if stamp is not None:
            source.own_times = True
            rest = text[stamp.end :]
            stacked = may_be_stack(rest)
            body = self._goes_on(source, stamp, rest) if stacked or source.header else None
            if body is not None:
                self._note(source, number, body)
                return
            record = self._begin(source, number, self._when(stamp, outer), rest)
            record.lead = text if stamp.start else ""
            if stacked:
                self._open_stack(source, rest)
            self._note(source, number, text)
        elif outer and not source.own_times and not self._belongs(source, text, outer):
            record = self._begin(source, number, self._when(None, outer), text)
            if may_be_stack(text):
                self._open_stack(source, text)
            self._note(source, number, text)
        elif text[:1] == "{" and text.strip() == "{":
            self._begin(source, number, None, text)
            source.record.whole = True
        else:
            self._note(source, number, text, outer)

    def _when(self, own: Stamp | None, outer: str) -> When | None:
        outside = self._stamps.find(outer) if outer else None
        return None if own is None and outside is None else When(own, outside)

    def _begin(self, source: _Source, number: int, when: When | None, head: str) -> Record:
        if when is not None:
            self.first = self.first or when
            self.last = when
        before = source.record.when or source.record.between.before
        self._close(source, when)
        if when is not None:
            self._release(source)
        between = Neighbours() if when is not None else source.record.between
        if when is None and source.record.when is not None:
            between = Neighbours(before=before)
        source.record = Record(when, between, number, head)
        source.traceback = False
        return source.record

    def _close(self, source: _Source, following: When | None) -> None:
        record = source.record
        if following is not None:
            for waiting in (record, *source.waiting):
                waiting.between.after = waiting.between.after or following
        if not record.told:
            if len(source.passed) < _MOST_PASSED and record.head.strip():
                source.passed.append(record)
            if may_be_trouble(record.head) and record.level is Level.LOUD:
                self._missed(record)
        else:
            record.source = source.name
            record.passed = tuple(r.head for r in source.passed if r.level is not Level.DEBUG)
            source.passed.clear()
            source.waiting.append(record)
            if record.when is not None or len(source.waiting) > _MOST_SOURCES:
                self._release(source)

    def _release(self, source: _Source) -> None:
        for record in source.waiting:
            self._sink(record)
        source.waiting.clear()

    def _goes_on(self, source: _Source, stamp: Stamp, rest: str) -> str | None:
        """The text behind the prefix where it goes on with the record above; else None."""
        record = source.record
        if not record.line:
            return None
        separator = _SEPARATOR.match(rest)
        body = rest[separator.end() :] if separator else rest
        if is_stack(body) and not begins_traceback(body):
            return body
        squeezed = _DIGITS.sub("0", rest)
        if source.header and squeezed.startswith(source.header):
            body = rest[_unsqueezed(rest, len(source.header)) :]
            return body if self._continues(source, body) else None
        place = frame_place(rest)
        if place < 0:
            return None
        header = _DIGITS.sub("0", rest[:place]).rstrip()
        if (
            not _DIGITS.sub("0", record.head)
            .lstrip()
            .startswith(header.split(" ")[0] or header[:8])
        ):
            return None
        if not self._soon(record, stamp):
            return None
        source.header = header
        source.traceback = True
        return rest[place:]

    def _open_stack(self, source: _Source, rest: str) -> None:
        """Learn the header from a record that begins with a stack's line."""
        place = frame_place(rest)
        if place >= 0:
            source.header = _DIGITS.sub("0", rest[:place]).rstrip()
            source.traceback = True

    def _continues(self, source: _Source, body: str) -> bool:
        """Whether the line with this text behind its prefix goes on with the open record. The
        first line of a Python traceback that is not indented is the exception itself."""
        text = body[1:] if body[:1] == " " and source.header else body
        if not source.record.line:
            return False
        if begins_traceback(text) or is_stack(text):
            source.traceback = True
            return True
        if is_continuation(text):
            return True
        if source.traceback and begins_exception(text):
            source.traceback = False
            return True
        return False

    def _belongs(self, source: _Source, text: str, outer: str) -> bool:
        """Whether a line whose prefix has a time goes on with the open record."""
        if not self._continues(source, text):
            return False
        when, stamp = source.record.when, self._stamps.find(outer)
        if when is None or when.outer is None or stamp is None:
            return True
        earlier, later = self._stamps.read(when.outer), self._stamps.read(stamp)
        return earlier is None or later is None or abs((later - earlier).total_seconds()) <= 1

    def _soon(self, record: Record, stamp: Stamp) -> bool:
        if record.when is None or record.when.own is None:
            return True
        earlier, later = self._stamps.naive(record.when.own), self._stamps.naive(stamp)
        return earlier is None or later is None or abs((later - earlier).total_seconds()) <= 1

    def _note(self, source: _Source, number: int, text: str, outer: str = "") -> None:
        record = source.record
        if not record.line:
            record.line, record.head = number, text
        traceback = begins_traceback(text)
        if (traceback or text.startswith("Exception in thread")) and self._is_closed(record, text):
            record = self._split(source, number, text, outer)
        record.traceback = record.traceback or traceback
        error, place = self._error(record, number, text)
        named = names_mysql(text) or (error is not None and self._endpoints.named_in(text))
        if error is not None:
            if self._stands_apart(record, number, text) or self._begins_another(
                record, error, text
            ):
                record = self._split(source, number, text, outer)
            certain = error.role != "near" or named
            record.told.append(Told(error, number, text, certain, place))
            record.chained = False
            record.echo = record.echo or any(name in text for name in _ECHO_LOGGERS)
        elif record.told:
            if chains(text):
                record.chained = True
            if len(record.stack) < 4 and is_frame(text):
                record.stack.append(text.strip()[:200])
        if named:
            record.mysql = True
            record.driver = closer(record.driver, driver_of(text))
            self._endpoints.learn(text)
        if record.whole and record.when is None and '"' in text:
            self._late_time(record, text)
        record.last = text

    def _is_closed(self, record: Record, text: str) -> bool:
        """Whether a stack that begins with `text` is another than the record's own.

        A logger prints one below its message.
        """
        if not record.told or record.chained or record.whole:
            return False
        return record.when is None or record.traceback or not begins_traceback(text)

    def _late_time(self, record: Record, text: str) -> None:
        """An object over several lines tells its time in one of them."""
        told = json_line("{" + text.strip().rstrip(",") + "}")
        stamp = self._stamps.find(told.time) if told is not None and told.time else None
        if stamp is not None:
            record.when = When(stamp, None)
            self.first = self.first or record.when
            self.last = record.when

    def _error(self, record: Record, number: int, text: str) -> tuple[Recognised | None, int]:
        """The error that the line tells of, and where its words begin."""
        error = recognise(text, self._flavor, near=True)
        if error is None:
            return None, 0
        literal = LITERALS[error.signature]
        place = max(0, text.lower().find(literal))
        if is_frame(text) or (quotes_code(record.last) and is_source_code(text)):
            return None, 0
        if only_mentions(text, place, place + len(literal)):
            return None, 0
        if self._is_quiet(record, number, text, place):
            return None, 0
        return error, place

    def _is_quiet(self, record: Record, number: int, text: str, place: int) -> bool:
        """Whether the record's level says that this is no failure."""
        if record.level not in (Level.DEBUG, Level.INFO):
            return False
        if number == record.line:
            if record.level is Level.DEBUG:
                return True
            start = text.find(record.head[:40].strip()) if record.head.strip() else 0
            message = text[max(start, 0) : place]
            level = re.search(r"(?i)\binfo(?:rmation)?\b[\]>):,|\s-]*", message)
            return not is_bare(message[level.end() :] if level else message)
        # An exception below a quiet line is told by it, unless it plainly is printed by itself.
        stays = record.last.strip() and (begins_exception(text) or is_continuation(text))
        return bool(stays) and speaks_of_failure(record.head) and not _FRESH.match(text)

    def _stands_apart(self, record: Record, number: int, text: str) -> bool:
        """Whether the line, without a time, is no part of the stamped record above it."""
        if record.complete:
            return True
        if record.when is None or record.whole or number == record.line or record.told:
            return False
        if record.chained or speaks_of_failure(record.head):
            return False
        return not (_LEVEL_LINE.match(text) or _LEVEL_LINE.match(record.last)) and (
            text[:1] not in _NOT_A_BREAK or record.level in (Level.INFO, Level.DEBUG)
        )

    def _begins_another(self, record: Record, error: Recognised, text: str) -> bool:
        if not record.told or record.chained or record.whole:
            return False
        last = record.told[-1].error
        if error.signature in _COMPANIONS and error.signature != last.signature:
            return False
        if text[:1] in _NOT_A_BREAK or chains(text) or last.role == "echo":
            return False
        if goes_below(text) and is_frame(record.last):
            return False
        return record.when is None or _FRESH.match(text) is not None

    def _split(self, source: _Source, number: int, text: str, outer: str) -> Record:
        """Begin a record that has no time, or only its prefix's, at this line."""
        above = source.record
        record = self._begin(source, number, self._when(None, outer), text)
        record.last = above.last
        if not above.told:
            record.mysql, record.driver = above.mysql, above.driver
        return record


def _unsqueezed(text: str, squeezed: int) -> int:
    """The length of that part of `text` which has `squeezed` characters.

    Each number counts as one digit.
    """
    short = taken = 0
    for piece in _pieces(text):
        if short >= squeezed:
            break
        short += 1 if piece.isdigit() else len(piece)
        taken += len(piece)
        if short > squeezed:
            taken -= short - squeezed
    return taken


def _pieces(text: str) -> Iterator[str]:
    yield from (piece for piece in re.split(r"(\d+)", text) if piece)
