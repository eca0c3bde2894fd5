"""Tells rows of mysql.general_log and mysql.slow_log (log_output=TABLE) from a log file.

They come as the CSV engine's file, as a client printed or exported them, or as a dump. No reader
of a log takes them, and their times make them look like an application's quiet log.
"""

import re
from enum import StrEnum


class LogTable(StrEnum):
    """The tables that a server writes statements to."""

    GENERAL = "general"
    SLOW = "slow"


_COLUMNS = {
    LogTable.GENERAL: (b"event_time", {b"user_host", b"thread_id", b"command_type", b"argument"}),
    LogTable.SLOW: (b"start_time", {b"user_host", b"query_time", b"lock_time", b"sql_text"}),
}

_TIME = rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,6})?"
_BETWEEN = rb"(?:\W|TD|td|field|name|user_host|thread_id|query_time){1,120}?"
"""What stands between two values: commas, tabs, bars, tags, and names where each value has one."""

_WHO = rb"[^\[\n\t|<\"',:]{0,100}\[[^\]\n]{0,300}\] @ [^\[\n]{0,300} \[[^\]\n]{0,100}\]"
"""user_host: `app[app] @ web1 [10.0.0.7]`."""

_ROW = re.compile(
    _TIME
    + _BETWEEN
    + _WHO
    + _BETWEEN
    + rb"(?:(?P<slow>\d{2,3}:\d\d:\d\d)|(?P<thread>\d+)(?![\d:]))"
)
_STAMP = re.compile(_TIME)
_NAME = re.compile(rb"\w+")
_DELIMITER = re.compile(rb'[\s"`]*[\t|,;][\s"`|]*')
_VERTICAL = re.compile(rb"\*{10,} 1\. row \*{10,}\r?\n((?:[ \t]*\w+:[^\n]*\n){1,14})")
_FIRST_LINES = 3


def table_of(head: bytes) -> LogTable | None:
    """The table of whose rows these first bytes of a file are."""
    names = _vertical_names(head) or _header(head)
    for table, (time, others) in _COLUMNS.items():
        if time in names and names & others:
            return table
    row, stamp = _ROW.search(head), _STAMP.search(head)
    if row is None or stamp is None or row.start() != stamp.start():
        return None
    return LogTable.SLOW if row["slow"] else LogTable.GENERAL


def _vertical_names(head: bytes) -> set[bytes]:
    """The columns of `mysql --vertical`, or of \\G."""
    first = _VERTICAL.search(head[:4096])
    lines = first[1].splitlines() if first and not _STAMP.search(head[: first.start()]) else []
    return {line.split(b":")[0].strip() for line in lines}


def _header(head: bytes) -> set[bytes]:
    """The names in a first line that holds nothing but names."""
    lines = [line.strip(b' \t\r|"`') for line in head[:4096].split(b"\n")]
    for line in [x for x in lines if x.strip(b"+-=")][:_FIRST_LINES]:
        names = _DELIMITER.split(line)
        if len(names) > 1 and all(_NAME.fullmatch(name) for name in names):
            return {name.lower() for name in names}
    return set()
