"""Which error a record's line tells, and whether it begins another record. Pure."""

import re

from knowledge.load import signatures
from wizard.logs.application.client_error import Recognised, recognise
from wizard.logs.application.mentions import (
    Level,
    is_bare,
    is_listed,
    is_of_another,
    is_told_of,
    only_mentions,
    speaks_of_failure,
    tells_of_a_change,
)
from wizard.logs.application.record import Record
from wizard.logs.application.stack_lines import (
    begins_exception,
    begins_traceback,
    chains,
    goes_below,
    is_continuation,
    is_frame,
    is_source_code,
    quotes_code,
)
from wizard.logs.application.stack_places import place_of, placed

LITERALS = {s.id: s.literal.lower() for s in signatures("client")}
"""Of each signature the words that its texts hold."""

NOT_A_BREAK = (" ", "\t")
"""What a line begins with that goes on with the one above."""

# A line that begins another failure, not the next line of the same one.
_FRESH = re.compile(
    r"ERROR \d{4} \(|Error: |PHP |(?:Fatal error|Warning|Notice|Uncaught \w+): |panic: |SQLSTATE\["
    r"|(?:mysql|mysqldump|mariadb|mariadb-dump|mysqlimport): |WordPress database error"
    r"|\[mysql\] |\[?(?:[A-Z][a-z]{2} )?\d\d:\d\d:\d\d[ .,\]]|DBD::"
    r"|Exception in thread|Connection Error"
)
_PROPERTY = re.compile(
    r"(?:code|errno|sqlState|sqlMessage|syscall|fatal|address|port"
    r"|parent|original|originalError|driverError|cause|\[cause\]): "
)
"""A field of the error that Node prints, from a paste that lost its indent."""

_WRAPPER = "DatabaseExceptionWrapper: "
"""Drupal prints it, and below it the PDOException that it wraps."""

_FRAME_ONLY = "client-class-"
"""Signatures of what only stands around an error, which may follow on a line of its own."""

_COMPANIONS = frozenset({"client-last-packet", "client-no-packets-java"})
_LEVEL_LINE = re.compile(r"(?:SEVERE|WARNING|ERROR|WARN|FATAL|INFO|FINE|DEBUG): ")
_ONLY_PLACE = re.compile(r"\s*\S+\.go:\d+\s*")
"""GORM tells the place in the code behind the time, and its message on the next line."""

_INFO = re.compile(r"(?i)\binfo(?:rmation)?\b[\]>):,|\s-]*")


def error_in(record: Record, number: int, text: str, flavor: str) -> tuple[Recognised | None, int]:
    """The error that line `number` of the record tells, and where its words begin."""
    error = recognise(text, flavor, near=True)
    if error is None:
        return None, 0
    literal = LITERALS[error.signature]
    place = max(0, text.lower().find(literal))
    if is_frame(text) or (quotes_code(record.last) and is_source_code(text)):
        return None, 0
    if only_mentions(text, place, place + len(literal)) or tells_of_a_change(record.begun, text):
        return None, 0
    dated = record.when is not None
    if is_told_of(text, place, dated) or is_listed(record.begun, text, dated):
        return None, 0
    if is_of_another(text) or _is_quiet(record, number, text, place, error.role == "near"):
        return None, 0
    return error, place


def _is_quiet(record: Record, number: int, text: str, place: int, vague: bool) -> bool:
    """Whether the record's level says that this is no failure; `vague` words never are one."""
    if record.level not in (Level.DEBUG, Level.INFO):
        return False
    if number == record.line:
        if vague or record.level is Level.DEBUG:
            return True
        start = text.find(record.head[:40].strip()) if record.head.strip() else 0
        message = text[max(start, 0) : place]
        level = _INFO.search(message)
        return not is_bare(message[level.end() :] if level else message)
    # An exception below a quiet line is told by it, unless it plainly is printed by itself.
    stays = record.last.strip() and (begins_exception(text) or is_continuation(text))
    return bool(stays) and speaks_of_failure(record.head) and not _FRESH.match(text)


def note_stack(record: Record, text: str) -> None:
    """Take a line of a stack, or another below the error.

    Python's frames stand above their error, those of all others below it.
    """
    if begins_traceback(text):
        record.place = None
    frame, place = is_frame(text), place_of(text)
    if record.traceback:
        record.place = record.place or place
    if not record.told:
        return
    if chains(text):
        record.chained = True
    if not record.traceback and not record.chained:
        record.told[-1].error = placed(record.told[-1].error, place)
    if frame and len(record.stack) < 4:
        record.stack.append(text.strip()[:200])


def is_closed_for(record: Record, text: str) -> bool:
    """Whether a stack that begins with `text` is another than the record's own.

    A logger prints one below its message.
    """
    if not record.told or record.chained or record.whole:
        return False
    return record.when is None or record.traceback or not begins_traceback(text)


def stands_apart(record: Record, number: int, text: str) -> bool:
    """Whether the line, without a time, is no part of the stamped record above it."""
    if record.complete:
        return True
    if record.when is None or record.whole or number == record.line or record.told:
        return False
    if record.chained or speaks_of_failure(record.head) or _ONLY_PLACE.fullmatch(record.head):
        return False
    if not record.head.strip() and number - record.line == 1:
        return False  # The time stands on a line of its own.
    return not (_LEVEL_LINE.match(text) or _LEVEL_LINE.match(record.last)) and (
        text[:1] not in NOT_A_BREAK or record.level in (Level.INFO, Level.DEBUG)
    )


def is_property(text: str) -> bool:
    return _PROPERTY.match(text) is not None


def is_shown_above(record: Record) -> bool:
    """Whether an object that tells neither time nor message is the error of the line above."""
    return bool(record.told) and (
        record.told[-1].text == record.last or (not record.whole and is_frame(record.last))
    )


def begins_another(record: Record, error: Recognised, text: str) -> bool:
    """Whether the line tells another failure than the record that it would go on with."""
    if not record.told or record.chained or record.whole:
        return False
    last = record.told[-1].error
    if error.signature in _COMPANIONS and error.signature != last.signature:
        return False
    if text[:1] in NOT_A_BREAK or _PROPERTY.match(text) or chains(text) or last.role == "echo":
        return False
    if last.signature.startswith(_FRAME_ONLY):
        return False
    if _WRAPPER in record.head and text.startswith("PDOException: ") and len(record.told) == 1:
        return False
    if goes_below(text) and is_frame(record.last):
        return False
    return record.when is None or _FRESH.match(text) is not None
