"""Entries of a general query log, in MariaDB's and MySQL's file formats. Pure.

MySQL 5.7 and later begin each entry with an ISO time; MariaDB and MySQL 5.6 write `yymmdd
hh:mm:ss` once a second and two tabs else. A statement goes on over lines until the next entry
begins, and may hold any byte (The General Query Log).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import pairwise

COMMANDS = (
    "Sleep", "Quit", "Init DB", "Query", "Field List", "Create DB", "Drop DB", "Refresh",
    "Shutdown", "Statistics", "Processlist", "Connect Out", "Connect", "Kill", "Debug", "Ping",
    "Time", "Delayed insert", "Change user", "Binlog Dump GTID", "Binlog Dump", "Table Dump",
    "Register Slave", "Register Replica", "Prepare", "Execute", "Long Data", "Close stmt",
    "Reset stmt", "Set option", "Fetch", "Daemon", "Error", "Reset Connection", "Reset connection",
    "Bulk_execute", "Slave_worker", "Slave_IO", "Slave_SQL", "clone",
)  # fmt: skip
"""Names of commands, as both servers write them (sql/sql_parse.cc, command_name)."""

KEPT = 1 << 14
"""Bytes of a statement that are kept; the rest is only counted."""

_HEAD = re.compile(
    rb"\n(?:(?P<iso>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d))\t"
    rb"|(?P<old>\d{6} [ \d]\d:\d\d:\d\d)\t|\t\t) *(?P<id>\d{1,20}) "
    rb"(?P<command>" + b"|".join(c.encode() for c in COMMANDS) + rb")(?:\t|(?= *$))"
    rb"|\n(?P<start>[^\t\n]{1,400}, Version: [^\n]{1,400} started with:)$",
    re.MULTILINE,
)
"""With the line end before it: from one to the next the search goes in one step."""
_NAMES = {name.encode(): name for name in COMMANDS}
_LARGE = 1 << 20


@dataclass(slots=True)
class GeneralEntry:
    """`text` holds at most KEPT bytes of the argument, `size` is all of it. `at` is the last
    time that the log told; None before the first. `program` is not in the log.

    It is not frozen: a log has millions, and each field would cost a call more to set."""

    at: datetime | None
    connection_id: int
    command: str
    text: bytes
    size: int


def entries(chunks: Iterable[bytes], zone: tzinfo = UTC) -> Iterator[GeneralEntry]:
    """`zone` is the server's, for the times that have none of their own."""
    reader = _Reader(zone)
    buffer, dropped = b"\n", 0
    for chunk in chunks:
        buffer += chunk
        heads = list(_HEAD.finditer(buffer))
        # A head at the very end may yet go on; the last entry always may.
        while heads and heads[-1].end() + 64 > len(buffer):
            heads.pop()
        for head, following in pairwise(heads):
            found = reader.entry(head, buffer[head.end() : following.start()], dropped)
            if found is not None:
                yield found
            dropped = 0
        if heads:
            buffer = buffer[heads[-1].start() :]
        if len(buffer) > _LARGE and heads:
            # The statement goes on: its head and beginning stay, and the end where a new one is.
            kept, tail = heads[-1].end() - heads[-1].start() + KEPT, 1 << 12
            dropped += len(buffer) - kept - tail
            buffer = buffer[:kept] + buffer[-tail:]
        elif len(buffer) > _LARGE:
            buffer = buffer[-(1 << 12) :]
    heads = list(_HEAD.finditer(buffer))
    ends = [*(head.start() for head in heads[1:]), len(buffer) - buffer.endswith(b"\n")]
    for head, end in zip(heads, ends, strict=False):
        found = reader.entry(head, buffer[head.end() : end], dropped)
        if found is not None:
            yield found
        dropped = 0


class _Reader:
    """Carries the time from entry to entry."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._at: datetime | None = None
        self._stamp = b""

    def entry(self, head: re.Match[bytes], text: bytes, dropped: int) -> GeneralEntry | None:
        """None for a start of the server."""
        iso, old, number, command, start = head.groups()
        if start:
            return None
        stamp = iso or old
        if stamp and stamp != self._stamp:
            self._stamp = stamp
            self._at = _moment(stamp, old is not None, self._zone) or self._at
        size = len(text) + dropped
        return GeneralEntry(self._at, int(number), _NAMES[command], text[:KEPT], size)


def _moment(stamp: bytes, old: bool, zone: tzinfo) -> datetime | None:
    """None for a time that is none (a statement may look like an entry)."""
    text = stamp.decode("ascii")
    try:
        if old:
            text = text.replace("  ", " 0")
            return datetime.strptime(text, "%y%m%d %H:%M:%S").replace(tzinfo=zone)
        return datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None


def seconds_between(earlier: datetime | None, later: datetime | None) -> float:
    """0 where either is unknown, or the clock went back."""
    if earlier is None or later is None:
        return 0.0
    return max(0.0, (later - earlier).total_seconds())
