"""Evidence: one observed fact, and the failures that the application saw.

Everything here is plain, immutable and JSON-able; a step makes it, the diagnosis reads it.
All datetimes are aware.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class StepStatus(StrEnum):
    """How a step ended; `RUNNING` and `PENDING` exist only while an investigation runs."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


class Phase(StrEnum):
    """Where in a connection's life the client noticed the failure."""

    CONNECT = "connect"
    IDLE = "idle"
    QUERY = "query"
    RESULT = "result"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that something happened, with what is needed to match it to a failure.

    `until` ends an outage (`at` begins it). `size` is in bytes, `seconds` is a duration
    (an idle gap, a timeout that applied; of an outage whose beginning is guessed, for how long
    before `at` nothing tells whether the server lived).
    """

    at: datetime | None = None
    until: datetime | None = None
    connection_id: int | None = None
    account: str | None = None
    size: int | None = None
    seconds: float | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One observed fact.

    `signal` names it in `knowledge/signals.toml`; `text` is one sentence for the operator;
    `source` says where it was seen (file and line, query, command); `count` how often inside
    the window; `occurrences` holds at most `MAX_OCCURRENCES` single events for attribution;
    `weak` marks what cannot be placed inside the window (a counter since server start).
    """

    signal: str
    text: str
    source: str
    count: int = 1
    first: datetime | None = None
    last: datetime | None = None
    excerpt: str = ""
    value: float | None = None
    weak: bool = False
    occurrences: tuple[Occurrence, ...] = ()


MAX_OCCURRENCES = 2000


PASTED = "pasted text"
"""What the source of a failure begins with that no log told."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One client error, from a pasted text or a line of an application's log.

    `number` is the MySQL client or server error number where the text has one; `signal` the
    meaning of that very text (`client.lost`, `client.idle-disconnect` ...); `idle_seconds` the
    time since the last packet where the driver tells it, and `waited_seconds` for how long the
    statement that ended this rest had no answer; `size` the bytes of the statement or
    packet where the text tells it; `source` is `path:line` or `pasted text, line n`. Where its
    lines have no time of their own it lies between `after` and `at`, its neighbours' times.
    `worked` is when its log last told, before it, of work that went well. `told_at` is when the
    wizard first read of it, by this machine's clock: one without a time cannot be later.
    """

    signal: str
    text: str
    source: str
    at: datetime | None = None
    number: int | None = None
    errno: int | None = None
    driver: str | None = None
    phase: Phase = Phase.UNKNOWN
    idle_seconds: float | None = None
    size: int | None = None
    account: str | None = None
    connection_id: int | None = None
    after: datetime | None = None
    worked: datetime | None = None
    told_at: datetime | None = None
    waited_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows for a screen or a report. Cells are sanitized strings; a column's width is free."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Samples:
    """Raw figures of an experiment, in the order in which they were taken, for a chart."""

    title: str
    unit: str
    values: tuple[float, ...]


Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class StepResult:
    """What one step brought.

    `looked_for` names the signals that the step was able to look for: one that is in it and
    has no evidence is *absent*; one that is not in it is *unknown*. `facts` are values that
    the diagnosis, remedies and screens read by name (listed in each step's docstring).
    """

    id: str
    status: StepStatus
    seconds: float = 0.0
    reason: str | None = None
    headline: str = ""
    evidence: tuple[Evidence, ...] = ()
    looked_for: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Scalar] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    samples: tuple[Samples, ...] = ()
