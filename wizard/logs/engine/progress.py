"""How far a long reading is, how fast it goes, and how much time is left.

A file may be gone through more than once: what is done the first time needs no words, each further
time is named.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from typing import IO

from wizard.logs.engine.block import Block
from wizard.units import duration

SHOWN_AFTER = 1.0
"""Seconds of reading before anything is said about it."""

SHOWN_EVERY = 0.25


@dataclass(slots=True)
class Progress:
    """Bytes read of those to be read, and since when; `total` is 0 where nobody knows it. `what`
    names a part of the work that is not all of it."""

    total: int
    done: int = 0
    began: float = field(default_factory=time.monotonic)
    what: str = ""

    @property
    def rate(self) -> float:
        """Bytes a second so far."""
        return self.done / max(1e-6, time.monotonic() - self.began)

    @property
    def left(self) -> float:
        """Seconds until the end, at that rate."""
        return max(0, self.total - self.done) / self.rate if self.done else 0.0

    def __str__(self) -> str:
        before = f"{self.what}: " if self.what else ""
        read = f"{before}{self.done / 1e6:,.0f}"
        speed = f"{self.rate / 1e6:,.0f} MB/s"
        if not self.total:
            return f"{read} MB, {speed}"
        # Where less is left than a second, nobody needs to know, and it would stand there longer.
        left = f", {duration(round(self.left))} left" if round(self.left) else ""
        return f"{read} of {self.total / 1e6:,.0f} MB, {speed}{left}"


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


def size_of(stream: IO[bytes]) -> int:
    """The bytes of a plain file; 0 for any stream whose size only reading it tells."""
    # A stream that recodes is a BufferedReader too, and has no descriptor.
    return os.fstat(stream.fileno()).st_size if type(stream) is BufferedReader else 0


def telling(
    checkpoint: Callable[[], None], progress: Progress, say: Callable[[str], None]
) -> Callable[[int], None]:
    """Takes how many bytes are read, lets `checkpoint` stop the reading, and tells now and then."""
    teller = Teller(progress, say)

    def passed(done: int) -> None:
        checkpoint()
        teller.at(done)

    return passed


def watched(
    blocks: Iterable[Block], progress: Progress, say: Callable[[str], None]
) -> Iterator[Block]:
    """`blocks` as they come; `say` is told now and then of a reading that takes long."""
    teller = Teller(progress, say)
    for block in blocks:
        yield block
        teller.at(progress.done + block.size)
