"""Tells a program, an image or a table's file from a log, by the bytes at its beginning.

Such a file holds the control characters of ASCII, many different ones and often. A log does not:
it may hold escapes (colours), one kind of separator (SOH in FIX), and a hole of NULs where it was
emptied under a program that writes on.
"""

from collections import Counter

_ORDINARY = frozenset(b"\x00\a\b\t\n\v\f\r\x1b")
"""Control characters that texts hold; a NUL counts by itself, as it may be a hole."""

HEAD = 1 << 16
"""Bytes by which a file is told from a text, and one kind of log from another."""

NO_TEXT = "this is no text, so it is no log; name another file"

_SHARE, _KINDS = 50, 8
"""One in so many bytes, and so many kinds. Of random bytes one in eleven is one of 23 kinds."""


def holds_no_text(head: bytes) -> bool:
    """Whether so many different control characters are in these bytes."""
    met = Counter(byte for byte in head if byte < 32 and byte not in _ORDINARY)
    written = len(head) - head.count(0)
    return len(met) >= _KINDS and sum(met.values()) * _SHARE > written
