"""The events that a recorder kept, read for a window. A torn last line is left out."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from wizard.case.case import Window
from wizard.hosts.protocol import Host, HostError, NotFound
from wizard.logs.recorded.note import BESIDE_EVENTS
from wizard.safety.sanitize import sanitize

EVENTS = "events.jsonl"
FILES = 8
"""Files that are kept beside the one that is written (`events.jsonl.1`, the newest, and on)."""

_BLOCK = 4 << 20
_LONGEST_LINE = 1 << 16


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One line of a recording. `kind` is one of the words of the JSON contract, `began` when
    that began which ended at `at`; the session's fields are "" or None where there is none."""

    at: datetime
    kind: str
    text: str
    cause: str = ""
    verdict: str = ""
    count: int = 1
    began: datetime | None = None
    connection_id: int | None = None
    account: str = ""
    seconds: float | None = None
    statement_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording's events inside a window, oldest first, and how far it reaches.

    `first` is its oldest event of any time, `looked_until` when it last looked, where that is
    known. `unread` counts lines that no version of ours wrote.
    """

    directory: str
    events: tuple[RecordedEvent, ...]
    first: datetime | None = None
    looked_until: datetime | None = None
    unread: int = 0
    bytes_read: int = 0


@dataclass(slots=True)
class _Reading:
    window: Window | None
    events: list[RecordedEvent] = field(default_factory=list)
    first: datetime | None = None
    unread: int = 0
    bytes_read: int = 0

    def take(self, line: bytes) -> None:
        try:
            event = parsed(line.decode("utf-8", "replace"))
        except (ValueError, TypeError, KeyError, RecursionError):
            self.unread += 1
            return
        if self.first is None or event.at < self.first:
            self.first = event.at
        if self.window is None or self.window.holds(event.at) or self.window.holds(event.began):
            self.events.append(event)


def recorded(
    host: Host,
    directory: str,
    window: Window | None,
    checkpoint: Callable[[], None] = lambda: None,
) -> Recorded:
    """The events of the window, or all. Raises HostError where no file of it can be read."""
    reading = _Reading(window)
    found = False
    for name in (*(f"{EVENTS}.{number}" for number in range(FILES, 0, -1)), EVENTS):
        path = str(PurePosixPath(directory) / name)
        try:
            written = host.stat(path).mtime
        except NotFound:
            continue
        found = True
        if window is not None and written < window.since.timestamp():
            continue
        for line in _lines(host, path, reading):
            checkpoint()
            reading.take(line)
    if not found:
        raise NotFound(f"{directory} holds no recording ({EVENTS})")
    reading.events.sort(key=lambda event: event.at)
    return Recorded(
        directory,
        tuple(reading.events),
        reading.first,
        _looked_until(host, directory),
        reading.unread,
        reading.bytes_read,
    )


def _lines(host: Host, path: str, reading: _Reading) -> Iterator[bytes]:
    """Whole lines; one that is longer than any of ours is dropped."""
    offset, rest = 0, b""
    while data := host.read(path, offset, _BLOCK):
        offset += len(data)
        reading.bytes_read += len(data)
        *whole, rest = (rest + data).split(b"\n")
        yield from (line for line in whole if line.strip())
        if len(rest) > _LONGEST_LINE:
            rest = b""


def parsed(line: str) -> RecordedEvent:
    """One line of JSON as `watch --format json` writes it. Raises ValueError."""
    told = json.loads(line)
    if not isinstance(told, dict) or not isinstance(told["event"], str):
        raise ValueError("no event of a recorder")
    session = told.get("session") or {}
    user, host = sanitize(str(session.get("user", ""))), sanitize(str(session.get("host", "")))
    began = told.get("began")
    return RecordedEvent(
        _moment(str(told["at"])),
        sanitize(told["event"]),
        sanitize(str(told.get("text", ""))),
        sanitize(str(told.get("cause") or "")),
        sanitize(str(told.get("verdict") or "")),
        int(told.get("count") or 1),
        _moment(str(began)) if began else None,
        int(session["id"]) if "id" in session else None,
        f"{user}@{host}" if host else user,
        float(session["seconds"]) if "seconds" in session else None,
        int(session["statement_bytes"]) if "statement_bytes" in session else None,
    )


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.astimezone()


def _looked_until(host: Host, directory: str) -> datetime | None:
    try:
        stamp = host.stat(PurePosixPath(directory) / BESIDE_EVENTS).mtime
    except HostError:
        return None
    return datetime.fromtimestamp(stamp).astimezone()
