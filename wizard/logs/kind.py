"""What kind of log a file is, from its first lines."""

import re
from enum import StrEnum

from wizard.logs.error.line import parse_line


class LogKind(StrEnum):
    ERROR = "error"
    GENERAL = "general"
    SLOW = "slow"
    APP = "app"


_SLOW = re.compile(rb"^# (?:User@Host: |Query_time: |Thread_id: )", re.M)
_GENERAL_HEAD = re.compile(rb"^Time\s+Id\s+Command\s+Argument", re.M)
_GENERAL_LINE = re.compile(
    rb"^(?:\S+Z?\t|\d{6} +\d+:\d\d:\d\d\t|\t\t)? *\d+ "
    rb"(?:Connect|Query|Quit|Init DB|Prepare|Execute|Close stmt)\b",
    re.M,
)
_SERVER = re.compile(
    rb"Aborted connection \d+ |ready for connections\.| starting as process |"
    rb"Starting MariaDB |\[MY-\d{6}\] \[|(?:mysqld|mariadbd)(?:_safe|:| got signal| \(initiated)"
)

LEVELS = frozenset(("note", "warning", "error", "system"))


def kind_of(head: bytes) -> LogKind:
    """The kind that the first bytes of a file look like.

    An application's log where nothing says otherwise.
    """
    known = _of_statements(head)
    if known is None:
        known = LogKind.ERROR if _SERVER.search(head) else looks_like(head)
    return known or LogKind.APP


def looks_like(head: bytes) -> LogKind | None:
    """The kind of server's log that most of these lines have the form of.

    An application's log may hold some of them: its own, or those of a server beside it.
    """
    lines = _lines(head)
    if known := _of_statements(head):
        return known
    parsed = [p for p in (parse_line(line) for line in lines) if p is not None]
    stamped = sum(1 for p in parsed if p.at and p.level in LEVELS and p.thread is not None)
    return LogKind.ERROR if stamped * 2 > len(lines) else None


def _of_statements(head: bytes) -> LogKind | None:
    if _SLOW.search(head):
        return LogKind.SLOW
    general = len(_GENERAL_LINE.findall(head))
    if _GENERAL_HEAD.search(head) or general >= 3 or general * 2 > len(_lines(head)):
        return LogKind.GENERAL
    return None


def _lines(head: bytes) -> list[bytes]:
    return [line for line in head.split(b"\n") if line.strip()][:200]
