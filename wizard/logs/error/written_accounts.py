"""How often each account came in lines of each signature, as it is written. Needs numpy."""

import numpy as np

from wizard.logs.engine.block_bytes import Bytes
from wizard.logs.engine.line_hash import KnownHashes, Numbers, hashes
from wizard.logs.engine.line_index import LineIndex, Places

MOST = 20_000
"""Texts that are remembered; then all are forgotten."""

_TOGETHER = 1 << 16
"""Lines that are added up at once."""


class WrittenAccounts:
    """Counts texts by their hashes; each is cut out once."""

    def __init__(self) -> None:
        self._known = KnownHashes()
        self._texts: list[tuple[int, bytes]] = []
        self._counts = np.zeros(0, np.intp)
        self._met: list[Numbers] = []
        self._held = 0

    @property
    def is_full(self) -> bool:
        return len(self._texts) > MOST

    def add(
        self, lines: LineIndex, text: Bytes, begins: Places, ends: Places, signatures: Places
    ) -> None:
        """Take the texts that stand there, each in a line of that signature."""
        found = hashes(text, begins, ends - begins, signatures)
        numbers = self._known.numbers(found)
        places = self._known.add_all(found, numbers, len(self._texts))
        for sort, begin, end in zip(
            signatures[places].tolist(), begins[places].tolist(), ends[places].tolist(), strict=True
        ):
            self._texts.append((sort, lines.cut(begin, end)))
        self._met.append(numbers)
        self._held += len(numbers)
        if self._held > _TOGETHER:
            self._add_up()

    def taken(self) -> dict[tuple[int, bytes], int]:
        """What was counted since the last time, in the order in which the texts first came."""
        self._add_up()
        counts = self._counts.tolist()
        self._counts = np.zeros(0, np.intp)
        return {text: n for text, n in zip(self._texts, counts, strict=True) if n}

    def forget(self) -> None:
        """Forget the texts, once what was counted is taken."""
        self._known.forget()
        self._texts.clear()

    def _add_up(self) -> None:
        met = np.concatenate(self._met) if self._met else np.zeros(0, np.int32)
        counts = np.bincount(met, minlength=len(self._texts))
        counts[: len(self._counts)] += self._counts
        self._counts, self._met, self._held = counts, [], 0
