"""What a server's life adds to the signatures of its log: ends that no single line tells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from wizard.case.case import Window
from wizard.logs.error.lifecycle import Lifecycle
from wizard.logs.error.run import Run, RunEnding


@dataclass(frozen=True, slots=True)
class LifeTally:
    id: str
    count: int
    first: datetime | None
    last: datetime | None
    examples: tuple[str, ...]


def life_tallies(life: Lifecycle, window: Window | None) -> Iterator[LifeTally]:
    """`unclean-end` and `crash-loop`, where there are any."""
    yield from _tally("unclean-end", life.ended(RunEnding.UNCLEAN), window)
    for loop in life.loops[-1:]:
        yield from _tally("crash-loop", loop, window)


def _tally(name: str, runs: Sequence[Run], window: Window | None) -> Iterator[LifeTally]:
    inside = [r for r in runs if window is None or window.holds(r.next_start or r.ended)]
    times = [r.ended for r in inside if r.ended is not None]
    if inside:
        yield LifeTally(
            name,
            len(inside),
            min(times, default=None),
            max(times, default=None),
            tuple(r.excerpt[-1] for r in inside[:3] if r.excerpt),
        )
