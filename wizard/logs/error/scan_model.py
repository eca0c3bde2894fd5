"""What a scan of a log takes and gives. Plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from knowledge.model import Signature
from wizard.hosts.sifting import PickedLine
from wizard.logs.engine.tally import Histogram, Names
from wizard.logs.error.marks import Mark
from wizard.logs.error.start_reasons import StartReasons


@dataclass(frozen=True, slots=True)
class LinePlace:
    """Where a line stands: the file and its line number.

    Its byte instead where counting the lines before it would have meant to read them all.
    """

    path: str
    line: int | None
    offset: int

    def moved(self, ahead: int) -> "LinePlace":
        """The same in a file in which so many lines stand before."""
        line = None if self.line is None else self.line + ahead
        return LinePlace(self.path, line, self.offset)

    def __str__(self) -> str:
        return self.path + (f", line {self.line}" if self.line else f", byte {self.offset}")


@dataclass(frozen=True, slots=True)
class ClockStep:
    """Where a log's time goes back: the time `before`, and the one of the line at `place`."""

    before: datetime
    after: datetime
    place: LinePlace


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One line that a signature knows. `seconds` is the timeout that applied, if it tells."""

    signature: str
    signal: str
    at: datetime | None
    place: LinePlace
    text: str
    connection_id: int | None = None
    account: str | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How often one signature was met. `events` are the newest, at most MAX_OCCURRENCES;
    `examples` are the first, and `places` where they stand. `minutes` and `accounts` count all
    lines that were read here or counted by a scanner."""

    signature: Signature
    count: int
    first: datetime | None
    last: datetime | None
    events: Sequence[LogEvent]
    examples: tuple[str, ...]
    places: tuple[LinePlace, ...] = field(default=(), compare=False)
    minutes: Histogram = field(default_factory=Histogram, compare=False)
    accounts: Names = field(default_factory=Names, compare=False)


@dataclass(frozen=True, slots=True)
class Scan:
    """What was read. `served` says that lines of a running server came before the first mark
    of its life, `understood` that at least one line has the form of an error log's;
    `reasons` is what was said of failing starts up to the end, `steps` are where the times of
    lines that were read here go back."""

    tallies: tuple[Tally, ...]
    marks: tuple[Mark, ...]
    served: bool
    bytes_scanned: int
    lines: int
    first: datetime | None
    last: datetime | None
    last_place: LinePlace | None
    understood: bool = False
    reasons: StartReasons = field(default_factory=StartReasons, compare=False)
    steps: tuple[ClockStep, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Picked:
    """Lines that a host picked out of `size` bytes and `count` lines. `left_out` has for each
    kind how many lines there were beside those sent, which are taken to be like those."""

    lines: tuple[PickedLine, ...]
    path: str
    numbered: bool
    size: int
    count: int
    left_out: Mapping[str, int]
