"""The lines worth keeping: the newest of each sort, without a look at all the others.

A block of a dense log holds thousands of them, and the next block replaces them all. So blocks
are kept as they are while they may hold one of the newest, and looked through at the end.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Generic, TypeVar

P = TypeVar("P")

FEW = 64
"""So many lines of a block are taken out of it at once."""

MAX_BLOCKS = 40
"""Blocks that are kept for later at most."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptBlock(Generic[P]):
    """The lines of a block that are kept, with the code of each.

    And the sort of each code, and whatever tells the lines' places.
    """

    lines: Sequence[bytes]
    codes: Sequence[int]
    sorts: Sequence[int]
    places: P


NumbersOf = Callable[[Sequence[int], Set[int]], list[int]]

Kept = tuple[bytes, P, int]
"""A line, what tells its place, and its number there."""


class Newest(Generic[P]):
    """The newest `most` lines of each sort. `numbers_of` finds lines by a set of codes."""

    def __init__(self, most: int, numbers_of: NumbersOf) -> None:
        self._most = most
        self._numbers_of = numbers_of
        self._parts: dict[int, deque[tuple[KeptBlock[P] | Kept[P], int]]] = {}
        self._held: dict[int, int] = {}
        self._blocks: deque[KeptBlock[P]] = deque()
        self._users: Counter[int] = Counter()

    def add_line(self, sort: int, line: bytes, places: P, number: int) -> None:
        self._add(sort, (line, places, number), 1)

    def add_block(self, sort: int, block: KeptBlock[P], count: int) -> None:
        """`count` lines of a block, which are found in it when they are asked for."""
        self._users[id(block)] += 1
        self._add(sort, block, count)
        if self._blocks and self._blocks[-1] is block:
            return
        self._blocks.append(block)
        while self._blocks[0] is not block and not self._users[id(self._blocks[0])]:
            del self._users[id(self._blocks.popleft())]
        if len(self._blocks) > MAX_BLOCKS:
            self._take_apart(self._blocks.popleft())

    def of(self, sort: int) -> list[Kept[P]]:
        """The newest of that sort, oldest first."""
        found: list[Kept[P]] = []
        for part, _ in self._parts.get(sort, ()):
            found.extend(self._lines(part, sort))
        return found[-self._most :]

    def _add(self, sort: int, part: KeptBlock[P] | Kept[P], count: int) -> None:
        parts = self._parts.setdefault(sort, deque())
        parts.append((part, count))
        held = self._held.get(sort, 0) + count
        while held - parts[0][1] >= self._most:
            gone, lost = parts.popleft()
            held -= lost
            if isinstance(gone, KeptBlock):
                self._users[id(gone)] -= 1
        self._held[sort] = held

    def _take_apart(self, block: KeptBlock[P]) -> None:
        del self._users[id(block)]
        for sort, parts in self._parts.items():
            if not any(part is block for part, _ in parts):
                continue
            fresh: deque[tuple[KeptBlock[P] | Kept[P], int]] = deque()
            for part, count in parts:
                if part is block:
                    fresh.extend((line, 1) for line in self._lines(part, sort))
                else:
                    fresh.append((part, count))
            self._parts[sort] = fresh

    def _lines(self, part: KeptBlock[P] | Kept[P], sort: int) -> Iterator[Kept[P]]:
        if not isinstance(part, KeptBlock):
            yield part
            return
        wanted = {code for code, own in enumerate(part.sorts) if own == sort}
        for number in self._numbers_of(part.codes, wanted):
            yield part.lines[number], part.places, number
