"""The statements of a slow log, grouped by their shape, with their figures. Pure and bounded."""

from array import array
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from wizard.logs.slow.entry import SlowEntry
from wizard.safety.redact import mask_secrets
from wizard.safety.redact_sql import mask_statement
from wizard.safety.sanitize import sanitize

MOST_TIMES = 500_000
"""Times of a group that are kept, its first ones; the others are only summed."""

MICRO = 1_000_000


@dataclass(frozen=True)
class Shape:
    """One group. Times are whole microseconds, so that sums are exact in any order; `times` are
    the first MOST_TIMES of them."""

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
    times: "array[int]"
    accounts: Counter[str]

    @property
    def seconds(self) -> float:
        return self.micros / MICRO

    @property
    def longest(self) -> float:
        return self.longest_micros / MICRO

    @property
    def lock_seconds(self) -> float:
        return self.lock_micros / MICRO

    @cached_property
    def ordered(self) -> "array[int]":
        return array("q", sorted(self.times))

    def quantile(self, share: float) -> float:
        """Nearest rank: the smallest time that at least `share` of them do not exceed."""
        if not self.times:
            return 0.0
        rank = max(1, -(-int(share * 1000) * len(self.times) // 1000))
        return self.ordered[min(rank, len(self.times)) - 1] / MICRO

    def below(self, seconds: float) -> int:
        """How many of `times` are shorter."""
        return bisect_left(self.ordered, seconds * MICRO)

    @property
    def shown(self) -> str:
        """Without a literal, also where the statement was cut inside of one."""
        return masked_statement(self.fingerprint)


@dataclass(frozen=True, slots=True)
class SlowDigest:
    """A whole log: its shapes, the one that took most time first, and the longest statements.

    `stopped` counts the statements that ended by being killed or timed out; `ended` are the
    longest of them.
    """

    shapes: tuple[Shape, ...] = ()
    longest: tuple[SlowEntry, ...] = ()
    ended: tuple[SlowEntry, ...] = ()
    stopped: int = 0
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
        return sum(shape.count - len(shape.times) for shape in self.shapes)

    def taking(self, seconds: float) -> tuple[SlowEntry, ...]:
        """Of the longest statements those that took so long."""
        return tuple(e for e in self.longest if e.seconds >= seconds)

    def at_least(self, seconds: float) -> int:
        """How many statements took so long, of those whose times were kept."""
        return sum(len(shape.times) - shape.below(seconds) for shape in self.shapes)


def masked_statement(text: str) -> str:
    return sanitize(mask_statement(mask_secrets(text[:2000]).text.lstrip())[0])
