"""An experiment's figures as the rows of a histogram. Pure."""

from collections import Counter
from math import floor, log2

from wizard.case.evidence import Samples
from wizard.report.model import BarFigure

FEWEST = 20
"""So many figures make a histogram."""


def histogram(samples: Samples) -> BarFigure | None:
    """Each row is twice as wide as the one before, as latencies spread; None of few or odd ones."""
    values = [value for value in samples.values if 0 < value < 1e12]
    if len(values) < FEWEST:
        return None
    counts = Counter(floor(log2(value)) for value in values)
    most = max(counts.values())
    rows = tuple(
        (
            f"{_told(2.0**power)} to {_told(2.0 ** (power + 1))} {samples.unit}".rstrip(),
            counts[power] / most,
            str(counts[power]),
        )
        for power in range(min(counts), max(counts) + 1)
    )
    return BarFigure(f"{samples.title} ({len(values)})", rows)


def _told(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
