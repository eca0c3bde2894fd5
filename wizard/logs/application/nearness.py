"""Whether two tellings were told in one moment: by their times, or by how they stand.

In a log without times the place in the code, an echo, a stack or the same words tell it.
"""

import re
from datetime import timedelta

from wizard.logs.application.telling import CLOSE, Telling

PATIENCE = timedelta(seconds=15)
"""How far apart the attempts are that a pool makes in the background for one who waits."""

_CLASS = re.compile(r"\b\w+\.[\w.$]*(?:Exception|Error): (?=\S{2})")
_FRAME = re.compile(r"(?:Error: |[A-Z]{4}\[\d+\] )?")
"""What a program's last word, or a logger on a terminal, begins with."""

_WHOLE = 40
"""Characters of a message that nobody says of two jobs."""

_LEAST = 12
"""Characters of a message that say more than the words of any other."""

PHP_ENGINE = re.compile(
    r"PHP (?:Warning|Notice|Fatal)|(?:Warning|Fatal error|Notice): |Severity: \w+ --> "
)
"""PHP's own messages, the last as CodeIgniter logs them."""


def near(one: Telling, other: Telling) -> bool:
    """Whether both were told in one moment. One that has no time of its own, and no narrow
    bounds, is near only to what stands next to it."""
    if one.vague or other.vague:
        if one.when is None and other.when is None:
            # In a log without times a place in the code tells that both are one, or an echo.
            return one.above is other.above and (
                one.above is not None
                or bool(one.places & other.places)
                or _next_line(one, other)
                or _is_passed_on(one, other)
                or _is_stack_of(one, other)
                or _says_again(one, other)
            )
        untimed, timed = (one, other) if one.when is None else (other, one)
        return timed.when is untimed.above or timed.when is untimed.below
    if one.last is None or other.last is None or one.first is None or other.first is None:
        return False
    reach = PATIENCE if one.background and one.first <= other.first else CLOSE
    return max(other.first - one.last, one.first - other.last) <= reach


def _next_line(one: Telling, other: Telling) -> bool:
    """Whether one only says again what the line before it has told."""
    echo = "echo" in (one.error.role, other.error.role)
    return echo and one.source == other.source and abs(one.line - other.line) == 1


def _is_passed_on(one: Telling, other: Telling) -> bool:
    """Whether a program tells, right below PHP's own message, the very same error."""
    return (
        PHP_ENGINE.search(one.text) is not None
        and not PHP_ENGINE.search(other.text)
        and one.source == other.source
        and other.line - one.ends == 1
        and one.error.number in (None, other.error.number)
    )


def _is_stack_of(one: Telling, other: Telling) -> bool:
    """Whether the next line begins the stack of the exception whose message the first one is."""
    named = _CLASS.search(other.text)
    if named is None or _CLASS.search(one.text) or one.source != other.source:
        return False
    message = other.text[named.end() :].strip()
    return other.begins - one.ends == 1 and len(message) > _LEAST and message in one.text


def _says_again(one: Telling, other: Telling) -> bool:
    """Whether the line or stack right below a message holds it again in another frame.

    The very same line is what a loop prints for its next job.
    """
    if one.source != other.source or other.begins - one.ends != 1:
        return False
    first, below = (_FRAME.sub("", t.text.strip()) for t in (one, other))
    short, long = sorted((first, below), key=len)
    if len(short) < _WHOLE or one.text.strip() == other.text.strip():
        return False
    # `order 1` is no part of `order 12`.
    end = long.find(short) + len(short)
    return short in long and not (short[-1].isalnum() and long[end : end + 1].isalnum())
