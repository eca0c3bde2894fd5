"""What counts a slow log of some size: both give the same answer."""

from collections.abc import Callable
from datetime import tzinfo
from functools import cache

from wizard.logs.slow.tally import SlowTally

LARGE = 8 << 20
"""Bytes from which on it is worth to load numpy."""

Make = Callable[[tzinfo], SlowTally]


def tally_for(size: int, zone: tzinfo, large: int = LARGE) -> SlowTally:
    make = _vector() if size >= large else None
    return (make or SlowTally)(zone)


@cache
def _vector() -> Make | None:
    """None where numpy, which the extra `fast` brings, is not to be had or does not run here."""
    try:
        from wizard.logs.slow.vector_tally import VectorTally
    except (ImportError, RuntimeError):
        return None
    return VectorTally
