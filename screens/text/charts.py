"""Charts of an experiment's figures as plain text. Pure functions; no line needs colour."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import ceil, floor, isfinite, log10
from statistics import median

from screens.text.words import wrapped
from wizard.case.evidence import Samples
from wizard.units import many

BARS = "▁▂▃▄▅▆▇█"

MOST_ROWS = 8
"""Rows of a histogram; the steps are widened until it has no more."""

FEW = 50
"""So many values make a chart; fewer are told by the tables."""

MANY = 100
"""So many make a histogram."""

WIDEST = 100
"""Columns of a chart, however wide the window is."""

LARGEST = 1e15
"""No experiment measures more; a damaged case file may claim it."""

SPREAD = 20
"""From this ratio of largest to smallest on, a histogram's steps grow as 1, 2, 5, 10."""


def chart(samples: Samples, width: int) -> list[str]:
    """Title, the figures in words, a sparkline and the histogram of many; nothing of few."""
    values = [v for v in samples.values if isfinite(v) and abs(v) <= LARGEST]
    if len(values) < FEW:
        return []
    width = min(width, WIDEST)
    told = f"{samples.title}: {figures(values, samples.unit)}"
    lines = [*wrapped(told, width, 2), sparkline(values, width)]
    if len(values) > width:
        lines.append(f"each column is the largest of about {ceil(len(values) / width)}")
    return lines + (histogram(values, samples.unit, width) if len(values) >= MANY else [])


def sparkline(values: Sequence[float], width: int) -> str:
    """One column a value, as high as its share of the largest. Where there are more values
    than columns, a column stands for several and shows their largest, so no outlier is lost."""
    columns = min(len(values), max(width, 1))
    shown = [max(part) for part in _parts(values, columns)]
    low = min(0.0, *shown)
    span = max(shown) - low
    steps = len(BARS) - 1
    return "".join(BARS[round((value - low) / span * steps) if span else 0] for value in shown)


def _parts(values: Sequence[float], count: int) -> list[Sequence[float]]:
    ends = [round(n * len(values) / count) for n in range(count + 1)]
    return [values[begin:end] for begin, end in pairwise(ends)]


def figures(values: Sequence[float], unit: str) -> str:
    """`2000 values, min 0.2, median 0.3, max 12 ms`."""
    low, middle, high = (number(v) for v in (min(values), median(values), max(values)))
    return f"{many(len(values), 'value')}, min {low}, median {middle}, max {high} {unit}".rstrip()


def histogram(values: Sequence[float], unit: str, width: int) -> list[str]:
    """Rows of range, count and bar, `width` columns at most."""
    edges = _edges(min(values), max(values))
    counts = [0] * (len(edges) - 1)
    for value in values:
        counts[min(bisect_right(edges, value), len(counts)) - 1] += 1
    lows, highs = [number(e) for e in edges[:-1]], [number(e) for e in edges[1:]]
    left, right = max(map(len, lows)), max(map(len, highs))
    most = max(counts)
    digits = len(str(most))
    room = max(width - left - right - len(unit) - digits - 7, 4)
    return [
        f"{low:>{left}} - {high:>{right}} {unit}  {count:>{digits}} {_bar(count, most, room)}"
        for low, high, count in zip(lows, highs, counts, strict=True)
    ]


def _bar(count: int, most: int, room: int) -> str:
    """At least one block for what was seen at all."""
    return "█" * (max(1, round(count / most * room)) if count else 0)


def _edges(low: float, high: float) -> list[float]:
    """Round numbers around all values: MOST_ROWS ranges at most."""
    if low > 0 and high / low >= SPREAD:
        for series in ((1, 2, 5), (1,)):
            edges = _growing(low, high, series)
            if len(edges) <= MOST_ROWS + 1:
                return edges
    step = _round_up((high - low) / (MOST_ROWS - 2) or abs(low) or 1.0)
    first, last = floor(low / step), floor(high / step) + 1
    return [n * step for n in range(first, last + 1)]


def _growing(low: float, high: float, series: tuple[int, ...]) -> list[float]:
    powers = range(floor(log10(low)), ceil(log10(high)) + 2)
    edges = [n * 10.0**power for power in powers for n in series]
    begin = bisect_right(edges, low * (1 + 1e-9)) - 1
    end = bisect_right(edges, high)
    return edges[max(begin, 0) : end + 1]


def _round_up(step: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    power = 10.0 ** floor(log10(step))
    return float(next(n * power for n in (1, 2, 5, 10) if n * power >= step * (1 - 1e-9)))


def number(value: float) -> str:
    """Three significant digits, never an exponent for what people read."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
