"""The lines of a server's life, collected while a log is scanned. Each with what came before it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, tzinfo

from wizard.logs.error.line import MAX_PARSED, LogLine, parse_line
from wizard.logs.error.marks import DOOMS, ENDS_OF_REASONS, Mark, MarkKind
from wizard.logs.error.scan_model import LinePlace
from wizard.logs.error.signature_of import SignedLine
from wizard.logs.error.start_reasons import StartReasons
from wizard.safety.sanitize import decode, sanitize

MAX_MARKS = 50_000
"""Lines of a server's life that are kept; the newest ones."""

START_SECONDS = 10.0
"""A start's own first lines lie closer together than this."""

LOOK_BACK_LINES = 400
"""Unstamped lines (a stack trace) that are passed over to find the last stamped one."""


class LifeMarks:
    """`served` says that lines of a running server came before the first mark."""

    def __init__(self, zone: tzinfo | None) -> None:
        self._zone = zone
        self.marks: deque[Mark] = deque(maxlen=MAX_MARKS)
        self.served = False
        self.reasons = StartReasons()

    def add(
        self,
        signature: str,
        signed: SignedLine,
        lines: Sequence[bytes],
        number: int,
        place: LinePlace,
        before: datetime | None,
        read: int,
    ) -> bool:
        """Whether MySQL printed the line again; `read` counts the lines of earlier blocks."""
        raw = lines[number][:MAX_PARSED]
        parsed = parse_line(raw, self._zone, before)
        again = parsed is not None and parsed.code == "MY-013951"
        if not self.marks:
            self.served = self._served_before(parsed, lines[:number], read)
        told = signed.match.groupdict()
        kind = MarkKind(signature)
        if kind in DOOMS and (parsed is None or parsed.level != "error"):
            return again  # Another program's, in a journal: a server says so as an error.
        if kind in ENDS_OF_REASONS:
            self.reasons.begin()
        self.marks.append(
            Mark(
                kind,
                parsed.at if parsed else None,
                decode(raw) if not again else sanitize(parsed.text if parsed else ""),
                place.line,
                _number(told.get("pid")),
                _number(told.get("port")),
                sanitize(told.get("who") or ""),
                before,
                again,
                self.reasons.first,
            )
        )
        return again

    def hear(self, lines: Sequence[bytes], telling: list[int], end: int) -> None:
        """Takes in those of the `telling` lines, last one first, that come before `end`."""
        while telling and telling[-1] < end:
            self.reasons.hear(lines[telling.pop()][:MAX_PARSED])

    def _served_before(self, first: LogLine | None, earlier: Sequence[bytes], read: int) -> bool:
        """Whether a server ran before the first mark.

        Some line well before it that no start script wrote. A start's own warnings may come a
        moment before its first mark.
        """
        if first is None or first.at is None or read > 0:
            return read > 0
        return any(
            line.at is not None
            and (first.at - line.at).total_seconds() > START_SECONDS
            and line.level
            and line.subsystem != "Entrypoint"
            for line in self._parsed(earlier)
        )

    def _parsed(self, lines: Iterable[bytes]) -> Iterator[LogLine]:
        return (p for p in (parse_line(line, self._zone) for line in lines) if p is not None)

    def times_before(
        self, lines: Sequence[bytes], earlier: datetime | None
    ) -> Callable[[int], datetime | None]:
        """The time of the last stamped line before a number, or that of `earlier` blocks.

        It is asked of rising numbers: where nothing has a stamp, each line is looked at once.
        """
        looked = 0
        found: tuple[int, datetime] | None = None

        def told(number: int) -> datetime | None:
            nonlocal looked, found
            first = max(0, number - LOOK_BACK_LINES)
            for place in range(number - 1, max(first, looked) - 1, -1):
                parsed = parse_line(lines[place], self._zone)
                if parsed is not None and parsed.at is not None:
                    found = place, parsed.at
                    break
            looked = number
            return found[1] if found is not None and found[0] >= first else earlier

        return told

    def last_stamped(self, lines: Sequence[bytes]) -> tuple[int, datetime] | None:
        """The number and time of the last line with a time, if it is near the end."""
        for number in range(len(lines) - 1, max(-1, len(lines) - LOOK_BACK_LINES), -1):
            parsed = parse_line(lines[number], self._zone)
            if parsed is not None and parsed.at is not None:
                return number, parsed.at
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text and len(text) <= 19 else None
