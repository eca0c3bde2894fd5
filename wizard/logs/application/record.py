"""One message of an application's log, and the errors that its lines tell. Plain data."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from wizard.logs.application.client_error import Recognised
from wizard.logs.application.mentions import Level, level_of
from wizard.logs.application.stack_places import Place
from wizard.logs.application.stamps import Stamp

RECENT = 512
"""Lines, or records of one of several sources, before a failure among which work that went well
is looked for."""


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


@dataclass(slots=True)
class When:
    """A line's time as written: the program's own, and that of the prefix in front of it. Not
    frozen, as a Stamp is not."""

    own: Stamp | None
    outer: Stamp | None


@dataclass(slots=True)
class Record:
    """One message. `when` is None where it has no time of its own; `head` is its first line
    behind the time, `lead` that line from its beginning where more than the time is before it;
    `whole` that it is one object, which tells of one event, and `complete` that it has ended;
    `dull` that nothing in its first line but its time tells anything;
    `passed` are the records without an error since the last that told of one, and
    `worked` is the time of the last one before that told of work that went well."""

    when: When | None
    between: Neighbours
    line: int = 0
    head: str = ""
    lead: str = ""
    named_level: Level | None = None
    whole: bool = False
    complete: bool = False
    dull: bool = False
    told: list[Told] = field(default_factory=list)
    end: int = 0
    """The last line that told of an error, or an empty one below it."""

    ids: frozenset[str] = frozenset()
    mysql: bool = False
    another: bool = False
    """Whether its lines name another database, as far as the first that names MySQL."""

    driver: str | None = None
    chained: bool = False
    echo: bool = False
    traceback: bool = False
    place: Place | None = None
    """What the frames above the next error tell of it."""

    stack: list[str] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    """Its first lines, among which a framework's name is looked for."""

    last: str = ""
    source: str = ""
    passed: "tuple[Record, ...]" = ()
    worked: When | None = None

    @property
    def ours(self) -> list[Told]:
        """What it tells of MySQL.

        A framework's words, and a pool's, are said of any database: the frames tell of which.
        """
        if self.mysql:
            return self.told
        certain = [t for t in self.told if t.certain]
        return [t for t in certain if t.error.number is not None] if self.another else certain

    def unbroken(self, told: Told) -> str:
        """The line with the one below it, which goes on with it where a terminal's edge cut it."""
        below = self.begun[told.line - self.line + 1 :][:1]
        return told.text + "".join(below)

    @property
    def level(self) -> Level:
        """How loud it is; read only where it is asked for."""
        if self.named_level is None:
            self.named_level = level_of(self.lead or self.head)
        return self.named_level


@dataclass(slots=True)
class Source:
    """One program's lines: its open record, and what is known of how it writes."""

    name: str
    record: Record
    own_times: bool = False
    every_line: bool = False
    """Whether also the lines of its stacks carry a time."""

    header: str = ""
    stack_age: int = 0
    """Records since the last line of a stack that told one of these two."""

    traceback: bool = False
    begun: str = ""
    waiting: list[Record] = field(default_factory=list)
    passed: list[Record] = field(default_factory=list)
    worked: When | None = None
    recent: deque[Record] = field(default_factory=lambda: deque(maxlen=RECENT))
    """The last records that told of no error, among which a success is looked for."""


Sink = Callable[[Record], None]
