"""What a reading of the error log counts by account, by host and by time. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from wizard.case.evidence import Table
from wizard.logs.error.scan_model import Scan, Tally
from wizard.logs.file_report import host_of
from wizard.units import duration

MOST_ROWS = 12
"""Rows of a table by account or host; `logs --by account` prints all."""

MOST_CELLS = 30
"""Rows of the table by time, or one more; its cells are as wide as that takes."""

_BAR = 24
_SPANS = (60, 300, 600, 1800, 3600, 6 * 3600, 86_400, 7 * 86_400, 30 * 86_400, 365 * 86_400)


def tables(scan: Scan) -> Iterator[Table]:
    """Those that tell something; none of a log of which only part was fetched."""
    ended = [t for t in scan.tallies if t.signature.signal and _whole(t)]
    if sum(t.count for t in ended) < 2:
        return
    yield from _named("Error log by account", "ACCOUNT", ended, lambda account: account)
    yield from _named("Error log by host", "HOST", ended, host_of)
    yield from _by_time(ended)


def _whole(tally: Tally) -> bool:
    """Whether each of its lines was read, here or by a scanner on the host."""
    return bool(tally.minutes.cells) and sum(tally.minutes.cells.values()) == tally.count


def _named(
    title: str, column: str, ended: Sequence[Tally], name_of: Callable[[str], str]
) -> Iterator[Table]:
    totals: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = {}
    for tally in ended:
        for account, n in tally.accounts.counts.items():
            name = name_of(account)
            totals[name] += n
            reasons.setdefault(name, Counter())[tally.signature.title] += n
    if not totals:
        return
    rows = tuple(
        (str(n), name or "-", ", ".join(f"{k} {why}" for why, k in reasons[name].most_common(3)))
        for name, n in totals.most_common(MOST_ROWS)
    )
    more = len(totals) - len(rows)
    note = f"and {more} more; `logs --by {column.lower()}` prints all" if more else ""
    yield Table(title, ("COUNT", column, "WHAT"), rows, note)


def _by_time(ended: Sequence[Tally]) -> Iterator[Table]:
    cells: Counter[int] = Counter()
    for tally in ended:
        cells.update(tally.minutes.cells)
    least = max(tally.minutes.width for tally in ended)
    reach = max(cells) - min(cells)
    width = next((s for s in _SPANS if s >= least and reach < s * MOST_CELLS), _SPANS[-1])
    merged: Counter[int] = Counter()
    for second, n in cells.items():
        merged[second - second % width] += n
    most = max(merged.values())
    rows = tuple(
        (
            f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d %H:%M}",
            str(merged[second]),
            "█" * max(1, round(_BAR * merged[second] / most)),
        )
        for second in sorted(merged)
    )
    yield Table(f"Error log by time, every {duration(width)}", ("FROM (UTC)", "COUNT", ""), rows)
