"""The lines that are wanted of a log, picked where it lies, so that only they cross a wire."""

from collections.abc import Mapping
from dataclasses import dataclass

MAX_LINE = 4097
"""Bytes of one line that are sent: one more than is looked at, so that a cut one is known."""

FIRST = 3
"""Lines of each kind that are sent from the start of the window."""

MAX_LIFE = 5000
"""Lines of a server's life that are sent, the newest ones: they make sense only in a row."""

UNPACK = {".gz": "gzip -dc", ".xz": "xz -dc", ".bz2": "bzip2 -dc", ".zst": "zstd -dcq"}
"""How to unpack a file, by its suffix."""

CELL = 256 << 10
"""A packed file cannot be searched: one time is noted in so many bytes of it."""

MAX_CELLS = 8192
"""Times that are noted of one file: beyond 2 GiB they lie farther apart."""

CELL_LINE = 1024
"""Bytes of the line that tells a cell's time."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A packed file, unpacked once. `size` is its size behind the program; `lines`
    has lines with a time by their offset, one in each CELL, and `complaint` what the program
    said."""

    size: int
    lines: tuple[tuple[int, bytes], ...]
    complaint: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a log file, bytes `start` to `end`. What lies before `begin` is asked only for
    the server's life, from its newest start on. `unpack` names the program that the file has
    to pass through first, and the bytes count behind it; empty for a plain file."""

    path: str
    start: int
    begin: int
    end: int
    unpack: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Texts that a line of interest contains. `life` tells of the server's life, `starts` are
    those of its starts, `sessions` all else; `newest` lines of each kind are wanted, all of
    them together at most about `most` bytes, before they are packed."""

    sessions: tuple[str, ...]
    life: tuple[str, ...]
    starts: tuple[str, ...]
    newest: int
    most: int


@dataclass(frozen=True, slots=True)
class PickedLine:
    """One line: its number in the stretch (from 1), its byte in the file, and its kind: `life`,
    or another, or empty for one that is there to tell the time before a line that follows."""

    number: int
    offset: int
    kind: str
    text: bytes


@dataclass(frozen=True, slots=True)
class Sifted:
    """The picked lines in order. `counts` has for each kind how many lines there were;
    `lines` and `size` are of the part from `begin` on, `life_left_out` counts the lines of a
    server's life that were not sent, `bytes_read` what could be read of the whole stretch."""

    picked: tuple[PickedLine, ...]
    counts: Mapping[str, int]
    lines: int
    life_left_out: int
    bytes_read: int
