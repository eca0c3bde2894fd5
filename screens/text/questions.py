"""The questions that decide where a failure is known and its cause is not. Pure functions."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from screens.state import State
from screens.text.next_step import nothing_suspected
from wizard.case.evidence import StepResult, StepStatus

_CLOCK = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b")
_DATED = re.compile(r"^\d{4}-\d{2}-\d{2}[ T]\d{1,2}:\d{2}")

QUESTIONS = (
    "Three questions decide it:",
    " 1 When did it fail? Enter leads there, F5 reads it.",
    " 2 Had it rested before? yes: t, idle ladder (30 s);",
    "   no: 7, packet ladder; not known: 7, a runs all.",
    " 3 Where is the application's log? App log, then F5.",
)
OPEN = (
    "Nothing decides yet. What would:",
    " 1  its time, or the application's log (Symptom)",
    " t  idle ladder, 30 s: did it rest too long?",
    " 7  packet ladder, 20 s: was a statement too large?",
)
"""The same where the verdicts stand, each with its key."""


def questions(state: State) -> str:
    """Shown under the form; empty where a cause is known or nothing failed."""
    return "\n".join(QUESTIONS) if nothing_suspected(state) else ""


def what_would_decide(state: State) -> str:
    """Shown over the verdicts where none of them explains a failure."""
    return "\n".join(OPEN) if nothing_suspected(state) else ""


def form_problem(text: str, when: str, result: StepResult | None) -> str:
    """What of the form could not be used, and why; empty where all of it was."""
    when = when.strip()
    if not when:
        told = ""
    elif not text.strip():
        told = f"When: {when} belongs to a pasted error, and there is none."
    elif names_its_time(text):
        told = f"When: {when} is not used, for the text names its own time."
    elif with_time(text, when, datetime.now().astimezone()) == text:
        told = f"When: {when} is no time. Give 03:02, or 2026-03-01 03:02."
    else:
        told = ""
    unread = result.reason if result is not None and result.status is StepStatus.DONE else ""
    return "\n".join(part for part in (told, unread or "", *outside(result)) if part)


def outside(result: StepResult | None) -> list[str]:
    """What the step says of failures that it did not count, for they are too old or too new."""
    notes = result.notes if result is not None else ()
    return [note for note in notes if "outside the window" in note]


def names_its_time(text: str) -> bool:
    return _CLOCK.search(text) is not None


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


def another_password(user: str, server: str) -> str:
    return (
        f"Another password for '{user}' at {server}? It is kept in memory only."
        " Enter alone tries the same again; for another account leave with q and use -u."
    )
