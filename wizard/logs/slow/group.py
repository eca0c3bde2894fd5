"""The sums of one shape's statements, and the statements that took longest. Pure and bounded."""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from wizard.logs.slow import lines
from wizard.logs.slow.digest import Shape
from wizard.logs.slow.lines import Row, when, who
from wizard.logs.slow.masked import whole_shape
from wizard.logs.slow.spread import MICRO, quantile

MOST_LONGEST = 2000
"""Statements that are kept as they are, the longest ones."""

MOST_TIMES = 500_000
"""Times of a group that are kept, its first ones; the others are only summed."""

MOST_ACCOUNTS = 1000
SHOWN = 2000
"""Bytes of such a statement that are kept."""


class Longest:
    """The longest rows. Of equally long ones the content decides, so that no order matters."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, Row]] = []
        self.least = 0

    def add(self, micros: Sequence[int], rows: Sequence[Row]) -> None:
        if not micros or max(micros) < self.least:
            return
        self.rows += [
            (-told, (*row[: lines.TEXT], row[lines.TEXT][:SHOWN]))
            for told, row in zip(micros, rows, strict=True)
            if told >= self.least
        ]
        if len(self.rows) >= 2 * MOST_LONGEST:
            self.prune()

    def prune(self) -> None:
        self.rows.sort()
        del self.rows[MOST_LONGEST:]
        if len(self.rows) == MOST_LONGEST:
            self.least = -self.rows[-1][0]


@dataclass(slots=True)
class Group:
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
        self.span(columns[lines.BEGAN])
        add_names(self.accounts, columns[lines.WHO])
        return micros

    def span(self, moments: Sequence[bytes]) -> None:
        told = list(filter(None, moments))
        if told:
            self.first = min(filter(None, (self.first, min(told))))
            self.last = max(self.last, max(told))

    def join(self, later: "Group") -> None:
        self.count += later.count
        self.micros += later.micros
        self.longest = max(self.longest, later.longest)
        self.times.extend(later.times[: MOST_TIMES - len(self.times)])
        self.lock_micros += later.lock_micros
        self.rows_sent += later.rows_sent
        self.rows_examined += later.rows_examined
        self.bytes_sent += later.bytes_sent
        self.span((later.first, later.last))
        self.add_accounts(later.accounts.items())

    def add_accounts(self, counts: Iterable[tuple[bytes, int]]) -> None:
        for name, count in counts:
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


def _total(numbers: Iterable[bytes]) -> int:
    return sum(map(int, filter(None, numbers)))


def add_names(accounts: Counter[bytes], names: Sequence[bytes]) -> None:
    if len(accounts) < MOST_ACCOUNTS - len(names):
        accounts.update(names)
        return
    if len(accounts) >= MOST_ACCOUNTS:
        accounts.update(filter(accounts.__contains__, names))
        return
    for name in names:
        if name in accounts or len(accounts) < MOST_ACCOUNTS:
            accounts[name] += 1
