"""From an application log's lines to its records. One message each, however many lines it has.

A line with a time of its own begins a record, unless the text behind its prefix goes on with a
stack. Each source (a container, a process under syslog) has its own records, so that lines of
several sources may alternate. A line without a time belongs to the record above; an error on
such a line is that record's where the record tells of a failure, or else a record of its own
that lies between its neighbours in time. Pure: lines in, records out.
"""

from collections import OrderedDict

from wizard.logs.application.client_drivers import (
    closer,
    driver_of,
    names_another_database,
    names_mysql,
)
from wizard.logs.application.client_error import Recognised
from wizard.logs.application.endpoints import Endpoints
from wizard.logs.application.first_look import FirstLook
from wizard.logs.application.going_on import belongs, goes_on, open_stack
from wizard.logs.application.json_lines import JsonLine, json_line
from wizard.logs.application.mentions import Level, level_named, may_be_trouble
from wizard.logs.application.prefixes import Unwrapped, unwrap
from wizard.logs.application.record import RECENT, Neighbours, Record, Sink, Source, Told, When
from wizard.logs.application.record_errors import (
    begins_another,
    error_in,
    is_closed_for,
    is_property,
    is_shown_above,
    note_stack,
    stands_apart,
)
from wizard.logs.application.speakers import MOST_LINES, Speakers
from wizard.logs.application.stack_lines import (
    begins_traceback,
    is_stack,
    may_be_stack,
)
from wizard.logs.application.stack_places import placed
from wizard.logs.application.stamps import Stamp, StampReader
from wizard.logs.application.successes import went_well

_MOST_SOURCES = 64
_MOST_PASSED = 20
_LONGEST = 16_384
"""Characters of a line that came in parts."""

_STACK_LASTS = 8
"""Records after which it is forgotten how the lines of a stack begin, until one shows it again."""

# Loggers that only repeat what the exception after them says.
_ECHO_LOGGERS = ("SqlExceptionHelper", "JDBCExceptionReporter")


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
        self.speakers = Speakers()
        self._first_look = FirstLook()
        self._number = 0
        self._sources: OrderedDict[str, Source] = OrderedDict()

    def feed(self, number: int, line: str) -> None:
        """Take line `number` (from 1), bounded in length by the caller."""
        if number - self._number > _STACK_LASTS:
            self._forget_stacks()
        self._number = number
        if self._first_look.is_dull(line):
            self._dull_line(self._source(""), number, line)
            return
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

    def at_rest(self) -> Source | None:
        """The source of lines without a prefix, where any line with a time ends its record."""
        source = self._sources.get("")
        if source is None or source.record.when is None or not source.own_times:
            return None
        stacks = source.header or source.every_line or source.begun or source.waiting
        return None if stacks else source

    def settle(self, source: Source) -> None:
        """Close the record that is open, as the next line with a time would do."""
        record = source.record
        self._close(source, record.when)
        source.record = Record(record.when, Neighbours(), record.line)

    def _source(self, name: str) -> Source:
        source = self._sources.get(name)
        if source is None:
            source = self._sources[name] = Source(name, Record(None, Neighbours()))
            if len(self._sources) > _MOST_SOURCES:
                _name, oldest = self._sources.popitem(last=False)
                self._close(oldest, None)
                self._release(oldest)
        elif len(self._sources) > 1:
            self._sources.move_to_end(name)
        return source

    def _object(self, source: Source, number: int, told: JsonLine, outside: Unwrapped) -> None:
        if told.wrapper and told.texts:
            inner = unwrap(told.texts[0].rstrip("\r\n"))
            name = f"{outside.source}{told.source}{inner.source}"
            self._line(self._source(name), number, inner.text, told.time or inner.outer)
            return
        lines = [line for text in told.texts for line in text.split("\n")]
        if told.bare and is_shown_above(source.record):
            for line in filter(is_property, lines):
                self._note(source, number, line)
            return
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

    def _forget_stacks(self) -> None:
        """So many lines were passed over unread that none can go on with a stack seen before."""
        for source in self._sources.values():
            source.header, source.every_line = "", False

    def _dull_line(self, source: Source, number: int, text: str) -> None:
        """A line that tells only its time, or goes on with the record above."""
        stamp = self._stamps.find(text)
        rest = "" if stamp is None else text[stamp.end :]
        if stamp is None:
            self._note(source, number, text)
        elif source.header or source.every_line or not rest.strip():
            self._stamped(source, number, text, stamp, "")
        else:
            source.own_times = True
            record = self._begin(source, number, When(stamp, None), rest)
            record.lead = text if stamp.start else ""
            record.dull = True
            record.begun.append(text)
            record.last = text

    def _stamped(self, source: Source, number: int, text: str, stamp: Stamp, outer: str) -> None:
        source.own_times = True
        rest = text[stamp.end :]
        stacked = may_be_stack(rest)
        closer_look = stacked or source.header or source.every_line or not rest.strip()
        body = goes_on(source, stamp, rest, self._stamps) if closer_look else None
        if body is not None:
            source.stack_age = 0
            self._note(source, number, body)
            return
        record = self._begin(source, number, self._when(stamp, outer), rest)
        record.lead = text if stamp.start else ""
        if stacked:
            open_stack(source, rest)
        self._note(source, number, text)

    def _line(self, source: Source, number: int, text: str, outer: str) -> None:
        stamp = self._stamps.find(text)
        if stamp is not None:
            self._stamped(source, number, text, stamp, outer)
        elif outer and not source.own_times and not belongs(source, text, outer, self._stamps):
            self._begin(source, number, self._when(None, outer), text)
            if may_be_stack(text):
                open_stack(source, text)
            self._note(source, number, text)
        elif text[:1] == "{" and text.strip() == "{":
            self._begin(source, number, None, text)
            source.record.whole = True
        else:
            self._note(source, number, text, outer)

    def _when(self, own: Stamp | None, outer: str) -> When | None:
        outside = self._stamps.find(outer) if outer else None
        return None if own is None and outside is None else When(own, outside)

    def _begin(self, source: Source, number: int, when: When | None, head: str) -> Record:
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
        source.stack_age += 1
        if source.stack_age > _STACK_LASTS:
            source.header, source.every_line = "", False
        return source.record

    def _close(self, source: Source, following: When | None) -> None:
        record = source.record
        if following is not None:
            for waiting in (record, *source.waiting):
                waiting.between.after = waiting.between.after or following
        if not record.told:
            if len(source.passed) < _MOST_PASSED and record.head.strip():
                source.passed.append(record)
            if not record.dull and may_be_trouble(record.head) and record.level is Level.LOUD:
                self._missed(record)
            elif record.when is not None:
                source.recent.append(record)
        else:
            if record.mysql:
                self.speakers.learn(record.begun)
            record.source = source.name
            record.worked = source.worked = _last_success(source)
            record.passed, source.passed = tuple(source.passed), []
            source.waiting.append(record)
            if record.when is not None or len(source.waiting) > _MOST_SOURCES:
                self._release(source)

    def _release(self, source: Source) -> None:
        for record in source.waiting:
            self._sink(record)
        source.waiting.clear()

    def _note(self, source: Source, number: int, text: str, outer: str = "") -> None:
        record = source.record
        if not record.line:
            record.line, record.head = number, text
        traceback = begins_traceback(text)
        if (traceback or text.startswith("Exception in thread")) and is_closed_for(record, text):
            record = self._split(source, number, text, outer)
        record.traceback = record.traceback or traceback
        error, place = error_in(record, number, text, self._flavor)
        if error is not None and (
            stands_apart(record, number, text) or begins_another(record, error, text)
        ):
            record = self._split(source, number, text, outer)
        if len(record.begun) < MOST_LINES:
            record.begun.append(text)
        named = names_mysql(text) or (error is not None and self._names_ours(record, error, text))
        self.speakers.hear(text, named)
        if error is not None:
            certain = error.role != "near" or named
            error = placed(error, record.place)
            record.told.append(Told(error, number, text, certain, place))
            record.end = number
            record.place = None
            record.chained = False
            record.echo = record.echo or any(name in text for name in _ECHO_LOGGERS)
        elif record.told or record.traceback:
            note_stack(record, text)
        if record.told and not text.strip():
            record.end = number
        if named:
            record.mysql = True
            record.driver = closer(record.driver, driver_of(text))
            self._endpoints.learn(text)
        elif record.told and not record.mysql and not record.another:
            lines = record.begun if error is not None else (text,)
            record.another = any(names_another_database(line) for line in lines)
        if record.whole and record.when is None and '"' in text:
            self._late_time(record, text)
        record.last = text

    def _names_ours(self, record: Record, error: Recognised, text: str) -> bool:
        """Whether a line that does not name MySQL names what this log calls MySQL."""
        if self._endpoints.named_in(text):
            return True
        return error.role == "near" and self.speakers.speak((*record.begun, text))

    def _late_time(self, record: Record, text: str) -> None:
        """An object over several lines tells its time in one of them."""
        told = json_line("{" + text.strip().rstrip(",") + "}")
        stamp = self._stamps.find(told.time) if told is not None and told.time else None
        if stamp is not None:
            record.when = When(stamp, None)
            self.first = self.first or record.when
            self.last = record.when

    def _split(self, source: Source, number: int, text: str, outer: str) -> Record:
        """Begin a record that has no time, or only its prefix's, at this line."""
        above = source.record
        record = self._begin(source, number, self._when(None, outer), text)
        record.last = above.last
        if not above.told:
            record.mysql, record.driver = above.mysql, above.driver
        record.another = above.another and not above.mysql
        return record


def _last_success(source: Source) -> When | None:
    """When the source last told of work that went well, looked for only where it is asked.

    Of a log with one source so many lines are looked at, of one with several so many records.
    """
    oldest = 0 if source.name else source.record.line - RECENT
    well = (r.when for r in reversed(source.recent) if r.line >= oldest and went_well(r.head))
    found = next(well, source.worked)
    source.recent.clear()
    return found
