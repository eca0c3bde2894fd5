"""Tallies the lines of an error log: how often, when, whose, and which are worth keeping.

Minutes are read once for all lines that have them, accounts once for all that end alike.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from itertools import repeat
from operator import getitem, gt

from knowledge.model import Signature
from wizard.case.evidence import MAX_OCCURRENCES
from wizard.logs.engine.kept import FEW, Kept, KeptBlock, Newest
from wizard.logs.engine.tally import Histogram, Names
from wizard.logs.error.line import MAX_PARSED, parse_line
from wizard.logs.error.line_events import LineEvents, account, account_of, event_of
from wizard.logs.error.line_kinds import LineKinds
from wizard.logs.error.line_places import OnePlace, Places
from wizard.logs.error.minutes import Minutes
from wizard.logs.error.scan_model import LinePlace, Tally
from wizard.logs.error.shape_kind import NO_SIGNATURE, Spans
from wizard.logs.error.signature_of import SignedLine
from wizard.safety.sanitize import decode

EXAMPLES = 3

MAX_WAITING = 20_000
"""Minutes and accounts that are held as they are written."""

_cut: Callable[[bytes, slice], bytes] = getitem  # type: ignore[assignment]


@dataclass(slots=True)
class _Count:
    """What is counted of one signature."""

    signature: Signature
    count: int = 0
    first: Kept[Places] | None = None
    examples: list[str] = field(default_factory=list)
    places: list[LinePlace] = field(default_factory=list)
    minutes: Histogram = field(default_factory=Histogram)
    accounts: Names = field(default_factory=Names)


class Tallies:
    """Takes the lines of one block after the other, each line with the code of its kind."""

    def __init__(
        self,
        known: tuple[Signature, ...],
        kinds: LineKinds,
        minutes: Minutes,
        zone: tzinfo | None,
    ) -> None:
        self._zone = zone
        self._kinds = kinds
        self._counts = [_Count(s) for s in known]
        self._newest: Newest[Places] = Newest(MAX_OCCURRENCES, kinds.numbers)
        self._cells: Counter[tuple[bytes, bytes, int]] = Counter()
        self._tails: Counter[bytes] = Counter()
        self._accounts: dict[tuple[Spans, bytes], str] = {}
        self._minutes = minutes

    def take(
        self,
        lines: Sequence[bytes],
        codes: Sequence[int],
        found: Mapping[int, int],
        places: Places,
    ) -> None:
        """Take the lines of a block, in which each code was `found` so many times."""
        hits = sum(n for code, n in found.items() if self._kinds.sorts[code] >= 0)
        if hits:
            self._keep(lines, codes, found, places)
            self._tally(lines, codes, hits)

    def add_read(self, signed: SignedLine, line: bytes, before: datetime | None) -> None:
        """Count time and account of a line that was read for itself."""
        count = self._counts[signed.number]
        parsed = parse_line(line, self._zone, before)
        if parsed is not None and parsed.at is not None:
            count.minutes.add(int(parsed.at.timestamp()) // 60 * 60)
        if (name := account_of(signed.match.groupdict())) is not None:
            count.accounts.add(name)

    def told(self, unseen: Callable[[int], int]) -> tuple[Tally, ...]:
        """One tally a signature that was met; `unseen` lines of it were read by nobody."""
        self._count_minutes()
        self._count_accounts()
        return tuple(self._told(n, unseen(n)) for n, c in enumerate(self._counts) if c.count)

    def _tally(self, lines: Sequence[bytes], codes: Sequence[int], hits: int) -> None:
        """Counts by minute and by account; `hits` lines have a signature."""
        kinds, sorts = self._kinds, self._kinds.sorts
        if hits * 4 < len(lines):
            some = [n for n, code in enumerate(codes) if sorts[code] >= 0]
            lines, codes = [lines[n] for n in some], [codes[n] for n in some]
        own = list(map(sorts.__getitem__, codes))
        stamps = list(map(_cut, lines, map(kinds.stamps.__getitem__, codes)))
        zones: list[bytes] = []
        if not kinds.zoned.isdisjoint(codes):
            zones = list(map(_cut, lines, map(kinds.offsets.__getitem__, codes)))
        if any(map(gt, stamps, stamps[1:])):
            self._add_cells(stamps, zones, own)
        else:
            self._add_runs(stamps, zones, own)
        self._tails.update(map(_cut, lines, map(kinds.tails.__getitem__, codes)))
        if len(self._cells) > MAX_WAITING:
            self._count_minutes()
        if len(self._tails) > MAX_WAITING:
            self._count_accounts()

    def _add_runs(
        self, stamps: Sequence[bytes], zones: Sequence[bytes], own: Sequence[int]
    ) -> None:
        """Counts lines by minutes that rise, so that those of one minute stand together."""
        found: dict[int, dict[int, int]] = {}
        at = 0
        for stamp, n in Counter(stamps).items():
            begin, at = at, at + n
            sorts = own[begin:at]
            offsets = _offsets(zones[begin:at], sorts) if zones else _NONE
            if len(offsets) > 1:
                self._add_cells([stamp] * n, zones[begin:at], sorts)
            elif stamp and (second := self._minutes.second(stamp, max(offsets))) is not None:
                for sort, count in Counter(sorts).items():
                    cells = found.setdefault(sort, {})
                    cells[second] = cells.get(second, 0) + count
        found.pop(NO_SIGNATURE, None)
        for sort, cells in found.items():
            self._counts[sort].minutes.add_many(cells)

    def _add_cells(
        self, stamps: Sequence[bytes], zones: Sequence[bytes], own: Sequence[int]
    ) -> None:
        self._cells.update(zip(stamps, zones or repeat(b""), own, strict=False))

    def _count_minutes(self) -> None:
        """Turns minutes as they are written into moments."""
        for (stamp, zone, sort), n in self._cells.items():
            if sort >= 0 and stamp and (second := self._minutes.second(stamp, zone)) is not None:
                self._counts[sort].minutes.add(second, n)
        self._cells.clear()

    def _count_accounts(self) -> None:
        """Turns the ends of lines into the accounts that they name."""
        for tail, n in self._tails.items():
            if tail:
                self._add_account(*self._kinds.reader.named_by(tail), n)
        self._tails.clear()

    def _add_account(self, sort: int, text: bytes, count: int) -> None:
        """Counts an account of this signature's lines, by the bytes from the user to the host."""
        spans = self._kinds.reader.spans(sort, text)
        known = self._accounts.get((spans, text))
        if known is None:
            if len(self._accounts) > MAX_WAITING:
                self._accounts.clear()
            parts = text[spans[0] : spans[1]], text[spans[2] : spans[3]]
            user, host = (part.decode("utf-8", "replace") for part in parts)
            known = self._accounts[spans, text] = account(user, host)
        self._counts[sort].accounts.add(known, count)

    def _keep(
        self,
        lines: Sequence[bytes],
        codes: Sequence[int],
        found: Mapping[int, int],
        places: Places,
    ) -> None:
        """Counts, and keeps the first lines and the newest."""
        sorts = self._kinds.sorts
        met: Counter[int] = Counter()
        for code, n in found.items():
            if sorts[code] >= 0:
                met[sorts[code]] += n
        few = {sort for sort, n in met.items() if n <= FEW}
        fresh = {sort for sort in met if self._counts[sort].count < EXAMPLES}
        if few or fresh:
            self._take_out(lines, codes, places, few, fresh)
        block = KeptBlock(lines, codes, sorts, places)
        for sort, n in met.items():
            self._counts[sort].count += n
            if sort not in few:
                self._newest.add_block(sort, block, n)

    def _take_out(
        self,
        lines: Sequence[bytes],
        codes: Sequence[int],
        places: Places,
        few: set[int],
        fresh: set[int],
    ) -> None:
        sorts = self._kinds.sorts
        wanted = {code for code, sort in enumerate(sorts) if sort in few or sort in fresh}
        for number in self._kinds.numbers(codes, wanted):
            sort, line = sorts[codes[number]], lines[number][:MAX_PARSED]
            count = self._counts[sort]
            # A place of its own: what tells those of all lines would keep the block in memory.
            place = OnePlace(places.of(number))
            if len(count.examples) < EXAMPLES:
                count.first = count.first or (line, place, 0)
                count.examples.append(decode(line))
                count.places.append(place.of(0))
            if sort in few:
                self._newest.add_line(sort, line, place, 0)

    def _told(self, number: int, unseen: int) -> Tally:
        count = self._counts[number]
        events = LineEvents(count.signature, self._zone, self._newest.of(number))
        return Tally(
            count.signature,
            count.count + unseen,
            self._first(count, events),
            events.last(count.minutes.cells),
            events,
            tuple(count.examples),
            tuple(count.places),
            count.minutes,
            count.accounts,
        )

    def _first(self, count: _Count, events: LineEvents) -> datetime | None:
        """The time of the first line; if it has none, the earliest of those that were kept."""
        if count.first is not None:
            raw, places, line = count.first
            at = event_of(count.signature, raw, places.of(line), self._zone).at
            if at is not None:
                return at
        return min((e.at for e in events if e.at is not None), default=None)


_NONE = frozenset((b"",))


def _offsets(zones: Sequence[bytes], sorts: Sequence[int]) -> AbstractSet[bytes]:
    """The offsets of those lines that have a signature."""
    found = set(zones)
    if len(found) == 1:
        return found
    return {zone for zone, sort in zip(zones, sorts, strict=True) if sort >= 0} or _NONE
