"""The statements of a slow log, grouped by their shape, with their figures. Pure and bounded."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from wizard.logs.slow.fingerprint import fingerprint
from wizard.logs.slow.lines import SlowEntry
from wizard.safety.redact import mask_secrets
from wizard.safety.redact_sql import mask_statement
from wizard.safety.sanitize import sanitize

MOST_SHAPES = 5000
"""Groups that are kept; statements of further shapes are counted together."""

MOST_TIMES = 20_000
"""Times of a group that are kept for its quantiles."""

REST = "(statements of further shapes)"


@dataclass(slots=True)
class Shape:
    """One group. Sums over all of it; `times` are the first MOST_TIMES of them, in seconds."""

    fingerprint: str
    count: int = 0
    seconds: float = 0.0
    longest: float = 0.0
    lock_seconds: float = 0.0
    rows_sent: int = 0
    rows_examined: int = 0
    bytes_sent: int = 0
    killed: int = 0
    first: datetime | None = None
    last: datetime | None = None
    times: list[float] = field(default_factory=list)
    accounts: Counter[str] = field(default_factory=Counter)

    def quantile(self, share: float) -> float:
        """Nearest rank: the smallest time that at least `share` of them do not exceed."""
        if not self.times:
            return 0.0
        ordered = sorted(self.times)
        rank = max(1, -(-int(share * 1000) * len(ordered) // 1000))
        return ordered[min(rank, len(ordered)) - 1]

    @property
    def shown(self) -> str:
        """Without a literal, also where the statement was cut inside of one."""
        return masked_statement(self.fingerprint)


@dataclass(frozen=True, slots=True)
class SlowDigest:
    """A whole log: its shapes, the one that took most time first, and the longest statements."""

    shapes: tuple[Shape, ...]
    longest: tuple[SlowEntry, ...]
    entries: int
    seconds: float
    first: datetime | None
    last: datetime | None


MOST_LONGEST = 2000


def digest(
    found: Iterable[SlowEntry], since: datetime | None = None, until: datetime | None = None
) -> SlowDigest:
    """Our own statements are left out."""
    shapes: dict[str, Shape] = {}
    longest: list[SlowEntry] = []
    entries, seconds = 0, 0.0
    first: datetime | None = None
    last: datetime | None = None
    for entry in found:
        if entry.own or not _inside(entry.began, since, until):
            continue
        entries += 1
        seconds += entry.seconds
        first, last = first or entry.began, entry.began or last
        _count(shapes, entry)
        longest.append(entry)
        if len(longest) >= 2 * MOST_LONGEST:
            longest = _longest(longest)
    ordered = sorted(shapes.values(), key=lambda s: -s.seconds)
    return SlowDigest(tuple(ordered), tuple(_longest(longest)), entries, seconds, first, last)


def masked_statement(text: str) -> str:
    return sanitize(mask_statement(mask_secrets(text[:2000]).text.lstrip())[0])


def _inside(at: datetime | None, since: datetime | None, until: datetime | None) -> bool:
    if at is None:
        return True
    return (since is None or at >= since) and (until is None or at <= until)


def _longest(found: list[SlowEntry]) -> list[SlowEntry]:
    return sorted(found, key=lambda e: -e.seconds)[:MOST_LONGEST]


def _count(shapes: dict[str, Shape], entry: SlowEntry) -> None:
    name = fingerprint(entry.text.decode("utf-8", "replace"))
    if name not in shapes and len(shapes) >= MOST_SHAPES:
        name = REST
    shape = shapes.setdefault(name, Shape(name))
    shape.count += 1
    shape.seconds += entry.seconds
    shape.longest = max(shape.longest, entry.seconds)
    shape.lock_seconds += entry.lock_seconds
    shape.rows_sent += entry.rows_sent or 0
    shape.rows_examined += entry.rows_examined or 0
    shape.bytes_sent += entry.bytes_sent or 0
    shape.killed += bool(entry.killed)
    shape.first, shape.last = shape.first or entry.began, entry.began or shape.last
    if len(shape.times) < MOST_TIMES:
        shape.times.append(entry.seconds)
    if len(shape.accounts) < 1000:
        shape.accounts[entry.account] += 1
