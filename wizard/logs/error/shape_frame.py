"""The frame of a shape: the shape without those quoted words of which nothing depends.

Of a thousand shapes of a log some dozen frames are left: lines of one sort differ by the names of
users, hosts and databases, and those stand in quotes.
"""

import re
from collections.abc import Iterable

_DULL = b"\0"
_WORD = re.compile(rb"[!-&*-z|~]{1,64}")
"""No space, no quote, no parenthesis and no brace: nothing of what parts of a line are told by."""

_MOST = 5000
"""Words that are remembered; then all are forgotten."""


class ShapeFrames:
    """Leaves out of shapes the words that none of some texts can overlap.

    So each of these texts is in a shape if and only if it is in the frame.
    """

    def __init__(self, texts: Iterable[bytes]) -> None:
        parts = {part for text in texts for part in text.split(b"'")}
        # A text that overlaps a word between quotes has a part of its own that is in the word.
        self._parts = [part for part in parts if _WORD.fullmatch(part)]
        self._words: dict[bytes, bytes] = {}

    def frame(self, shape: bytes) -> bytes:
        parts = shape.split(b"'")
        if len(parts) > 2:
            words = self._words
            parts[1::2] = [words.get(word) or self._learnt(word) for word in parts[1::2]]
        return b"'".join(parts)

    def _learnt(self, word: bytes) -> bytes:
        """What stands for `word` in a frame: the word itself, if anything may depend on it."""
        if _WORD.fullmatch(word) is None or any(part in word for part in self._parts):
            return word
        if len(self._words) >= _MOST:
            self._words.clear()
        self._words[word] = _DULL
        return _DULL
