"""How long an Esc waits for the rest of a key, by how the line was seen to bring keys.

A terminal sends Esc alone for the key Esc and as the first byte of an arrow or function key. vim
(`ttimeoutlen`) and tmux (`escape-time`) wait a fixed time for what follows: too short for a slow
line, which then gets an Esc with every arrow, or too long for everybody else. Here a line counts
as slow until it has brought a key, or the terminal's answer at the start, in one piece.
"""

import re

from textual import constants

QUICK_SECONDS = constants.ESCAPE_DELAY
SLOW_SECONDS = max(0.6, QUICK_SECONDS)
MOST_SECONDS = 2.0
"""Whoever presses Esc on the slowest line waits for so long."""

LATE_SECONDS, LATE_SECONDS_QUICK = 1.5, 0.3
"""The rest of a key whose Esc was given up is still its rest for so long, and no text."""

AT_ONCE_SECONDS = 0.01
"""Parts of a key with less between them came in one piece, read in two."""

WHOLE_BEFORE_QUICK = 20
"""So many whole keys in a row take back that the line parts keys."""

_KEY = re.compile(r"\x1b[\[O][^\x1b]*[@-~]")


class LinePace:
    """What one terminal's line was seen to do."""

    def __init__(self) -> None:
        self._wait = SLOW_SECONDS
        self._missing = 1

    @property
    def quick(self) -> bool:
        return self._missing <= 0

    @property
    def wait(self) -> float:
        """Seconds that an Esc waits for the next byte."""
        return QUICK_SECONDS if self.quick else self._wait

    @property
    def late(self) -> float:
        """Seconds for which the rest of a key is waited for behind an Esc that was obeyed."""
        return LATE_SECONDS_QUICK if self.quick else LATE_SECONDS

    def brought(self, keys: str, gap: float) -> None:
        """Learn from a read, or from the parts of one key with `gap` seconds between them."""
        if not _KEY.search(keys):
            return
        if gap < AT_ONCE_SECONDS:
            self._missing -= 1
        else:
            self._missing = WHOLE_BEFORE_QUICK
            self._wait = min(MOST_SECONDS, max(self._wait, 2 * gap))
