"""Counts by minute and by name, exact and bounded."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_CELLS = 45_000
"""Cells of one histogram, a month of minutes; more of them, and each covers a longer time."""

MAX_NAMES = 20_000
"""Names (accounts) that are counted apart; further ones are counted together."""

WIDTHS = (60, 600, 3600, 86_400)
"""Seconds of a cell: as fine as MAX_CELLS allows."""

OTHERS = "(others)"


@dataclass(slots=True)
class Histogram:
    """How often in each stretch of `width` seconds; `cells` by the epoch second of its start."""

    width: int = WIDTHS[0]
    cells: Counter[int] = field(default_factory=Counter)

    def add(self, second: int, count: int = 1) -> None:
        self.cells[second - second % self.width] += count
        if len(self.cells) > MAX_CELLS and self.width < WIDTHS[-1]:
            self._widen(WIDTHS[WIDTHS.index(self.width) + 1])

    def add_many(self, minutes: Mapping[int, int]) -> None:
        """The same for many stretches of time, by the seconds at which they begin."""
        cells = self.cells
        fits = len(cells) + len(minutes) <= MAX_CELLS
        fits = fits or len(cells) + len(minutes.keys() - cells.keys()) <= MAX_CELLS
        if fits and self.width == WIDTHS[0]:
            # Most of them are new, since times rise.
            known = [(second, cells[second]) for second in minutes if second in cells]
            dict.update(cells, minutes)
            for second, count in known:
                cells[second] += count
            return
        for second, count in minutes.items():
            self.add(second, count)

    def merge(self, other: "Histogram") -> None:
        if other.width > self.width:
            self._widen(other.width)
        self.add_many(other.cells)

    def _widen(self, width: int) -> None:
        self.width = width
        cells: Counter[int] = Counter()
        for second, count in self.cells.items():
            cells[second - second % width] += count
        self.cells = cells


@dataclass(slots=True)
class Names:
    """How often each name came; those beyond MAX_NAMES are OTHERS."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, count: int = 1) -> None:
        known = name in self.counts or len(self.counts) < MAX_NAMES
        self.counts[name if known else OTHERS] += count

    def merge(self, counts: Mapping[str, int]) -> None:
        for name, count in counts.items():
            self.add(name, count)
