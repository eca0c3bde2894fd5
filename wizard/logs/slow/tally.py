"""Counts the rows of a slow log by the shape of their statement. Pure and bounded.

Rows wait in their group and are counted many at once, column by column: a statement costs a few
microseconds. Which group a statement belongs to is known by its text with all digits made zeros,
else by that text without what it quotes.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, tzinfo
from operator import itemgetter
from typing import TypeVar

from wizard.logs.engine.block import BLOCK
from wizard.logs.slow import lines
from wizard.logs.slow.digest import SlowDigest
from wizard.logs.slow.entry import OWN, SlowEntry
from wizard.logs.slow.fingerprint import fingerprint, is_shared, without_quoted
from wizard.logs.slow.group import Group, Longest
from wizard.logs.slow.lines import Row, RowFinder, entry_with, statement
from wizard.logs.slow.masked import whole_shape
from wizard.logs.slow.spread import spread_of

MOST_SHAPES = 5000
"""Groups that are kept; statements of further shapes are counted together."""

REST = "(statements of further shapes)"

_KNOWN = 8192
_KNOWN_SIZE = 1000
"""Texts that are remembered, and the longest of them."""

T = TypeVar("T")

_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_STOPPED = re.compile(rb"\bKilled: [1-9]|rrno: (?:1028|1053|1317|1969|3024)\b")
"""Killed, timed out, shut down."""

_text = itemgetter(lines.TEXT)
_head = itemgetter(lines.HEAD)


class SlowTally:
    """What is known of a stretch of a log; `join` adds the stretch that follows it.

    `block` is how many bytes at a time it likes best.
    """

    block = BLOCK

    def __init__(self, zone: tzinfo = UTC) -> None:
        self._find = RowFinder(zone)
        self._groups: dict[str, Group] = {}
        self._known: dict[bytes, Callable[[Row], None]] = {}
        self._unquoted: dict[bytes, Group] = {}
        self._longest, self._ended = Longest(), Longest()
        self._stopped = 0

    def take(self, data: bytes) -> None:
        """Counts whole entries as the log has them."""
        self.add(self._find.rows(data))

    def add(self, rows: Sequence[Row]) -> None:
        zeroed = _zeroed(list(map(_text, rows)))
        known = self._known.get
        for waits, row, zeros in zip(map(known, zeroed), rows, zeroed, strict=True):
            if waits is None:
                self._met(row[lines.TEXT], zeros)(row)
            else:
                waits(row)
        self._count(_may_be_stopped(rows))

    def join(self, later: "SlowTally") -> None:
        for name, group in later._groups.items():
            self._group(name).join(group)
        for mine, theirs in ((self._longest, later._longest), (self._ended, later._ended)):
            mine.add([-told for told, _ in theirs.rows], [row for _, row in theirs.rows])
        self._stopped += later._stopped

    def digest(self) -> SlowDigest:
        spread: Counter[int] = Counter()
        shapes = []
        for group in self._groups.values():
            ordered = sorted(group.times)
            spread.update(spread_of(ordered))
            shapes.append(group.shape(ordered))
        shapes.sort(key=lambda s: (-s.micros, s.fingerprint))
        for kept in (self._longest, self._ended):
            kept.prune()
        return SlowDigest(
            tuple(shapes),
            _entries(self._longest.rows),
            _entries(self._ended.rows),
            self._stopped,
            spread,
            min((s.first for s in shapes if s.first), default=None),
            max((s.last for s in shapes if s.last), default=None),
        )

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_known": {}, "_unquoted": {}}

    def _met(self, text: bytes, zeros: bytes) -> Callable[[Row], None]:
        """Where statements of this shape wait."""
        group, shared = self._home(text, zeros)
        waits = _left_out if group is None else group.waiting.append
        if shared:
            _remember(self._known, zeros, waits)
        return waits

    def _home(self, text: bytes, zeros: bytes) -> "tuple[Group | None, bool]":
        """The group of a statement, and whether it is that of all with these `zeros`."""
        unquoted = without_quoted(zeros)
        group = self._unquoted.get(unquoted) if unquoted else None
        if group is not None:
            return group, True
        shown = statement(text)
        if shown.startswith(OWN):
            return None, False
        told = shown.decode("utf-8", "replace")
        group, shared = self._group(fingerprint(told)), is_shared(told)
        if shared and unquoted:
            _remember(self._unquoted, unquoted, group)
        return group, shared

    def _group(self, name: str) -> Group:
        if name not in self._groups and len(self._groups) >= MOST_SHAPES:
            name = REST
        return self._groups.setdefault(name, Group(name))

    def _count(self, may_be_stopped: bool) -> None:
        for group in self._groups.values():
            if group.waiting:
                rows = group.waiting.copy()
                micros = group.take_waiting()
                group.waiting.clear()
                self._longest.add(micros, rows)
                if may_be_stopped:
                    self._end(micros, rows)

    def _end(self, micros: Sequence[int], rows: Sequence[Row]) -> None:
        """Keeps those that did not end by themselves."""
        ended = [
            pair for pair in zip(micros, rows, strict=True) if _STOPPED.search(pair[1][lines.HEAD])
        ]
        self._stopped += len(ended)
        self._ended.add([told for told, _ in ended], [row for _, row in ended])


def _entries(rows: Iterable[tuple[int, Row]]) -> tuple[SlowEntry, ...]:
    """With the shape of its statement in the place of its text."""
    shapes: dict[bytes, str] = {}
    found = []
    for _, row in rows:
        told = statement(row[lines.TEXT])
        key = without_quoted(told.translate(_ZEROS)) or told
        if key not in shapes:
            shapes[key] = whole_shape(fingerprint(told.decode("utf-8", "replace")))
        found.append(entry_with(row, shapes[key]))
    return tuple(found)


def _left_out(_row: Row) -> None:
    """Our own statement."""


def _remember(known: dict[bytes, T], text: bytes, waits: T) -> None:
    if len(text) <= _KNOWN_SIZE:
        if len(known) >= _KNOWN:
            known.clear()
        known[text] = waits


def _zeroed(texts: Sequence[bytes]) -> list[bytes]:
    """Each with zeros for its digits: all at once, unless one holds what parts them."""
    found = b"\0".join(texts).translate(_ZEROS).split(b"\0")
    if len(found) == len(texts):
        return found
    return [text.translate(_ZEROS) for text in texts]


def _may_be_stopped(rows: Sequence[Row]) -> bool:
    """Whether a head tells of an error or a kill. Servers that tell them tell both, zeros too."""
    heads = b"".join(map(_head, rows))
    kills = heads.count(b"Killed: ")
    return kills > 0 and (
        kills > heads.count(b"Killed: 0") or heads.count(b"rrno: ") > heads.count(b"rrno: 0")
    )


def digest(blocks: Iterable[Sequence[Row]]) -> SlowDigest:
    tally = SlowTally()
    for rows in blocks:
        tally.add(rows)
    return tally.digest()
