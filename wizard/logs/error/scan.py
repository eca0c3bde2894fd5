"""Scans an error log for its signatures, bounded in memory whatever the log's size.

A line is looked up by its shape (engine.shapes), and its time and account are cut out where all
lines of that shape have them. Lines of a server's life, and those whose signature depends on a
digit, are read one by one.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, MutableSequence, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from itertools import repeat
from operator import getitem

from knowledge.load import signatures
from knowledge.model import Signature
from wizard.case.evidence import MAX_OCCURRENCES
from wizard.logs.engine.block import Block
from wizard.logs.engine.kept import FEW, Kept, KeptBlock, Newest
from wizard.logs.engine.shapes import ShapeMemory, shapes_of
from wizard.logs.engine.tally import Histogram, Names
from wizard.logs.error.clock_steps import ClockSteps
from wizard.logs.error.life_marks import LifeMarks
from wizard.logs.error.line import MAX_PARSED, parse_line
from wizard.logs.error.line_places import BlockPlaces, OnePlace, PickedPlaces, Places
from wizard.logs.error.minutes import Minutes
from wizard.logs.error.scan_model import LinePlace, LogEvent, Picked, Scan, Tally
from wizard.logs.error.shape_kind import (
    NO_SIGNATURE,
    READ_EACH,
    ShapeKind,
    ShapeReader,
)
from wizard.logs.error.signature_of import LIFE, Signatures, SignedLine
from wizard.safety.sanitize import decode, sanitize

EXAMPLES = 3

MAX_WAITING = 20_000
"""Minutes and accounts that are held as they are written."""

PROOF_LINES = 400
"""Lines of a block in which one of an error log's form is looked for."""

_cut: Callable[[bytes, slice], bytes] = getitem  # type: ignore[assignment]


@dataclass(slots=True)
class _Count:
    """What is counted of one signature."""

    signature: Signature
    count: int = 0
    first: Kept[Places] | None = None
    examples: list[str] = field(default_factory=list)
    places: list[LinePlace] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    minutes: Histogram = field(default_factory=Histogram)
    accounts: Names = field(default_factory=Names)


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
        self._signatures = Signatures(known)
        self._reader = ShapeReader(self._signatures, zone)
        self._counts = [_Count(s) for s in known]
        self._newest: Newest[Places] = Newest(MAX_OCCURRENCES)
        self._memory = ShapeMemory()
        # By code; the first ones are for lines that were read for themselves.
        self._kinds = [ShapeKind(NO_SIGNATURE), *(ShapeKind(n) for n in range(len(known)))]
        self._sorts = [kind.signature for kind in self._kinds]
        self._codes = {kind.key: code for code, kind in enumerate(self._kinds)}
        self._minute_of = [kind.minute for kind in self._kinds]
        self._offset_of = [kind.offset for kind in self._kinds]
        self._tail_of = [kind.tail for kind in self._kinds]
        self._errors: set[int] = set()
        self._zoned: set[int] = set()
        self._each: set[int] = set()
        self._cells: Counter[tuple[bytes, bytes, int]] = Counter()
        self._tails: Counter[bytes] = Counter()
        self._accounts: dict[bytes, tuple[int, str | None]] = {}
        self._minutes = Minutes(zone)
        self._life = LifeMarks(zone)
        self._steps = ClockSteps(zone)
        self._bytes = self._lines = 0
        self._left_out: Counter[str] = Counter()
        self._sent: Counter[str] = Counter()
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
            if (sort := self._sorts[code]) >= 0:
                self._counts[sort].kinds[places.kind(number)] += 1
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
        codes = self._coded(lines, shapes)
        found = self._found(codes)
        telling = [] if self._errors.isdisjoint(found) else self._telling(codes)
        if not self._each.isdisjoint(found):
            self._read_each(lines, codes, places, telling)
            found = self._found(codes)
        hits = sum(n for code, n in found.items() if self._sorts[code] >= 0)
        if hits:
            self._keep(lines, codes, found, places)
            self._tally(lines, codes, hits)
        self._life.hear(lines, telling, len(lines))
        self._watch(lines, places)
        self._remember_last(lines, places)
        return codes

    def _found(self, codes: Sequence[int]) -> Mapping[int, int]:
        """How often each code came."""
        return Counter(codes)

    def _numbers(self, codes: Sequence[int], wanted: Set[int]) -> list[int]:
        """The numbers of the lines that have one of the `wanted` codes."""
        return [number for number, code in enumerate(codes) if code in wanted]

    def _watch(self, lines: Sequence[bytes], places: Places) -> None:
        self._steps.watch(lines, places)

    def _coded(self, lines: Sequence[bytes], shapes: Sequence[bytes]) -> MutableSequence[int]:
        known = self._memory.codes(shapes)
        del known[len(lines) :]
        if None not in known:
            return known  # type: ignore[return-value]
        return [
            self._learnt(line, shape) if code is None else code
            for line, shape, code in zip(lines, shapes, known, strict=False)
        ]

    def _learnt(self, line: bytes, shape: bytes) -> int:
        code = self._memory.code(shape)
        if code is None:
            kind = self._reader.kind(line, shape)
            code = self._codes.setdefault(kind.key, len(self._kinds))
            if code == len(self._kinds):
                self._add_kind(kind, code)
            self._memory.learn(shape, code)
        return code

    def _add_kind(self, kind: ShapeKind, code: int) -> None:
        self._kinds.append(kind)
        self._sorts.append(kind.signature)
        self._minute_of.append(kind.minute)
        self._offset_of.append(kind.offset)
        self._tail_of.append(kind.tail)
        if kind.error:
            self._errors.add(code)
        if kind.offset.stop:
            self._zoned.add(code)
        if kind.signature == READ_EACH:
            self._each.add(code)

    def _telling(self, codes: Sequence[int]) -> list[int]:
        """The numbers of the lines that may tell why a start failed, the last one first."""
        return self._numbers(codes, self._errors)[::-1]

    def _read_each(
        self,
        lines: Sequence[bytes],
        codes: MutableSequence[int],
        places: Places,
        telling: list[int],
    ) -> None:
        """Gives the lines that have to be read for themselves the code of their signature."""
        for number in self._numbers(codes, self._each):
            line = lines[number]
            signed = self._signatures.of(line, self._zone, self._signatures.every)
            codes[number] = 0
            if signed is None:
                continue
            before = self._life.time_before(lines, number, self._last and self._last[0])
            signature = self._counts[signed.number].signature
            if signature.id in LIFE:
                self._life.hear(lines, telling, number)
                place = places.of(number)
                again = self._life.add(
                    signature.id, signed, lines, number, place, before, self._lines
                )
                if again:
                    continue
            codes[number] = signed.number + 1
            self._count_read(signed, line, before)

    def _count_read(self, signed: SignedLine, line: bytes, before: datetime | None) -> None:
        count = self._counts[signed.number]
        parsed = parse_line(line, self._zone, before)
        if parsed is not None and parsed.at is not None:
            count.minutes.add(int(parsed.at.timestamp()) // 60 * 60)
        if (account := account_of(signed.match.groupdict())) is not None:
            count.accounts.add(account)

    def _tally(self, lines: Sequence[bytes], codes: Sequence[int], hits: int) -> None:
        """Counts by minute and by account, as they are written; what they mean comes later.

        `hits` lines have a signature.
        """
        if hits * 4 < len(lines):
            some = [n for n, code in enumerate(codes) if self._sorts[code] >= 0]
            lines, codes = [lines[n] for n in some], [codes[n] for n in some]
        stamps = map(_cut, lines, map(self._minute_of.__getitem__, codes))
        zones: Iterable[bytes] = repeat(b"")
        if not self._zoned.isdisjoint(codes):
            zones = map(_cut, lines, map(self._offset_of.__getitem__, codes))
        self._cells.update(zip(stamps, zones, map(self._sorts.__getitem__, codes), strict=False))
        self._tails.update(map(_cut, lines, map(self._tail_of.__getitem__, codes)))
        if len(self._cells) > MAX_WAITING:
            self._count_minutes()
        if len(self._tails) > MAX_WAITING:
            self._count_accounts()

    def _count_minutes(self) -> None:
        """Turns minutes as they are written into moments."""
        for (stamp, zone, sort), n in self._cells.items():
            if sort >= 0 and stamp and (second := self._minutes.second(stamp, zone)) is not None:
                self._counts[sort].minutes.add(second, n)
        self._cells.clear()

    def _count_accounts(self) -> None:
        """Turns the ends of lines into the accounts that they name."""
        for tail, n in self._tails.items():
            if not tail:
                continue
            sort, account = self._account(tail)
            if account is not None:
                self._counts[sort].accounts.add(account, n)
        self._tails.clear()

    def _account(self, tail: bytes) -> tuple[int, str | None]:
        known = self._accounts.get(tail)
        if known is None:
            if len(self._accounts) > MAX_WAITING:
                self._accounts.clear()
            sort, fields = self._reader.owner(tail)
            known = self._accounts[tail] = sort, account_of(fields)
        return known

    def _keep(
        self,
        lines: Sequence[bytes],
        codes: Sequence[int],
        found: Mapping[int, int],
        places: Places,
    ) -> None:
        """Counts, and keeps the first lines and the newest."""
        met: Counter[int] = Counter()
        for code, n in found.items():
            if self._sorts[code] >= 0:
                met[self._sorts[code]] += n
        few = {sort for sort, n in met.items() if n <= FEW}
        fresh = {sort for sort in met if self._counts[sort].count < EXAMPLES}
        if few or fresh:
            self._take(lines, codes, places, few, fresh)
        block = KeptBlock(lines, codes, self._sorts, places)
        for sort, n in met.items():
            self._counts[sort].count += n
            if sort not in few:
                self._newest.add_block(sort, block, n)

    def _take(
        self,
        lines: Sequence[bytes],
        codes: Sequence[int],
        places: Places,
        few: set[int],
        fresh: set[int],
    ) -> None:
        wanted = {code for code, sort in enumerate(self._sorts) if sort in few or sort in fresh}
        for number in self._numbers(codes, wanted):
            sort, line = self._sorts[codes[number]], lines[number][:MAX_PARSED]
            count = self._counts[sort]
            # A place of its own: what tells those of all lines would keep the block in memory.
            place = OnePlace(places.of(number))
            if len(count.examples) < EXAMPLES:
                count.first = count.first or (line, place, 0)
                count.examples.append(decode(line))
                count.places.append(place.of(0))
            if sort in few:
                self._newest.add_line(sort, line, place, 0)

    def _remember_last(self, lines: Sequence[bytes], places: Places) -> None:
        last = self._life.last_stamped(lines)
        if last is not None:
            self._last = last[1], places, last[0]

    def result(self) -> Scan:
        self._count_minutes()
        self._count_accounts()
        return Scan(
            tuple(self._told(n) for n, c in enumerate(self._counts) if c.count),
            tuple(self._life.marks),
            self._life.served,
            self._bytes,
            self._lines,
            self._first,
            self._last[0] if self._last else None,
            self._last[1].of(self._last[2]) if self._last else None,
            self._understood or any(c.count for c in self._counts),
            self._life.reasons,
            tuple(self._steps.steps),
        )

    def _told(self, number: int) -> Tally:
        count = self._counts[number]
        events = tuple(self._event(number, *kept) for kept in self._newest.of(number))
        times = [e.at for e in events if e.at is not None]
        first = self._event(number, *count.first).at if count.first else None
        return Tally(
            count.signature,
            count.count + self._unseen(count),
            first or min(times, default=None),
            max(times, default=None),
            events,
            tuple(count.examples),
            tuple(count.places),
            count.minutes,
            count.accounts,
        )

    def _unseen(self, count: _Count) -> int:
        """Lines that stayed where they are, by the share of those of their kind that were sent."""
        return sum(
            round(self._left_out[kind] * met / self._sent[kind])
            for kind, met in count.kinds.items()
            if self._left_out[kind]
        )

    def _event(self, number: int, raw: bytes, places: Places, line: int) -> LogEvent:
        signature = self._counts[number].signature
        signed = self._signatures.known_line(raw, self._zone, number)
        told = signed.match.groupdict() if signed else {}
        parsed = signed.parsed if signed else parse_line(raw, self._zone)
        thread = parsed.thread if parsed and parsed.code else None
        return LogEvent(
            signature.id,
            signature.signal,
            parsed.at if parsed else None,
            places.of(line),
            decode(raw[:MAX_PARSED]),
            _number(told.get("id")) or thread or None,
            account_of(told),
            float(told["seconds"]) if told.get("seconds") else None,
        )


def _number(text: str | None) -> int | None:
    return int(text) if text and len(text) <= 19 else None


def account_of(told: dict[str, str | None]) -> str | None:
    user, host = told.get("user"), told.get("host")
    if user is None or host is None:
        return None
    return sanitize(f"'{user}'@'{host}'", 200)
