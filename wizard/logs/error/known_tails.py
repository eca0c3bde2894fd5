"""How often each end of a line came, from the account on. Needs numpy."""

import numpy as np

from wizard.logs.engine.line_hash import UNKNOWN, KnownHashes, hashes
from wizard.logs.engine.line_index import LineIndex, Places, Words

MOST = 20_000
"""Ends that are remembered; then all are forgotten."""


class KnownTails:
    """Counts ends of lines by their hashes; each is cut out once."""

    def __init__(self) -> None:
        self._known = KnownHashes()
        self._texts: list[bytes] = []
        self._counts = np.zeros(2 * MOST, np.intp)

    @property
    def is_full(self) -> bool:
        return len(self._texts) > MOST

    def add(self, lines: LineIndex, words: Words, begins: Places, ends: Places) -> None:
        found = hashes(words, begins, ends - begins)
        numbers = self._known.numbers(found)
        fresh: dict[int, int] = {}
        for at in np.flatnonzero(numbers == UNKNOWN).tolist():
            key = int(found[at])
            if key not in fresh:
                fresh[key] = len(self._texts)
                self._known.add(key, len(self._texts))
                self._texts.append(lines.cut(int(begins[at]), int(ends[at])))
            numbers[at] = fresh[key]
        if len(self._texts) > len(self._counts):
            self._counts = np.append(self._counts, np.zeros(len(self._texts), np.intp))
        self._counts += np.bincount(numbers, minlength=len(self._counts))

    def taken(self) -> dict[bytes, int]:
        """What was counted since the last time, in the order in which the ends first came."""
        counts = self._counts[: len(self._texts)]
        told = {self._texts[n]: int(counts[n]) for n in np.flatnonzero(counts).tolist()}
        self._counts.fill(0)
        return told

    def forget(self) -> None:
        self._known.forget()
        self._texts.clear()
