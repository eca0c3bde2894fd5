"""Whether a line goes on with the open record, told by the text behind its prefix.

Each line of a stack may carry a time, a logger's header or a container's prefix of its own.
"""

import re
from collections.abc import Iterator

from wizard.logs.application.record import Record, Source
from wizard.logs.application.stack_lines import (
    begins_exception,
    begins_traceback,
    frame_place,
    is_continuation,
    is_stack,
    quotes_code,
)
from wizard.logs.application.stamps import Stamp, StampReader

_DIGITS = re.compile(r"\d+")
_TELLS = re.compile(r"(?:Error|Exception): |\bUncaught |\bSQLSTATE\[")
"""What no header holds: then the line tells an error of its own, and its stack behind it."""

_SEPARATOR = re.compile(r"[\])>|:,]?[\s|:-]?")


def goes_on(source: Source, stamp: Stamp, rest: str, stamps: StampReader) -> str | None:
    """The text behind the prefix where it goes on with the open record; else None."""
    record = source.record
    if not record.line:
        return None
    separator = _SEPARATOR.match(rest)
    body = rest[separator.end() :] if separator else rest
    if is_stack(body) and not begins_traceback(body):
        source.every_line = True
        source.traceback = source.traceback or quotes_code(body)
        return body
    if not body.strip() and record.when is not None and _soon(record, stamp, stamps):
        return body
    if source.every_line and _soon(record, stamp, stamps):
        deeper = rest[_indent(record.head) :]
        if continues(source, deeper):
            return deeper
    squeezed = _DIGITS.sub("0", rest)
    if source.header and squeezed.startswith(source.header):
        body = rest[_unsqueezed(rest, len(source.header)) :]
        return body if continues(source, body) else None
    place = frame_place(rest)
    if place < 0:
        return None
    header = _DIGITS.sub("0", rest[:place]).rstrip()
    if not _DIGITS.sub("0", record.head).startswith(header) or _TELLS.search(header):
        return None
    if not _soon(record, stamp, stamps):
        return None
    source.header = header
    source.traceback = True
    return rest[place:]


def may_go_on(rest: str) -> bool:
    """Whether the line with this text behind its time may go on with a record, or teach how."""
    separator = _SEPARATOR.match(rest)
    body = rest[separator.end() :] if separator else rest
    return not body.strip() or is_stack(body) or frame_place(rest) >= 0


def open_stack(source: Source, rest: str) -> None:
    """Learn the header from a record that begins with a stack's line."""
    place = frame_place(rest)
    if place >= 0 and not _TELLS.search(rest, 0, place):
        source.header = _DIGITS.sub("0", rest[:place]).rstrip()
        source.stack_age = 0
        source.traceback = True


def continues(source: Source, body: str) -> bool:
    """Whether the line with this text behind its prefix goes on with the open record. The
    first line of a Python traceback that is not indented is the exception itself."""
    text = body[1:] if body[:1] == " " and source.header else body
    if not source.record.line:
        return False
    if begins_traceback(text) or is_stack(text):
        source.traceback = True
        return True
    if is_continuation(text):
        return True
    if source.traceback and begins_exception(text):
        source.traceback = False
        return True
    return False


def belongs(source: Source, text: str, outer: str, stamps: StampReader) -> bool:
    """Whether a line whose prefix has a time goes on with the open record."""
    if not continues(source, text):
        return False
    when, stamp = source.record.when, stamps.find(outer)
    if when is None or when.outer is None or stamp is None:
        return True
    earlier, later = stamps.read(when.outer), stamps.read(stamp)
    return earlier is None or later is None or abs((later - earlier).total_seconds()) <= 1


def _soon(record: Record, stamp: Stamp, stamps: StampReader) -> bool:
    if record.when is None or record.when.own is None:
        return True
    before = record.when.own
    earlier, later = stamps.naive(before), stamps.naive(stamp)
    if earlier is None or later is None:
        earlier, later = stamps.read(before), stamps.read(stamp)
    return earlier is None or later is None or abs((later - earlier).total_seconds()) <= 1


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _unsqueezed(text: str, squeezed: int) -> int:
    """The length of that part of `text` which has `squeezed` characters.

    Each number counts as one digit.
    """
    short = taken = 0
    for piece in _pieces(text):
        if short >= squeezed:
            break
        short += 1 if piece.isdecimal() else len(piece)
        taken += len(piece)
        if short > squeezed:
            taken -= short - squeezed
    return taken


def _pieces(text: str) -> Iterator[str]:
    yield from (piece for piece in re.split(r"(\d+)", text) if piece)
