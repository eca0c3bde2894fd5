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

_PACKED = (
    (b"PK\x03\x04", "zip", "unzip"),
    (b"\x04\x22\x4d\x18", "lz4", "lz4 -d"),
    (b"7z\xbc\xaf\x27\x1c", "7z", "7z x"),
    (b"\x1f\x9d", "compress", "uncompress"),
    (b"\x5d\x00\x00", "lzma", "xz -d"),
    (b"\x1f\x8b", "gzip", "gzip -d"),
    (b"\xfd7zXZ\x00", "xz", "xz -d"),
    (b"BZh", "bzip2", "bzip2 -d"),
    (b"\x28\xb5\x2f\xfd", "zstd", "zstd -d"),
)
"""First bytes of what is packed. Those that are unpacked here are met only inside another."""

_NO_TEXT = ": this is no text, so it is no log; name another file"

_SHARE, _KINDS = 50, 8
"""One in so many bytes, and so many kinds. Of random bytes one in eleven is one of 23 kinds."""


def no_text(head: bytes) -> str:
    """What to say behind the name of a file with these bytes, if they are no text."""
    if told := packed_otherwise(head):
        return f" {told}"
    return _NO_TEXT if holds_no_text(head) else ""


def packed_otherwise(head: bytes) -> str:
    """What unpacks a file that begins so; empty where it is not packed.

    `head` was unpacked as far as it is done here."""
    told = (f"is compressed with {name}: unpack it first ({program})" for magic, name, program
            in _PACKED if head.startswith(magic))  # fmt: skip
    return next(told, "")


def holds_no_text(head: bytes) -> bool:
    """Whether so many different control characters are in these bytes."""
    met = Counter(byte for byte in head if byte < 32 and byte not in _ORDINARY)
    written = len(head) - head.count(0)
    return len(met) >= _KINDS and sum(met.values()) * _SHARE > written
