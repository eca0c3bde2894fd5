"""Reads only those lines of a large log that can matter, and enough around them.

What a line says may hang on its record, on the record above and on what its source wrote since
the last error. So each line that matters comes with some records before and behind it, and with
the newest record of work that went well. All else that a careful reading of the dull lines in
between would leave behind is forgotten within so many records. Where a line that matters stands
alone among dull ones, long after the last, the record above it and the one below are enough.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta

from wizard.logs.application.line_heads import LineHeads
from wizard.logs.application.raw_lines import Batch, text_of
from wizard.logs.application.record import RECENT
from wizard.logs.application.same_job import WAITS
from wizard.logs.application.triggers import Triggers

BEFORE = 10
"""Records before a line that matters: more than it is remembered how a stack's lines begin."""

BEHIND = 24
"""Records behind it: more than are remembered of those without an error."""

_DENSE = 16
"""Where one of so many lines matters, what stands around them is nearly all there is."""

_APART = WAITS + timedelta(seconds=5)
"""Nothing is told any more of what a line tells that is older than this. Clocks jitter a little."""

Numbered = tuple[int, str]


class Skim:
    """Takes a log's batches and gives the numbered lines that are worth a careful reading."""

    def __init__(
        self,
        heads: LineHeads,
        triggers: Triggers,
        successes: Callable[[bytes], Sequence[int]],
        closely: tuple[bytes, ...] = (),
    ) -> None:
        """Of a batch with one of the texts in `closely` every line is read."""
        self._heads = heads
        self._triggers = triggers
        self._successes = successes
        self._closely = closely
        self._older: deque[Batch] = deque()
        self._before: list[bytes] = []
        self._lines: list[bytes] = []
        self._first = 1
        self._given = 1
        self._searched = 1
        self._left = BEHIND
        self._withheld: list[bytes] = []
        """The lines behind those that were given: of use only if another line matters soon."""
        self._behind: bytes | None = None
        """The first line of the record behind the last line that mattered, once it came."""
        self._begun = False
        """Whether any line mattered yet."""

    def lines(self, batches: Iterable[Batch]) -> Iterator[Numbered]:
        for batch in batches:
            yield from self._take(batch)
        yield from self._release()
        yield from self._back(self._first + len(self._lines))

    def _take(self, batch: Batch) -> Iterator[Numbered]:
        self._before, self._lines = self._lines, batch.data.split(b"\n")
        self._first = batch.number
        end = batch.number + len(self._lines)
        telling: Sequence[int] = ()
        closely = any(text in batch.data for text in self._closely)
        if not closely:
            telling = self._triggers.lines_in(batch.data, self._lines)
            closely = len(telling) * _DENSE > len(self._lines)
        if closely:
            yield from self._release()
            yield from self._back(batch.number)
            yield from self._give(end)
            self._expect()
        else:
            for at in telling:
                number = batch.number + at
                yield from self._on(number)
                if self._is_alone(number):
                    yield from self._one_above(number)
                else:
                    yield from self._release()
                    yield from self._back(number)
                yield from self._give(number + 1)
                self._searched = number
                self._expect()
            yield from self._on(end)
        self._keep(batch)

    def _expect(self) -> None:
        """A line mattered: of those behind it some will be given."""
        self._left, self._behind, self._begun = BEHIND, None, True

    def _keep(self, batch: Batch) -> None:
        """Keep as many batches as are looked through for work that went well."""
        self._older.append(batch)
        while len(self._older) > 1 and self._older[1].number <= batch.number - RECENT:
            self._older.popleft()

    def _line(self, number: int) -> bytes:
        """A line of the newest batch or the one before it."""
        at = number - self._first
        return self._lines[at] if at >= 0 else self._before[at]

    def _held(self, begin: int, end: int) -> list[bytes]:
        """The lines from number `begin` to `end` that are still at hand."""
        lines = self._lines[max(begin - self._first, 0) : end - self._first]
        last = self._first
        for batch in reversed(self._older):
            if begin >= last:
                break
            older = batch.data.split(b"\n")[max(begin - batch.number, 0) :][: end - begin]
            lines = older[: end - max(begin, batch.number)] + lines
            last = batch.number
        return lines

    def _on(self, end: int) -> Iterator[Numbered]:
        """The lines up to number `end` that still stand behind one that matters.

        The record that follows it is given, the others are withheld.
        """
        number = max(self._given + len(self._withheld), self._first)
        while self._left and number < end:
            line = self._line(number)
            begins = self._heads.begins(line)
            self._left -= begins
            number += 1
            if self._behind is not None:
                self._withheld.append(line)
                continue
            yield from self._give(number)
            if begins:
                self._behind = line

    def _release(self) -> Iterator[Numbered]:
        """The lines that were withheld."""
        for number, line in enumerate(self._withheld, self._given):
            yield number, text_of(line)
        self._given += len(self._withheld)
        self._withheld.clear()

    def _is_alone(self, number: int) -> bool:
        """Whether line `number` comes long after any that mattered, below dull records only."""
        top = number - BEFORE
        if top < max(self._given + len(self._withheld), self._first - len(self._before)):
            return False
        if not all(self._heads.begins(self._line(n)) for n in range(top, number)):
            return False
        if not self._begun:
            return True
        before = None if self._behind is None else self._heads.moment(self._behind)
        now = self._heads.moment(self._line(number - 1))
        return before is not None and now is not None and now - before > _APART

    def _one_above(self, number: int) -> Iterator[Numbered]:
        """The record before line `number`, and no other but one of work that went well."""
        yield from self._work_before(number, number - 1)
        self._withheld.clear()
        self._given = number - 1
        yield from self._give(number)

    def _back(self, number: int) -> Iterator[Numbered]:
        """The lines before line `number`, as far as they may matter."""
        least = max(self._given, self._first - len(self._before))
        at, records = number, BEFORE
        while records and at > least:
            at -= 1
            records -= self._heads.begins(self._line(at))
        yield from self._work_before(number, at)
        self._given = max(self._given, at)
        yield from self._give(number)

    def _work_before(self, number: int, at: int) -> tuple[Numbered, ...]:
        """The newest record of work done well, unless it is given with the lines from `at` on."""
        least = max(self._given, self._searched, at - RECENT)
        lines = self._held(least, number)
        for place in reversed(self._successes(b"\n".join(lines)) if lines else ()):
            line = lines[place]
            if self._heads.begins(line) and self._heads.went_well(line):
                found = least + place
                return ((found, text_of(line)),) if found < at else ()
        return ()

    def _give(self, end: int) -> Iterator[Numbered]:
        given = self._given
        if given >= self._first:
            lines = self._lines[given - self._first : end - self._first]
            yield from enumerate(map(text_of, lines), given)
        else:
            for number in range(given, end):
                yield number, text_of(self._line(number))
        self._given = max(self._given, end)
