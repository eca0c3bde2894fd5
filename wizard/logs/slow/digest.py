"""The statements of a slow log, grouped by their shape, with their figures. Pure and bounded."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from wizard.logs.slow.entry import SlowEntry
from wizard.logs.slow.masked import masked_statement
from wizard.logs.slow.spread import MICRO, rounded


@dataclass(frozen=True, slots=True)
class Shape:
    """One group. Times are whole microseconds, so that sums are exact in any order; the median
    and the 95th percentile are those of the first `timed` statements."""

    fingerprint: str
    count: int
    micros: int
    lock_micros: int
    rows_sent: int
    rows_examined: int
    bytes_sent: int
    first: datetime | None
    last: datetime | None
    longest_micros: int
    timed: int
    median_micros: int
    p95_micros: int
    accounts: Counter[str]

    @property
    def shown(self) -> str:
        return masked_statement(self.fingerprint)

    @property
    def seconds(self) -> float:
        return self.micros / MICRO

    @property
    def longest(self) -> float:
        return self.longest_micros / MICRO

    @property
    def lock_seconds(self) -> float:
        return self.lock_micros / MICRO

    @property
    def median(self) -> float:
        return self.median_micros / MICRO

    @property
    def p95(self) -> float:
        return self.p95_micros / MICRO


@dataclass(frozen=True, slots=True)
class SlowDigest:
    """A whole log: its shapes, the one that took most time first, and the longest statements.

    `stopped` counts the statements that ended by being killed or timed out; `ended` are the
    longest of them. `spread` counts all whose times are known by their time, see spread.rounded.
    No text holds a literal: of the longest statements, too, the fingerprint alone is told.
    """

    shapes: tuple[Shape, ...] = ()
    longest: tuple[SlowEntry, ...] = ()
    ended: tuple[SlowEntry, ...] = ()
    stopped: int = 0
    spread: Counter[int] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None

    @property
    def entries(self) -> int:
        return sum(shape.count for shape in self.shapes)

    @property
    def seconds(self) -> float:
        return sum(shape.micros for shape in self.shapes) / MICRO

    @property
    def untimed(self) -> int:
        """Statements whose own times were not kept."""
        return sum(shape.count - shape.timed for shape in self.shapes)

    def taking(self, seconds: float) -> tuple[SlowEntry, ...]:
        """Of the longest statements those that took so long."""
        return tuple(e for e in self.longest if e.seconds >= seconds)

    def at_least(self, seconds: float) -> int:
        """How many statements took so long, of those whose times were kept."""
        least = rounded(round(seconds * MICRO))
        return sum(count for micros, count in self.spread.items() if micros >= least)
