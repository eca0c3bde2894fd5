"""Lines that a signature knows, made into events when somebody asks for them.

A scan keeps some thousand lines for attribution, and most commands look at none of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import overload

from knowledge.model import Signature
from wizard.logs.engine.kept import Kept
from wizard.logs.error.line import MAX_PARSED, parse_line
from wizard.logs.error.line_places import Places
from wizard.logs.error.scan_model import LinePlace, LogEvent
from wizard.logs.error.signature_of import known_line
from wizard.safety.sanitize import decode, sanitize

_PTHREAD = 1 << 31
"""The column after the time is the connection's number, but for MariaDB 10.1 and older, which
writes an address of a thread there."""


class LineEvents(Sequence[LogEvent]):
    """The events of lines of one signature, each line with where it stands."""

    def __init__(
        self, signature: Signature, zone: tzinfo | None, kept: Sequence[Kept[Places]]
    ) -> None:
        self._signature = signature
        self._zone = zone
        self._kept = [(raw[:MAX_PARSED], places, line) for raw, places, line in kept]
        self._made: tuple[LogEvent, ...] | None = None
        for places in {id(places): places for _, places, _ in kept}.values():
            places.settle()

    def last(self, minutes: Mapping[int, int]) -> datetime | None:
        """The latest time. `minutes` counts lines by when a stretch of time begins: no more of
        them than stand in the last stretch are read, and those are mostly the newest."""
        begin = max(minutes, default=0)
        left = minutes.get(begin, 0)
        latest: datetime | None = None
        for raw, _, _ in reversed(self._kept):
            parsed = parse_line(raw, self._zone)
            if parsed is None or parsed.at is None:
                continue
            latest = parsed.at if latest is None else max(latest, parsed.at)
            left -= parsed.at.timestamp() >= begin
            if left <= 0:
                break
        return latest

    def moved(self, ahead: int) -> "LineEvents":
        """The same, of a file in which so many lines stand before."""
        moved = {id(places): places.moved(ahead) for _, places, _ in self._kept}
        kept = [(raw, moved[id(places)], line) for raw, places, line in self._kept]
        return LineEvents(self._signature, self._zone, kept)

    def then(self, later: "LineEvents", most: int) -> "LineEvents":
        """The newest of both, `later` being those of what follows."""
        return LineEvents(self._signature, self._zone, (self._kept + later._kept)[-most:])

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[LogEvent]:
        if self._made is None:
            self._made = tuple(map(self._event, self._kept))
        return iter(self._made)

    @overload
    def __getitem__(self, number: int) -> LogEvent: ...

    @overload
    def __getitem__(self, number: slice) -> tuple[LogEvent, ...]: ...

    def __getitem__(self, number: int | slice) -> LogEvent | tuple[LogEvent, ...]:
        return tuple(self)[number]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LineEvents | tuple):
            return NotImplemented
        return tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def _event(self, kept: Kept[Places]) -> LogEvent:
        raw, places, line = kept
        return event_of(self._signature, raw, places.of(line), self._zone)


def event_of(signature: Signature, raw: bytes, place: LinePlace, zone: tzinfo | None) -> LogEvent:
    """What a line tells of which it is known that it has this signature."""
    parsed, found = known_line(signature, raw, zone)
    told = found.groupdict() if found else {}
    thread = parsed.thread if parsed and (parsed.thread or 0) < _PTHREAD else None
    return LogEvent(
        signature.id,
        signature.signal,
        parsed.at if parsed else None,
        place,
        decode(raw[:MAX_PARSED]),
        _number(told.get("id")) or thread or None,
        account_of(told),
        float(told["seconds"]) if told.get("seconds") else None,
    )


def account_of(told: Mapping[str, str | None]) -> str | None:
    """The account that a line names, or None where it does not name both parts."""
    user, host = told.get("user"), told.get("host")
    return None if user is None or host is None else account(user, host)


def account(user: str, host: str) -> str:
    """An account as the server writes it."""
    return sanitize(f"'{user}'@'{host}'", 200)


def _number(text: str | None) -> int | None:
    return int(text) if text and len(text) <= 19 else None
