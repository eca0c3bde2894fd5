"""Entries of a slow query log: MariaDB's, MySQL's (5.7 to 9, with log_slow_extra) and Percona's.

All write `#` lines of `Name: value` pairs, then `SET timestamp`, then the statement over as many
lines as it takes (The Slow Query Log; MariaDB, "Slow Query Log Extended Statistics"). Pure.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from wizard.safety.sanitize import sanitize

KEPT = 1 << 14
"""Bytes of a statement that are kept; the rest is only counted."""

_BEGINS = (b"# Time: ", b"# User@Host: ")
_WHO = re.compile(
    rb"# User@Host: (?P<user>[^\[\n]{0,100})\[(?P<priv>[^\]\n]{0,100})\] @ "
    rb"(?P<host>[^\[\n]{0,260}?) ?\[(?P<ip>[^\]\n]{0,64})\](?:\s+Id:\s*(?P<id>\d+))?"
)
_PAIR = re.compile(rb"(\w+): ?([^\s:]*(?::\d[^\s]*)?)")
_TIMESTAMP = re.compile(rb"SET timestamp=(\d{1,12})(?:\.(\d{1,6}))?;\s*\Z")
_USE = re.compile(rb"use ([^;\n]{1,130});\s*\Z")
_BANNER = re.compile(rb"\S.{0,400}, Version: .{1,400} started with:\s*\Z")
_OWN = b"/* goneaway-wizard */"


@dataclass(frozen=True, slots=True)
class SlowEntry:
    """One statement. Times in seconds; `began` is when it started. Counts are None where the
    server does not tell them; `errno` is the error that it ended with, `killed` why it was
    stopped (0: it was not)."""

    began: datetime | None
    seconds: float
    user: str
    host: str
    connection_id: int | None
    database: str
    text: bytes
    size: int
    lock_seconds: float = 0.0
    rows_sent: int | None = None
    rows_examined: int | None = None
    rows_affected: int | None = None
    bytes_sent: int | None = None
    bytes_received: int | None = None
    errno: int | None = None
    killed: int | None = None

    @property
    def account(self) -> str:
        return f"{self.user}@{self.host}"

    @property
    def own(self) -> bool:
        return self.text.startswith(_OWN)


def entries(chunks: Iterable[bytes], zone: tzinfo = UTC) -> Iterator[SlowEntry]:
    """`zone` is the server's, for old times without one."""
    block = _Block()
    logged: bytes = b""
    for line in lines(chunks):
        if line.startswith(_BEGINS) and block.has_statement:
            yield from block.entry(logged, zone)
            block = _Block()
        if line.startswith(b"# Time: "):
            logged = line[8:].strip()
        elif _BANNER.match(line):
            yield from block.entry(logged, zone)
            block = _Block()
        else:
            block.take(line)
    yield from block.entry(logged, zone)


def lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """With their ends; a huge line comes in pieces."""
    rest = b""
    for chunk in chunks:
        parts = (
            (rest + chunk).splitlines(keepends=True) if b"\r" not in chunk else _split(rest + chunk)
        )
        rest = parts.pop() if parts and not parts[-1].endswith(b"\n") else b""
        yield from parts
        if len(rest) > 1 << 20:
            yield rest
            rest = b""
    if rest:
        yield rest


def _split(data: bytes) -> list[bytes]:
    """At line feeds only: a statement may hold carriage returns."""
    parts = data.split(b"\n")
    return [part + b"\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


@dataclass(slots=True)
class _Block:
    """The lines of one entry, as they come."""

    who: re.Match[bytes] | None = None
    pairs: dict[bytes, bytes] = field(default_factory=dict)
    began: float | None = None
    used: bytes = b""
    text: bytearray = field(default_factory=bytearray)
    size: int = 0
    has_statement: bool = False

    def take(self, line: bytes) -> None:
        if self.has_statement or not self._head(line):
            if self.who is None:
                return
            self.has_statement = True
            self.size += len(line)
            if len(self.text) < KEPT:
                self.text += line[: KEPT - len(self.text)]

    def _head(self, line: bytes) -> bool:
        """Whether the line belongs to the entry's head."""
        if line.startswith(b"# administrator command: "):
            return False
        if line.startswith(b"#"):
            if found := _WHO.match(line):
                self.who = found
            elif not line.startswith(b"# explain:"):
                self.pairs.update(_PAIR.findall(line[:4000]))
            return True
        if self.who is None or line == b"\n":
            return True
        if found := _TIMESTAMP.match(line):
            self.began = float(found[1] + b"." + (found[2] or b"0"))
            return True
        if found := _USE.match(line):
            if self.began is not None:
                # After the time it is the statement itself.
                return False
            self.used = found[1]
            return True
        return False

    def entry(self, logged: bytes, zone: tzinfo) -> Iterator[SlowEntry]:
        if self.who is None or b"Query_time" not in self.pairs:
            return
        seconds = _decimal(self.pairs.get(b"Query_time")) or 0.0
        host = self.who["host"].strip() or self.who["ip"]
        text = bytes(self.text).rstrip()
        yield SlowEntry(
            self._began(logged, seconds, zone),
            seconds,
            _shown(self.who["user"]),
            _shown(host),
            _whole(self.who["id"] or self.pairs.get(b"Thread_id") or self.pairs.get(b"Id")),
            _shown(self.pairs.get(b"Schema") or self.used),
            text.removeprefix(b"# ").removesuffix(b";"),
            max(0, self.size - (len(self.text) - len(text)) - text.endswith(b";")),
            _decimal(self.pairs.get(b"Lock_time")) or 0.0,
            _whole(self.pairs.get(b"Rows_sent")),
            _whole(self.pairs.get(b"Rows_examined")),
            _whole(self.pairs.get(b"Rows_affected")),
            _whole(self.pairs.get(b"Bytes_sent")),
            _whole(self.pairs.get(b"Bytes_received")),
            _whole(self.pairs.get(b"Errno") or self.pairs.get(b"Last_errno")),
            _whole(self.pairs.get(b"Killed")),
        )

    def _began(self, logged: bytes, seconds: float, zone: tzinfo) -> datetime | None:
        if self.began is not None:
            try:
                return datetime.fromtimestamp(self.began, UTC)
            except (ValueError, OverflowError, OSError):
                return None
        return _moment(logged, seconds, zone)


def _moment(logged: bytes, seconds: float, zone: tzinfo) -> datetime | None:
    """The time at which the entry was written, less the statement's own."""
    text = logged.decode("ascii", "replace")
    try:
        if "T" in text:
            at = datetime.fromisoformat(text)
        else:
            parsed = datetime.strptime(text.replace("  ", " 0"), "%y%m%d %H:%M:%S")
            at = parsed.replace(tzinfo=zone)
        return datetime.fromtimestamp(at.timestamp() - seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _shown(text: bytes) -> str:
    return sanitize(text.decode("utf-8", "replace").strip())


def _whole(text: bytes | None) -> int | None:
    return int(text) if text is not None and text.isdigit() and len(text) < 20 else None


def _decimal(text: bytes | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
