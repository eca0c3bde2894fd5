"""What a line tells that is a record by itself, whatever is around it."""

from dataclasses import dataclass, replace

from wizard.case.evidence import Phase
from wizard.logs.application.client_drivers import names_mysql
from wizard.logs.application.client_error import Recognised
from wizard.logs.application.endpoints import LEARNT
from wizard.logs.application.failures import FailureReader
from wizard.logs.application.going_on import may_go_on
from wizard.logs.application.one_event import joins_others, ways_of
from wizard.logs.application.pool_reasons import is_bare
from wizard.logs.application.prefixes import Unwrapped, unwrap
from wizard.logs.application.record import Record
from wizard.logs.application.stamp_formats import StampKind
from wizard.logs.application.stamps import StampReader
from wizard.logs.application.successes import may_tell_of_work
from wizard.logs.application.telling import Telling
from wizard.logs.engine.shapes import shape_of


@dataclass(frozen=True, slots=True)
class LoneLine:
    """A record of one line, whose time stands from `start` to `end`.

    `error` is what it tells of MySQL, with the `ways` of `one_event.ways_of`; `named` that it names
    MySQL itself; `missed` that it speaks of trouble in words that are not known, `may_be_work` that
    it may tell of work that went well.
    """

    start: int
    end: int
    error: Recognised | None = None
    ways: frozenset[tuple[str, ...]] = frozenset()
    named: bool = False
    missed: bool = False
    may_be_work: bool = False


class _OneRecord(FailureReader):
    """Takes what a single line tells, and does nothing with it."""

    def __init__(self, flavor: str) -> None:
        super().__init__("", flavor=flavor)
        self.settled: list[Record] = []
        self.tellings: list[Telling] = []

    def _settle(self, record: Record) -> None:
        self.settled.append(record)
        telling = self._telling(record)
        if telling is not None:
            self.tellings.append(replace(telling, ways=ways_of(telling)))


def lone_line(line: str, flavor: str, dull: bool = False) -> LoneLine | None:
    """What the line tells by itself; None where that may hang on other lines.

    `dull` says that nothing but its time can be read out of it.
    """
    stamp = StampReader().find(line)
    if stamp is None or stamp.form.kind is StampKind.CLOCK or not line[stamp.end :].strip():
        return None
    work = may_tell_of_work(shape_of(line.encode("utf-8", "surrogatepass")))
    if dull:
        return LoneLine(stamp.start, stamp.end, may_be_work=work)
    if unwrap(line) != Unwrapped(line) or line[:1] == "{" or may_go_on(line[stamp.end :]):
        return None
    if LEARNT.search(line):
        return None
    reader = _OneRecord(flavor)
    reader.feed(1, line)
    reader.finish()
    missed, named = reader.not_understood > 0, names_mysql(line)
    if not reader.settled:
        well = work and not missed
        return LoneLine(stamp.start, stamp.end, missed=missed, may_be_work=well)
    if len(reader.tellings) != 1 or missed or reader.tellings[0].begins != 1:
        return None
    (telling,) = reader.tellings
    error = telling.error
    if joins_others(telling) or error.phase is Phase.CONNECT or is_bare(error):
        return None
    if not named and any(told.error.role == "near" for told in reader.settled[0].told):
        return None
    return LoneLine(stamp.start, stamp.end, error, telling.ways, named)
