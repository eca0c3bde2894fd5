"""Counts the rows of a slow log by the shape of their statement. Pure and bounded.

Rows wait in their group and are counted many at once, column by column: a statement costs a few
microseconds. Which group a statement belongs to is known by its text with all digits made zeros,
else by that text without what it quotes.
"""

import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from wizard.logs.slow import lines
from wizard.logs.slow.digest import Shape, SlowDigest
from wizard.logs.slow.entry import OWN, SlowEntry
from wizard.logs.slow.fingerprint import fingerprint, is_shared, without_quoted
from wizard.logs.slow.lines import Row, entry_with, statement, when, who
from wizard.logs.slow.masked import whole_shape
from wizard.logs.slow.spread import MICRO, quantile, spread_of

MOST_SHAPES = 5000
"""Groups that are kept; statements of further shapes are counted together."""

REST = "(statements of further shapes)"

MOST_LONGEST = 2000
"""Statements that are kept as they are, the longest ones."""

MOST_TIMES = 500_000
"""Times of a group that are kept, its first ones; the others are only summed."""

MOST_ACCOUNTS = 1000
_SHOWN = 2000
"""Bytes of such a statement that are kept."""

_KNOWN = 8192
_KNOWN_SIZE = 1000
"""Texts that are remembered, and the longest of them."""

_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_STOPPED = re.compile(rb"\bKilled: [1-9]|rrno: (?:1028|1053|1317|1969|3024)\b")
"""Killed, timed out, shut down."""

_text = itemgetter(lines.TEXT)
_head = itemgetter(lines.HEAD)


class _Longest:
    """The longest rows. Of equally long ones the content decides, so that no order matters."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, Row]] = []
        self._least = 0

    def add(self, micros: Sequence[int], rows: Sequence[Row]) -> None:
        if not micros or max(micros) < self._least:
            return
        least = self._least
        self.rows += [
            (-told, (*row[: lines.TEXT], row[lines.TEXT][:_SHOWN]))
            for told, row in zip(micros, rows, strict=True)
            if told >= least
        ]
        if len(self.rows) >= 2 * MOST_LONGEST:
            self.prune()

    def prune(self) -> None:
        self.rows.sort()
        del self.rows[MOST_LONGEST:]
        if len(self.rows) == MOST_LONGEST:
            self._least = -self.rows[-1][0]


@dataclass(slots=True)
class _Group:
    """A shape's sums; `first` and `last` are moments as the log has them."""

    name: str
    count: int = 0
    micros: int = 0
    lock_micros: int = 0
    rows_sent: int = 0
    rows_examined: int = 0
    bytes_sent: int = 0
    longest: int = 0
    first: bytes = b""
    last: bytes = b""
    times: "array[int]" = field(default_factory=lambda: array("q"))
    accounts: Counter[bytes] = field(default_factory=Counter)
    waiting: list[Row] = field(default_factory=list)

    def take_waiting(self) -> list[int]:
        """Counts the rows that wait; the answer is their times."""
        columns = list(zip(*self.waiting, strict=True))
        micros = [int(float(told) * MICRO + 0.5) for told in columns[lines.SECONDS]]
        self.count += len(micros)
        self.micros += sum(micros)
        self.longest = max(self.longest, *micros)
        self.times.extend(micros[: MOST_TIMES - len(self.times)])
        # Many of these are the same.
        for told, times in Counter(columns[lines.LOCKED]).items():
            self.lock_micros += int(float(told or 0) * MICRO + 0.5) * times
        self.rows_sent += _total(columns[lines.SENT])
        self.rows_examined += _total(columns[lines.EXAMINED])
        self.bytes_sent += _total(columns[lines.BYTES])
        self._span(columns[lines.BEGAN])
        _add_names(self.accounts, columns[lines.WHO])
        return micros

    def _span(self, moments: Sequence[bytes]) -> None:
        told = list(filter(None, moments))
        if told:
            self.first = min(filter(None, (self.first, min(told))))
            self.last = max(self.last, max(told))

    def join(self, later: "_Group") -> None:
        self.count += later.count
        self.micros += later.micros
        self.longest = max(self.longest, later.longest)
        self.times.extend(later.times[: MOST_TIMES - len(self.times)])
        self.lock_micros += later.lock_micros
        self.rows_sent += later.rows_sent
        self.rows_examined += later.rows_examined
        self.bytes_sent += later.bytes_sent
        self._span((later.first, later.last))
        for name, count in later.accounts.items():
            if name in self.accounts or len(self.accounts) < MOST_ACCOUNTS:
                self.accounts[name] += count

    def shape(self, ordered: Sequence[int]) -> Shape:
        """`ordered` are its times, rising."""
        accounts: Counter[str] = Counter()
        for told, count in self.accounts.items():
            accounts["@".join(who(told))] += count
        return Shape(
            whole_shape(self.name), self.count, self.micros, self.lock_micros, self.rows_sent,
            self.rows_examined, self.bytes_sent, when(self.first), when(self.last), self.longest,
            len(ordered), quantile(ordered, 0.5), quantile(ordered, 0.95), accounts,
        )  # fmt: skip


class SlowTally:
    """What is known of a stretch of a log; `join` adds the stretch that follows it."""

    def __init__(self) -> None:
        self._groups: dict[str, _Group] = {}
        self._known: dict[bytes, Callable[[Row], None]] = {}
        self._unquoted: dict[bytes, Callable[[Row], None]] = {}
        self._longest, self._ended = _Longest(), _Longest()
        self._stopped = 0

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
        unquoted = without_quoted(zeros)
        waits = self._unquoted.get(unquoted) if unquoted else None
        if waits is None:
            shown = statement(text)
            if shown.startswith(OWN):
                return _left_out
            told = shown.decode("utf-8", "replace")
            waits = self._group(fingerprint(told)).waiting.append
            if not is_shared(told):
                return waits
            if unquoted:
                _remember(self._unquoted, unquoted, waits)
        _remember(self._known, zeros, waits)
        return waits

    def _group(self, name: str) -> _Group:
        if name not in self._groups and len(self._groups) >= MOST_SHAPES:
            name = REST
        return self._groups.setdefault(name, _Group(name))

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


def _remember(
    known: dict[bytes, Callable[[Row], None]], text: bytes, waits: Callable[[Row], None]
) -> None:
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


def _total(numbers: Iterable[bytes]) -> int:
    return sum(map(int, filter(None, numbers)))


def _add_names(accounts: Counter[bytes], names: Sequence[bytes]) -> None:
    if len(accounts) < MOST_ACCOUNTS - len(names):
        accounts.update(names)
        return
    if len(accounts) >= MOST_ACCOUNTS:
        accounts.update(filter(accounts.__contains__, names))
        return
    for name in names:
        if name in accounts or len(accounts) < MOST_ACCOUNTS:
            accounts[name] += 1


def digest(blocks: Iterable[Sequence[Row]]) -> SlowDigest:
    tally = SlowTally()
    for rows in blocks:
        tally.add(rows)
    return tally.digest()
