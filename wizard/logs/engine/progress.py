"""How far a long reading is, how fast it goes, and how much time is left."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from wizard.logs.engine.block import Block
from wizard.units import duration

SHOWN_AFTER = 1.0
"""Seconds of reading before anything is said about it."""

SHOWN_EVERY = 0.25


@dataclass(slots=True)
class Progress:
    """Bytes read of those to be read, and since when; `total` is 0 where nobody knows it."""

    total: int
    done: int = 0
    began: float = field(default_factory=time.monotonic)

    @property
    def rate(self) -> float:
        """Bytes a second so far."""
        return self.done / max(1e-6, time.monotonic() - self.began)

    @property
    def left(self) -> float:
        """Seconds until the end, at that rate."""
        return max(0, self.total - self.done) / self.rate if self.done else 0.0

    def __str__(self) -> str:
        if not self.total:
            return f"{self.done / 1e6:,.0f} MB, {self.rate / 1e6:,.0f} MB/s"
        return (
            f"{self.done / 1e6:,.0f} of {self.total / 1e6:,.0f} MB, "
            f"{self.rate / 1e6:,.0f} MB/s, {duration(round(self.left))} left"
        )


class Teller:
    """Tells of a progress now and then, where the reading takes long."""

    def __init__(self, progress: Progress, say: Callable[[str], None]) -> None:
        self.progress = progress
        self._say = say
        self._following = progress.began + SHOWN_AFTER

    def at(self, done: int) -> None:
        """So many bytes are read now."""
        self.progress.done = done
        if time.monotonic() >= self._following:
            self._say(str(self.progress))
            self._following = time.monotonic() + SHOWN_EVERY


def watched(
    blocks: Iterable[Block], progress: Progress, say: Callable[[str], None]
) -> Iterator[Block]:
    """`blocks` as they come; `say` is told now and then of a reading that takes long."""
    teller = Teller(progress, say)
    for block in blocks:
        yield block
        teller.at(progress.done + block.size)
