"""A machine's last minutes as lines: a name, a sparkline, the newest numbers in words.

Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens.text.sparkline import sparkline

if TYPE_CHECKING:
    from wizard.health.live import Moment

NAME_WIDTH = 11
WORDS_WIDTH = 25
MIN_SPARK = 8

BUSY = " !"
"""Behind what is much at this moment, whatever was found when the step ran. A row's scale is
fixed: it fills with what the machine has, or at twice of what was seen first."""

Numbers = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class MetricRow:
    """`top` is the number that fills a block, None for the largest that was seen."""

    name: str
    numbers: Numbers
    words: str
    top: float | None = None


def live_lines(moments: Sequence[Moment], limit: int | None, width: int) -> list[str]:
    """At most `width` columns. `limit` is the server's memory limit in bytes, where there is
    one. Empty without a moment."""
    if not moments:
        return []
    rows = list(_rows(moments, limit))
    words = max(WORDS_WIDTH, max(len(row.words) for row in rows))
    spark = max(MIN_SPARK, min(width - NAME_WIDTH - words - 2, 60))
    return [
        f"{row.name:<{NAME_WIDTH}} {sparkline(row.numbers, spark, row.top)} {row.words}"[:width]
        for row in rows
    ]


def _rows(moments: Sequence[Moment], limit: int | None) -> Iterator[MetricRow]:
    yield from _machine(moments)
    yield from _pressure(moments)
    yield from _server(moments, limit)


def _machine(moments: Sequence[Moment]) -> Iterator[MetricRow]:
    from wizard.units import size

    now = moments[-1]
    steal = f", {now.steal:.0f} % stolen" if now.steal >= 0.5 else ""
    words = f"{now.busy:.0f} % busy{steal}{BUSY if now.busy >= 95 else ''}"
    yield MetricRow("Processors", [m.busy for m in moments], words, 100.0)
    yield MetricRow("Disk wait", [m.iowait for m in moments], f"{now.iowait:.0f} % iowait", 100.0)
    load = f"{now.load:.2f} on {now.cpu_count}{BUSY if now.load > 2 * now.cpu_count else ''}"
    yield MetricRow(
        "Load", [m.load for m in moments], load, max(now.cpu_count, *(m.load for m in moments))
    )
    free = f"{size(now.available)} of {size(now.total)}"
    yield MetricRow("Memory free", [m.available for m in moments], free, now.total)
    swapped = [m.swapped_in + m.swapped_out for m in moments]
    yield MetricRow("Swap", swapped, f"{_rate(now.swapped_in)} in, {_rate(now.swapped_out)} out")
    if now.read is not None and now.written is not None:
        moved = [None if m.read is None else m.read + (m.written or 0.0) for m in moments]
        yield MetricRow("Disks", moved, f"{_rate(now.read)} r, {_rate(now.written)} w")


def _pressure(moments: Sequence[Moment]) -> Iterator[MetricRow]:
    """Pressure stall information, `some` of the last ten seconds."""
    now = moments[-1]
    for resource in ("cpu", "io", "memory"):
        if resource in now.waited:
            numbers = [m.waited.get(resource) for m in moments]
            waited = now.waited[resource]
            words = f"{waited:.0f} % of 10 s waited{BUSY if waited >= 30 else ''}"
            yield MetricRow(f"PSI {resource}", numbers, words, 100.0)


def _server(moments: Sequence[Moment], limit: int | None) -> Iterator[MetricRow]:
    from wizard.units import size

    now = moments[-1]
    if now.rss is not None:
        of = f" of {size(limit)}" if limit else ""
        words = f"{size(now.rss)}{of}"
        yield MetricRow("Server RSS", [m.rss for m in moments], words, limit or now.total)
    if now.threads is not None:
        files = f", {now.files} files" if now.files is not None else ""
        first = next((m.threads for m in moments if m.threads), 1)
        yield MetricRow(
            "Its threads",
            [m.threads for m in moments],
            f"{now.threads} threads{files}",
            2.0 * first,
        )
    if now.running is not None:
        # Threads_running also counts threads of the server's own, which no client connected.
        of = f", {now.connected} connected" if now.connected is not None else ""
        top = max(now.cpu_count * 4, *(m.running or 0 for m in moments))
        yield MetricRow(
            "Sessions", [m.running for m in moments], f"{now.running} running{of}", float(top)
        )


def _rate(amount: float) -> str:
    from wizard.units import size

    return "0" if amount < 1 else f"{size(amount)}/s"
