"""The questions that decide where a failure is known and its cause is not. Pure functions."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from screens.state import State
from screens.text.next_step import nothing_suspected

_CLOCK = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b")
_DATED = re.compile(r"^\d{4}-\d{2}-\d{2}[ T]\d{1,2}:\d{2}")

QUESTIONS = (
    "Three questions decide it:",
    "  1  When did it fail?  Fill in When (Enter, Tab), then F5.",
    "  2  Had the connection rested before?  yes: t, the idle ladder (30 s)",
    "     no, at once: 7, the packet ladder. Not known: t, and a to run all.",
    "  3  Where is the application's log?  Fill in App log, then F5.",
)


def questions(state: State) -> str:
    """Shown under the form; empty where a cause is known or nothing failed."""
    return "\n".join(QUESTIONS) if nothing_suspected(state) else ""


def with_time(text: str, when: str, now: datetime) -> str:
    """`text` with the time that the operator gave in front, where it has none of its own.

    `when` is `HH:MM[:SS]`, the last time that it was so late, or begins with a date.
    """
    when = when.strip()
    if not text.strip() or not when or _CLOCK.search(text):
        return text
    if _DATED.match(when):
        return f"{when} {text}"
    clock = _CLOCK.fullmatch(when)
    if clock is None:
        return text
    hour, minute, second = (*map(int, when.split(":")), 0)[:3]
    if hour > 23 or minute > 59 or second > 59:
        return text
    at = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
    if at > now:
        at -= timedelta(days=1)
    return f"{at:%Y-%m-%d %H:%M:%S} {text}"
