"""Reads only those lines of a large log that can matter, and enough around them.

What a line says may hang on its record, on the record above and on what its source wrote since
the last error. So each line that matters comes with some records before and behind it, and with
the newest record of work that went well. All else that a careful reading of the dull lines in
between would leave behind is forgotten within so many records.
"""

from collections import deque
from collections.abc import Iterable, Iterator

from wizard.logs.application.line_heads import LineHeads
from wizard.logs.application.raw_lines import Batch, text_of
from wizard.logs.application.record import RECENT
from wizard.logs.application.triggers import Triggers

BEFORE = 10
"""Records before a line that matters: more than it is remembered how a stack's lines begin."""

BEHIND = 24
"""Records behind it: more than are remembered of those without an error."""

REACH = 1 << 20
"""Bytes before a line that matters in which it is looked for work that went well."""

Numbered = tuple[int, str]


class Skim:
    """Takes a log's batches and gives the numbered lines that are worth a careful reading."""

    def __init__(
        self, heads: LineHeads, triggers: Triggers, closely: tuple[bytes, ...] = ()
    ) -> None:
        """Of a batch with one of the texts in `closely` every line is read."""
        self._heads = heads
        self._triggers = triggers
        self._closely = closely
        self._older: deque[Batch] = deque()
        self._older_bytes = 0
        self._before: list[bytes] = []
        self._lines: list[bytes] = []
        self._first = 1
        self._given = 1
        self._searched = 1
        self._left = BEHIND

    def lines(self, batches: Iterable[Batch]) -> Iterator[Numbered]:
        for batch in batches:
            yield from self._take(batch)
        yield from self._back(self._first + len(self._lines))

    def _take(self, batch: Batch) -> Iterator[Numbered]:
        self._before, self._lines = self._lines, batch.data.split(b"\n")
        self._first = batch.number
        end = batch.number + len(self._lines)
        if any(text in batch.data for text in self._closely):
            yield from self._back(batch.number)
            yield from self._give(end)
            self._left = BEHIND
        else:
            for at in self._triggers.lines_in(batch.data, self._lines):
                number = batch.number + at
                yield from self._on(number)
                yield from self._back(number)
                yield from self._give(number + 1)
                self._left = BEHIND
            yield from self._on(end)
        self._keep(batch)

    def _keep(self, batch: Batch) -> None:
        self._older.append(batch)
        self._older_bytes += len(batch.data)
        while self._older_bytes > REACH:
            self._older_bytes -= len(self._older.popleft().data)

    def _line(self, number: int) -> bytes:
        """A line of the newest batch or the one before it."""
        at = number - self._first
        return self._lines[at] if at >= 0 else self._before[at]

    def _on(self, end: int) -> Iterator[Numbered]:
        """The lines up to number `end` that still stand behind one that matters."""
        number = max(self._given, self._first)
        while self._left and number < end:
            self._left -= self._heads.begins(self._line(number))
            number += 1
            yield from self._give(number)

    def _back(self, number: int) -> Iterator[Numbered]:
        """The lines before line `number`, as far as they may matter."""
        least = max(self._given, self._first - len(self._before))
        at, records, well = number, BEFORE, False
        while records and at > least:
            at -= 1
            line = self._line(at)
            if self._heads.begins(line):
                records -= 1
                well = well or self._heads.went_well(line)
        if not well:
            yield from self._work_before(at)
        self._given = max(self._given, at)
        self._searched = max(self._searched, number)
        yield from self._give(number)

    def _work_before(self, number: int) -> tuple[Numbered, ...]:
        """The newest record before line `number`, among those passed over, of work done well."""
        least = max(self._given, self._searched)
        records = RECENT - BEFORE
        for first, lines in self._held():
            for at in range(min(number - first, len(lines)) - 1, max(least - first, 0) - 1, -1):
                if not self._heads.begins(lines[at]):
                    continue
                if self._heads.went_well(lines[at]):
                    return ((first + at, text_of(lines[at])),)
                records -= 1
                if not records:
                    return ()
            if first <= least:
                break
        return ()

    def _held(self) -> Iterator[tuple[int, list[bytes]]]:
        """The batches that are still at hand, the newest first."""
        yield self._first, self._lines
        for batch in reversed(self._older):
            yield batch.number, batch.data.split(b"\n")

    def _give(self, end: int) -> Iterator[Numbered]:
        for number in range(self._given, end):
            yield number, text_of(self._line(number))
        self._given = max(self._given, end)
