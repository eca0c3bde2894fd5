"""Scans an error log for its signatures, bounded in memory whatever the log's size.

Two ways to a signature: the reason in parentheses that ends an "Aborted connection" line is
looked up as a whole; every other signature's literal is searched first, and only in blocks
that hold it at all. Regular expressions see nothing but the few lines that passed.
"""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cache

from knowledge.load import signatures
from knowledge.model import Signature
from wizard.case.evidence import MAX_OCCURRENCES
from wizard.logs.engine.block import Block
from wizard.logs.error.line import MAX_PARSED, LogLine, parse_line
from wizard.logs.error.line_places import BlockPlaces, PickedPlaces, Places
from wizard.logs.error.marks import STARTS, Mark, MarkKind
from wizard.logs.error.scan_model import LinePlace, LogEvent, Picked, Scan, Tally
from wizard.logs.error.start_reasons import StartReasons, may_tell
from wizard.safety.sanitize import decode, sanitize

MAX_MARKS = 50_000
"""Lines of a server's life that are kept; the newest ones."""

EXAMPLES = 3


_Raw = tuple[bytes, Places, int]


@dataclass(slots=True)
class _Count:
    signature: Signature
    count: int = 0
    first: _Raw | None = None
    newest: deque[_Raw] = field(default_factory=lambda: deque(maxlen=MAX_OCCURRENCES))
    examples: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    def match(self, text: str) -> re.Match[str] | None:
        # Most signatures are never met: compiling them all would cost a quick scan its time.
        return _compiled(self.signature.pattern).search(text)

    def add(self, raw: bytes, places: Places, number: int) -> None:
        self.count += 1
        self.kinds[places.kind(number)] += 1
        self.newest.append((raw, places, number))
        if self.count <= EXAMPLES:
            self.first = self.first or (raw, places, number)
            self.examples.append(decode(raw))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def scan(
    blocks: Iterable[Block | Picked],
    zone: tzinfo | None = None,
    checkpoint: Callable[[], None] = lambda: None,
    known: tuple[Signature, ...] | None = None,
) -> Scan:
    """Scan `blocks` in order. `checkpoint` is called for each block and may raise to stop.

    `zone` is the server's, for stamps without one.
    """
    scanner = _Scanner(signatures("error-log") if known is None else known, zone)
    for block in blocks:
        checkpoint()
        if isinstance(block, Picked):
            scanner.feed_picked(block)
        else:
            scanner.feed(block)
    return scanner.result()


class _Scanner:
    def __init__(self, known: tuple[Signature, ...], zone: tzinfo | None) -> None:
        self._zone = zone
        self._counts = [_Count(s) for s in known]
        self._by_reason: dict[bytes, _Count] = {}
        self._by_literal: list[tuple[bytes, _Count]] = []
        for count in self._counts:
            literal = count.signature.literal.encode()
            if literal.startswith(b"(") and b")" in literal:
                self._by_reason[literal] = count
            else:
                self._by_literal.append((literal, count))
        self._marks: deque[Mark] = deque(maxlen=MAX_MARKS)
        self._bytes = self._lines = 0
        self._left_out: Counter[str] = Counter()
        self._sent: Counter[str] = Counter()
        self._first: datetime | None = None
        self._last: tuple[datetime, LinePlace] | None = None
        self._served = False
        self._understood = False
        self._reasons = StartReasons()

    def feed(self, block: Block) -> None:
        lines = block.data.split(b"\n")
        if lines and not lines[-1]:
            lines.pop()
        self._feed(lines, BlockPlaces(block, lines))
        self._bytes += block.size
        self._lines += len(lines)

    def feed_picked(self, picked: Picked) -> None:
        lines = [line.text for line in picked.lines]
        self._feed(lines, PickedPlaces(picked))
        self._left_out.update(picked.left_out)
        self._sent.update(line.kind for line in picked.lines)
        self._bytes += picked.size
        self._lines += picked.count

    def _feed(self, lines: list[bytes], places: Places) -> None:
        if self._first is None:
            self._first = next((p.at for p in self._parsed(lines) if p.at), None)
        if not self._understood:
            self._understood = any(p.level or p.code for p in self._parsed(lines[:PROOF_LINES]))
        self._search(lines, self._without_reason(lines, places), places)
        self._remember_last(lines, places)

    def _without_reason(self, lines: list[bytes], places: Places) -> Sequence[int]:
        """Counts the lines that end with a known reason; the numbers of all others."""
        by_reason = self._by_reason
        if not by_reason:
            return range(len(lines))
        rest: list[int] = []
        for number, line in enumerate(lines):
            at = line.rfind(b"' (")
            if at < 0:
                rest.append(number)
                continue
            reason = line[at + 2 :].rstrip(b".\r")
            count = by_reason.get(reason)
            if count is None:
                # A console's quotation mark or table border may follow.
                count = by_reason.get(reason[: reason.rfind(b")") + 1])
            if count is None and not line.isascii():
                count = self._cut_reason(line)
            if count is not None and self._sure(count, line):
                count.add(line, places, number)
            else:
                rest.append(number)
        return rest

    def _cut_reason(self, line: bytes) -> "_Count | None":
        """By a reason that the server cut within a character."""
        tail = line[line.rfind(b"' (") + 2 :].rstrip(b".\r")
        return self._by_reason.get(tail.decode("utf-8", "ignore").encode())

    def _sure(self, count: "_Count", line: bytes) -> bool:
        """Whether a line with a known reason is what it looks like. One proof is enough: the
        server writes the reason, and nothing that a client sends can follow it."""
        if UNAUTHENTICATED in line or len(line) > MAX_PARSED:
            return False
        if not count.count:
            parsed = parse_line(line, self._zone)
            return count.match(_text(parsed, line)) is not None
        return True

    def _search(self, lines: list[bytes], numbers: Sequence[int], places: Places) -> None:
        text = b"\n".join([lines[n] for n in numbers])
        present = [(literal, c) for literal, c in self._by_literal if literal in text]
        if b'{"' in text or b'{ "' in text:
            # In a line of JSON the reason is not at the end.
            framed = [(reason, c) for reason, c in self._by_reason.items() if reason in text]
            present = framed + present
        errors = may_tell(text)
        if not present and not errors:
            return
        for number in numbers:
            line = lines[number]
            for literal, count in present:
                if literal in line and self._take(count, lines, number, places):
                    break
            if errors:
                self._reasons.hear(line[:MAX_PARSED])

    def _take(self, count: _Count, lines: list[bytes], number: int, places: Places) -> bool:
        raw = lines[number][:MAX_PARSED]
        before = self._time_before(lines, number)
        parsed = parse_line(raw, self._zone, before)
        found = count.match(_text(parsed, raw))
        if found is None:
            return False
        place = places.of(number)
        again = parsed is not None and parsed.code == "MY-013951"
        if not again:
            count.add(raw, places, number)
        if count.signature.id in _MARKS:
            if not self._marks:
                self._served = self._served_before(parsed, lines[:number])
            self._marks.append(self._mark(count, parsed, found, before, place, raw, again))
        return True

    def _mark(
        self,
        count: _Count,
        parsed: LogLine | None,
        found: re.Match[str],
        before: datetime | None,
        place: LinePlace,
        raw: bytes,
        again: bool,
    ) -> Mark:
        told = found.groupdict()
        kind = MarkKind(count.signature.id)
        if kind in STARTS or kind is MarkKind.STOPPED:
            self._reasons.begin()
        return Mark(
            kind,
            parsed.at if parsed else None,
            decode(raw) if not again else sanitize(parsed.text if parsed else ""),
            place.line,
            _number(told.get("pid")),
            _number(told.get("port")),
            sanitize(told.get("who") or ""),
            before,
            again,
            self._reasons.first,
        )

    def _served_before(self, first: LogLine | None, earlier: list[bytes]) -> bool:
        """Whether a server ran before the first mark: some line well before it that no start
        script wrote. A start's own warnings may come a moment before its first mark."""
        if first is None or first.at is None:
            return self._lines > 0
        if self._lines > 0:
            return True
        return any(
            line.at is not None
            and (first.at - line.at).total_seconds() > START_SECONDS
            and line.level
            and line.subsystem != "Entrypoint"
            for line in self._parsed(earlier)
        )

    def _time_before(self, lines: list[bytes], number: int) -> datetime | None:
        """The time of the last stamped line before `number`."""
        for line in reversed(lines[max(0, number - LOOK_BACK_LINES) : number]):
            parsed = parse_line(line, self._zone)
            if parsed is not None and parsed.at is not None:
                return parsed.at
        return self._last[0] if self._last else None

    def _remember_last(self, lines: list[bytes], places: Places) -> None:
        for number in range(len(lines) - 1, max(-1, len(lines) - LOOK_BACK_LINES), -1):
            parsed = parse_line(lines[number], self._zone)
            if parsed is not None and parsed.at is not None:
                self._last = (parsed.at, places.of(number))
                return

    def _parsed(self, lines: Iterable[bytes]) -> Iterator[LogLine]:
        return (p for p in (parse_line(line, self._zone) for line in lines) if p is not None)

    def result(self) -> Scan:
        return Scan(
            tuple(self._tally(c) for c in self._counts if c.count),
            tuple(self._marks),
            self._served,
            self._bytes,
            self._lines,
            self._first,
            self._last[0] if self._last else None,
            self._last[1] if self._last else None,
            self._understood or any(c.count for c in self._counts),
        )

    def _tally(self, count: _Count) -> Tally:
        events = tuple(self._event(count, *kept) for kept in count.newest)
        times = [e.at for e in events if e.at is not None]
        first = self._event(count, *count.first).at if count.first else None
        return Tally(
            count.signature,
            count.count + self._unseen(count),
            first or min(times, default=None),
            max(times, default=None),
            events,
            tuple(count.examples),
        )

    def _unseen(self, count: _Count) -> int:
        """Lines that stayed where they are, by the share of those of their kind that were sent."""
        return sum(
            round(self._left_out[kind] * met / self._sent[kind])
            for kind, met in count.kinds.items()
            if self._left_out[kind]
        )

    def _event(self, count: _Count, raw: bytes, places: Places, number: int) -> LogEvent:
        parsed = parse_line(raw, self._zone)
        found = count.match(_text(parsed, raw))
        told = found.groupdict() if found else {}
        thread = parsed.thread if parsed and parsed.code else None
        return LogEvent(
            count.signature.id,
            count.signature.signal,
            parsed.at if parsed else None,
            places.of(number),
            decode(raw),
            _number(told.get("id")) or thread or None,
            _account(told),
            float(told["seconds"]) if told.get("seconds") else None,
        )


UNAUTHENTICATED = b"user: 'unauthenticated"
"""Such a session never logged in: the reason alone does not tell what it was."""

PROOF_LINES = 400
"""Lines of a chunk in which one of an error log's form is looked for."""

START_SECONDS = 10.0
"""A start's own first lines lie closer together than this."""

LOOK_BACK_LINES = 400
"""Unstamped lines (a stack trace) that are passed over to find the last stamped one."""


_MARKS = frozenset(kind.value for kind in MarkKind)


def _text(parsed: LogLine | None, raw: bytes) -> str:
    """What a pattern is searched in: the message, or the raw line where it has no stamp."""
    return raw[:MAX_PARSED].decode("utf-8", "replace") if parsed is None else parsed.text


def _number(text: str | None) -> int | None:
    return int(text) if text and len(text) <= 19 else None


def _account(told: dict[str, str | None]) -> str | None:
    user, host = told.get("user"), told.get("host")
    if user is None or host is None:
        return None
    return sanitize(f"'{user}'@'{host}'", 200)
