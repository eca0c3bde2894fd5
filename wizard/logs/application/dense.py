"""Counts the failures of a log whose lines are mostly alike, by the kinds of its lines.

Where one place in a program tells of failure after failure, each in a line of its own, none of
them hangs on another. They are counted by what their kind of line tells. The newest lines are held
back until they surely stand alone; any other line has these read carefully first, so that the
reader then knows what it would have known.
"""

from collections import deque

from wizard.logs.application.events import MOST_OPEN
from wizard.logs.application.failures import FailureReader, PassedOver
from wizard.logs.application.lone_line import LoneLine
from wizard.logs.application.lone_lines import LoneLines
from wizard.logs.application.record import RECENT, Source, When
from wizard.logs.application.same_job import LOST_AGAIN, lost_again
from wizard.logs.application.successes import went_well
from wizard.logs.application.ten_seconds import TenSeconds

_MOST_HELD = 4096
"""Lines that are held back: where failures come seldom, all is read carefully."""

Held = tuple[int, str, LoneLine]


class DenseReader:
    """Takes the lines for a FailureReader, which is told of those that matter."""

    def __init__(self, reader: FailureReader) -> None:
        self._reader = reader
        self._kinds = LoneLines(reader.flavor)
        self._held: deque[Held] = deque()
        self._failing = 0
        self._last: Held | None = None
        """The newest failure among those held back."""

        self._ways: set[frozenset[tuple[str, ...]]] = set()
        self._source: Source | None = None
        """Whose lines are passed over; None as long as all are read."""

        self._worked: When | None = None
        self._ten = TenSeconds()

    def feed(self, number: int, line: str) -> None:
        """Take line `number` (from 1), bounded in length by the caller."""
        told = self._kinds.of(line)
        if told is None or (told.error is not None and not self._is_apart(number, line, told)):
            self._release()
            self._reader.feed(number, line)
            return
        held = (number, line, told)
        self._held.append(held)
        if told.error is not None:
            self._failing += 1
            self._last = held
            if self._failing > MOST_OPEN:
                self._pass()
        elif len(self._held) > _MOST_HELD:
            self._release()

    def finish(self) -> None:
        """Read what is held back, and close what is open."""
        self._release()
        self._reader.finish()

    def _is_apart(self, number: int, line: str, told: LoneLine) -> bool:
        """Whether the failure is another than each that is held back or passed over."""
        if not told.named and self._reader.endpoints.named_in(line):
            return False
        if told.ways not in self._ways:
            if any(told.ways.isdisjoint(ways) for ways in self._ways):
                return False
            self._ways.add(told.ways)
        if self._last is None or told.error is None or told.error.number != LOST_AGAIN:
            return True
        above, text, _told = self._last
        return number - above != 1 or not lost_again(text, line)

    def _release(self) -> None:
        """Have all that is held back read carefully."""
        if self._source is not None:
            self._source.worked, self._source.passed = self._worked, []
            self._source.recent.clear()
        for number, line, _told in self._held:
            self._reader.feed(number, line)
        self._held.clear()
        self._ways.clear()
        self._failing, self._last, self._source = 0, None, None

    def _pass(self) -> None:
        """Be done with the oldest failure that is held back, and the lines above it."""
        if self._source is None:
            self._source = self._begin()
        if self._source is None:
            self._read()
        else:
            self._count(self._source)

    def _read(self) -> None:
        while self._failing > MOST_OPEN:
            number, line, told = self._held.popleft()
            self._failing -= told.error is not None
            self._reader.feed(number, line)

    def _begin(self) -> Source | None:
        """Whose lines can be passed over from here on, if they can."""
        source = self._reader.records.at_rest()
        oldest = next(number for number, _line, told in self._held if told.error is not None)
        if source is None or not self._reader.events.are_apart(self._ways, oldest):
            return None
        self._reader.records.settle(source)
        if not self._reader.events.are_apart(self._ways, oldest):
            return None
        self._reader.events.finish()
        self._worked = source.worked
        return source

    def _count(self, source: Source) -> None:
        ten, stamps = self._ten, self._reader.stamps
        passed: list[Held] = []
        for held in self._held:
            _number, line, told = held
            if not ten.hold(line, told):
                stamp = stamps.find(line)
                if stamp is None or (stamp.start, stamp.end) != (told.start, told.end):
                    self._release()
                    return
                ten.begin(line, stamp)
            passed.append(held)
            if told.error is not None:
                break
        last, text, told = passed.pop()
        at, inside = None, ten.inside(self._reader) if ten.hold(text, told) else None
        if inside is None:
            at = self._reader.moment(self._when(text))
            if at is None:
                self._release()
                return
            inside = self._reader.holds(at, at)
        else:
            stamps.pass_by(text[told.start :])
        if told.error is None:
            return
        if passed or source.recent:
            self._worked = self._last_work(source, last, passed)
            source.recent.clear()
        for _number, line, other in passed:
            self._held.popleft()
            if other.missed:
                self._reader.miss(self._when(line))
        self._held.popleft()
        self._failing -= 1
        self._reader.count(PassedOver(told.error, last, text, at, self._worked), bool(inside))

    def _when(self, line: str) -> When | None:
        stamp = self._reader.stamps.find(line)
        return None if stamp is None else When(stamp, None)

    def _last_work(self, source: Source, number: int, passed: list[Held]) -> When | None:
        """When work last went well before the failure of line `number`, below these lines."""
        oldest = number - RECENT
        for at, line, told in reversed(passed):
            if at < oldest:
                break
            if told.may_be_work and went_well(line[told.end :]):
                return self._when(line)
        for record in reversed(source.recent):
            if record.line >= oldest and went_well(record.head):
                return record.when
        return self._worked
