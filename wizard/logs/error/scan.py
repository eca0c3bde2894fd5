"""Scans an error log for its signatures, bounded in memory whatever the log's size.

A line is looked up by its shape (engine.shapes), and its time and account are cut out where all
lines of that shape have them. Lines of a server's life, and those whose signature depends on a
digit, are read one by one.
"""

from collections import Counter
from collections.abc import Callable, Iterable, MutableSequence, Sequence
from datetime import datetime, tzinfo

from knowledge.load import signatures
from knowledge.model import Signature
from wizard.logs.engine.block import Block
from wizard.logs.engine.shapes import shapes_of
from wizard.logs.error.clock_steps import ClockSteps
from wizard.logs.error.life_marks import LifeMarks
from wizard.logs.error.line import parse_line
from wizard.logs.error.line_kinds import LineKinds
from wizard.logs.error.line_places import BlockPlaces, PickedPlaces, Places
from wizard.logs.error.minutes import Minutes
from wizard.logs.error.scan_model import Picked, Scan
from wizard.logs.error.signature_of import LIFE
from wizard.logs.error.tallying import Tallies

PROOF_LINES = 400
"""Lines of a block in which one of an error log's form is looked for."""


def scan(
    blocks: Iterable[Block | Picked],
    zone: tzinfo | None = None,
    checkpoint: Callable[[], None] = lambda: None,
    known: tuple[Signature, ...] | None = None,
    scanner_of: "type[Scanner] | None" = None,
) -> Scan:
    """Scan `blocks` in order. `checkpoint` is called for each block and may raise to stop.

    `zone` is the server's, for stamps without one.
    """
    sought = signatures("error-log") if known is None else known
    scanner = (scanner_of or Scanner)(sought, zone)
    for block in blocks:
        checkpoint()
        if isinstance(block, Picked):
            scanner.feed_picked(block)
        else:
            scanner.feed(block)
    return scanner.result()


class Scanner:
    """Takes the blocks of a log, one after the other."""

    def __init__(self, known: tuple[Signature, ...], zone: tzinfo | None) -> None:
        self._zone = zone
        self._known = known
        minutes = Minutes(zone)
        self._kinds = LineKinds(known, minutes, zone)
        self._tallies = Tallies(known, self._kinds, minutes, zone)
        self._life = LifeMarks(zone)
        self._steps = ClockSteps(zone)
        self._bytes = self._lines = 0
        self._left_out: Counter[str] = Counter()
        self._sent: Counter[str] = Counter()
        self._sent_of: Counter[tuple[int, str]] = Counter()
        self._first: datetime | None = None
        self._last: tuple[datetime, Places, int] | None = None
        self._understood = False

    def feed(self, block: Block) -> None:
        lines = block.data.split(b"\n")
        if lines and not lines[-1]:
            lines.pop()
        self._feed(lines, shapes_of(block.data), BlockPlaces(block, lines))
        self._bytes += block.size
        self._lines += len(lines)

    def feed_picked(self, picked: Picked) -> None:
        lines = [line.text for line in picked.lines]
        places = PickedPlaces(picked)
        for number, code in enumerate(self._feed(lines, shapes_of(b"\n".join(lines)), places)):
            if (sort := self._kinds.sorts[code]) >= 0:
                self._sent_of[sort, places.kind(number)] += 1
        self._left_out.update(picked.left_out)
        self._sent.update(line.kind for line in picked.lines)
        self._bytes += picked.size
        self._lines += picked.count

    def _feed(
        self, lines: Sequence[bytes], shapes: Sequence[bytes], places: Places
    ) -> Sequence[int]:
        """The code of each line."""
        if self._first is None:
            parsed = (parse_line(line, self._zone) for line in lines)
            self._first = next((p.at for p in parsed if p is not None and p.at), None)
        if not self._understood:
            parsed = (parse_line(line, self._zone) for line in lines[:PROOF_LINES])
            self._understood = any(p is not None and (p.level or p.code) for p in parsed)
        kinds = self._kinds
        codes = kinds.coded(lines, shapes)
        found = kinds.found(codes)
        telling: list[int] = []
        if not kinds.errors.isdisjoint(found):
            # Those that may tell why a start failed, the last one first.
            telling = kinds.numbers(codes, kinds.errors)[::-1]
        if not kinds.each.isdisjoint(found):
            self._read_each(lines, codes, places, telling)
            found = kinds.found(codes)
        self._tallies.take(lines, codes, found, places)
        self._life.hear(lines, telling, len(lines))
        self._watch(lines, places)
        last = self._life.last_stamped(lines)
        if last is not None:
            self._last = last[1], places, last[0]
        return codes

    def _watch(self, lines: Sequence[bytes], places: Places) -> None:
        self._steps.watch(lines, places)

    def _read_each(
        self,
        lines: Sequence[bytes],
        codes: MutableSequence[int],
        places: Places,
        telling: list[int],
    ) -> None:
        """Gives the lines that have to be read for themselves the code of their signature."""
        sought = self._kinds.signatures
        time_before = self._life.times_before(lines, self._last and self._last[0])
        for number in self._kinds.numbers(codes, self._kinds.each):
            line = lines[number]
            signed = sought.of(line, self._zone, sought.every)
            codes[number] = 0
            if signed is None:
                continue
            before = time_before(number)
            signature = self._known[signed.number]
            if signature.id in LIFE:
                self._life.hear(lines, telling, number)
                place = places.of(number)
                again = self._life.add(
                    signature.id, signed, lines, number, place, before, self._lines
                )
                if again:
                    continue
            codes[number] = signed.number + 1
            self._tallies.add_read(signed, line, before)

    def result(self) -> Scan:
        tallies = self._tallies.told(self._unseen)
        return Scan(
            tallies,
            tuple(self._life.marks),
            self._life.served,
            self._bytes,
            self._lines,
            self._first,
            self._last[0] if self._last else None,
            self._last[1].of(self._last[2]) if self._last else None,
            self._understood or bool(tallies),
            self._life.reasons,
            tuple(self._steps.steps),
        )

    def _unseen(self, sort: int) -> int:
        """Lines that stayed where they are, by the share of those of their kind that were sent."""
        return sum(
            round(self._left_out[kind] * met / self._sent[kind])
            for (own, kind), met in self._sent_of.items()
            if own == sort and self._left_out[kind]
        )
