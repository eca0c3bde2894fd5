"""Error log lines inside what other programs put around them. When they show or export it.

Cloud consoles wrap a line in a field of JSON or of their own text form, container consoles put
a spelled-out time before it or export a table's cells, people paste it as a Markdown list, a
quotation or a table.
"""

import json
import re
from typing import Any

FIELDS = ("textPayload", "message", "MESSAGE", "Message", "msg", "log", "line", "body", "data")
"""Fields that hold a log's line: Google Cloud, Azure, journald, Fluentd, Loki, OpenTelemetry."""

_INNER_STAMP = r"(?=\d{4}-\d\d-\d\d[T ](?:[ \d]\d|\d):\d\d:\d\d|\d{6} +\d{1,2}:\d\d:\d\d )"

_MARKUP = re.compile(
    r"(?:\s+|[-*+>•]\s+|\d{1,3}[.)]\s+|[\w./-]{0,80}:?\d{1,7}[:-]\s*" + _INNER_STAMP + r"|`+)+"
)
"""Indents, list marks, quotation marks, grep's file and line number, code marks."""

_FIELD = re.compile(rf'"?(?:{"|".join(FIELDS)})"?\s*[:=]\s*(?=")')
_SPELLED = re.compile(
    r"[\w:,./+\-\[\] |\t]{4,60}?\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?(?: ?[aApP]\.?[mM]\.?)?"
    r"[\]Z]?(?: ?[A-Z]{3,4})?\s*[|\t,;]?\s*" + _INNER_STAMP
)
"""A time in words, as consoles write it: `Tue, May 16 2023 4:12:08 am | `."""

_CELL = re.compile(r"""(?:\d{10,13}|[\dT :.+Z-]{16,40})(?P<mark>,"?)""" + _INNER_STAMP)
"""The time in front of the line in an export of comma-separated values, as CloudWatch makes it."""

_STRING = json.JSONDecoder()
_TRAIL = re.compile(r"[\s`|,}\]]+$")
_STAMP_CELL = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?$")
_LEVELS = {"note": "Note", "warning": "Warning", "error": "ERROR", "system": "System"}
_CODE = re.compile(r"MY-\d{6}$")


def unwrapped(line: str) -> str:
    """The server's own line, where something is around it; otherwise `line` itself."""
    inner = line
    for _ in range(4):
        before = inner
        if found := _MARKUP.match(inner):
            inner = inner[found.end() :]
        if found := _FIELD.match(inner):
            inner = _string(inner[found.end() :])
        if found := _CELL.match(inner):
            inner = inner[found.end() :]
            inner = inner.removesuffix('"').replace('""', '"') if found["mark"][1:] else inner
        if found := _SPELLED.match(inner):
            inner = inner[found.end() :]
        if row := _table_row(inner):
            return row
        if inner == before:
            break
    return _TRAIL.sub("", inner) if inner != line else line


def inner_text(record: dict[str, Any]) -> str | None:
    """The log's line that a record of JSON holds, whoever exported it."""
    for name in FIELDS:
        if isinstance(text := record.get(name), str):
            return text
    for name in ("jsonPayload", "properties", "fields", "_source"):
        if isinstance(inner := record.get(name), dict) and (text := inner_text(inner)) is not None:
            return text
    return None


def _string(text: str) -> str:
    """The string that `text` begins with, its escapes resolved; what is cut is taken as it is."""
    try:
        value, _ = _STRING.raw_decode(text)
    except ValueError:
        return text[1:]
    return value if isinstance(value, str) else text[1:]


def _table_row(line: str) -> str | None:
    """A row of performance_schema.error_log, as a client prints it, in the log's own form."""
    if line.startswith("|"):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    elif "\t" in line:
        cells = [cell.strip() for cell in line.split("\t")]
    else:
        return None
    cells = [cell for cell in cells if cell]
    if len(cells) < 3 or not _STAMP_CELL.match(cells[0]):
        return cells[0] if len(cells) == 1 and line.startswith("|") else None
    thread, level, code, subsystem = "0", "", "", ""
    rest = cells[1:]
    while len(rest) > 1:
        cell = rest[0]
        if cell.isdecimal():
            thread = cell
        elif cell.lower() in _LEVELS:
            level = _LEVELS[cell.lower()]
        elif _CODE.match(cell):
            code = cell
        elif code and not subsystem and cell.isalpha():
            subsystem = cell
        else:
            break
        rest.pop(0)
    if not level:
        return None
    tags = f"[{level}]" + (f" [{code}] [{subsystem or 'Server'}]" if code else "")
    return f"{cells[0]} {thread} {tags} {' | '.join(rest)}"
