"""How a quantity spreads over its samples. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median

_FOR_P95 = 20
_FOR_P99 = 100
"""Fewer samples than these have no such percentile: it would be their maximum by another name."""


@dataclass(frozen=True, slots=True)
class Spread:
    """In the unit of the samples. `jitter` is the mean of how much a sample differs from the one
    before it (as RFC 3550 means it, unweighted); None where the samples are too few."""

    count: int
    least: float
    median: float
    p95: float | None
    p99: float | None
    most: float
    jitter: float | None


def spread(samples: Sequence[float]) -> Spread | None:
    """`samples` in the order in which they were taken; None where there are none."""
    if not samples:
        return None
    ranked = sorted(samples)
    steps = [abs(b - a) for a, b in pairwise(samples)]
    return Spread(
        count=len(samples),
        least=ranked[0],
        median=median(ranked),
        p95=_percentile(ranked, 95) if len(ranked) >= _FOR_P95 else None,
        p99=_percentile(ranked, 99) if len(ranked) >= _FOR_P99 else None,
        most=ranked[-1],
        jitter=fmean(steps) if steps else None,
    )


def _percentile(ranked: Sequence[float], percent: int) -> float:
    """The least sample that so many of 100 do not exceed (nearest rank)."""
    return ranked[math.ceil(len(ranked) * percent / 100) - 1]
