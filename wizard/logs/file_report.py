"""What log files say, whatever their kind: counts by signature, minute, account and host."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from wizard.case.evidence import Table
from wizard.logs.engine.tally import Histogram, Names
from wizard.logs.kind import LogKind

EXAMPLES = 3


class By(StrEnum):
    """What the lines are counted by."""

    ACCOUNT = "account"
    HOST = "host"
    REASON = "reason"
    MINUTE = "minute"


@dataclass(slots=True)
class Met:
    """How often one signature was met, over all files. `examples` are lines as they are in the
    log, and `places` says for each in which file and line."""

    count: int
    first: datetime | None
    last: datetime | None
    examples: list[str]
    places: list[str] = field(default_factory=list)
    minutes: Histogram = field(default_factory=Histogram)
    accounts: Names = field(default_factory=Names)


@dataclass(frozen=True, slots=True)
class LogFileReport:
    """What one file said; `signatures` by id, `tables` of what they cannot hold; `remarks` say
    what of it was not read, and how."""

    path: str
    kind: LogKind
    bytes_scanned: int
    first: datetime | None
    last: datetime | None
    seconds: float
    signatures: dict[str, Met]
    tables: tuple[Table, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """So many lines with this signature and of this account, host, reason or time."""

    key: str
    signature: str
    count: int


def joined(reports: Iterable[LogFileReport]) -> dict[str, Met]:
    """All files together, the most frequent signature first."""
    together: dict[str, Met] = {}
    for report in reports:
        for name, met in report.signatures.items():
            known = together.setdefault(name, Met(0, None, None, []))
            known.count += met.count
            known.first = min((t for t in (known.first, met.first) if t), default=None)
            known.last = max((t for t in (known.last, met.last) if t), default=None)
            known.examples = (known.examples + met.examples)[:EXAMPLES]
            known.places = (known.places + met.places)[:EXAMPLES]
            known.minutes.merge(met.minutes)
            known.accounts.merge(met.accounts.counts)
    return dict(sorted(together.items(), key=lambda item: -item[1].count))


def rows(met: dict[str, Met], by: By) -> list[Row]:
    """The table: times rise, all else falls by its count."""
    if by is By.MINUTE:
        return _by_minute(met)
    counts: Counter[tuple[str, str]] = Counter()
    for name, found in met.items():
        if by is By.REASON:
            counts[name, name] = found.count
            continue
        for account, n in found.accounts.counts.items():
            counts[account if by is By.ACCOUNT else host_of(account), name] += n
    totals: Counter[str] = Counter()
    for (key, _), n in counts.items():
        totals[key] += n
    order = sorted(counts.items(), key=lambda item: (-totals[item[0][0]], item[0][0], -item[1]))
    return [Row(key, name, n) for (key, name), n in order]


def cell_seconds(met: dict[str, Met]) -> int:
    """Seconds of a line of the table by time: a minute, or more for a very long log."""
    return max((found.minutes.width for found in met.values()), default=60)


def _by_minute(met: dict[str, Met]) -> list[Row]:
    width = cell_seconds(met)
    counts: Counter[tuple[int, str]] = Counter()
    for name, found in met.items():
        for second, n in found.minutes.cells.items():
            counts[second - second % width, name] += n
    return [
        Row(datetime.fromtimestamp(second, UTC).isoformat(timespec="minutes"), name, n)
        for (second, name), n in sorted(counts.items())
    ]


def host_of(account: str) -> str:
    """The host of `'user'@'host'`."""
    _, at, host = account.rpartition("'@'")
    return host.removesuffix("'") if at else account
