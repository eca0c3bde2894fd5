"""The questions that decide where a failure is known and its cause is not. Pure functions."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from screens.state import State
from screens.text.open_questions import OpenQuestions, open_questions
from wizard.case.evidence import StepResult, StepStatus
from wizard.steps.limits import DEFAULT_LIMITS
from wizard.units import duration

_CLOCK = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b")
_DATED = re.compile(r"^\d{4}-\d{2}-\d{2}[ T]\d{1,2}:\d{2}")

_HEADS = ("", "One question decides it:", "Two questions decide it:", "Three questions decide it:")
_WHEN = "When did it fail? Enter leads there, F5 reads it."
_LOG = "Where is the application's log? App log, then F5."
_RESTED = (
    "Had it rested before? yes: t, idle ladder (30 s);",
    "no: 7, packet ladder; not known: 7, a runs all.",
)
_SERVER = (
    "Which server was it? q leaves: start again with",
    "it and the error. Its log and settings decide.",
)


def questions(state: State) -> str:
    """Shown under the form; empty where a cause is known or nothing failed."""
    asked = open_questions(state)
    if asked is None:
        return ""
    told = [[_WHEN]] if asked.time else []
    if asked.server:
        told.append([*_SERVER])
    elif not state.offline:
        told.append(_had_rested(asked))
    told += [[_LOG]] if asked.log else []
    if not told:
        return ""
    rows = [
        f" {number if row == 0 else ' '} {line}"
        for number, lines in enumerate(told, 1)
        for row, line in enumerate(lines)
    ]
    return "\n".join((_HEADS[len(told)], *rows))


def _had_rested(asked: OpenQuestions) -> list[str]:
    if not asked.rested:
        return [*_RESTED]
    return [f"Who cuts what rests {duration(asked.rested)}? {_ladder(asked)}"]


def _ladder(asked: OpenQuestions) -> str:
    """How to start the idle ladder so that it reaches the rest that is known."""
    if asked.rested <= DEFAULT_LIMITS.idle_seconds:
        return "t, idle ladder."
    return "7, l: idle ladder so long."


def what_would_decide(state: State) -> str:
    """Shown over the verdicts where none of them explains a failure, each with its key."""
    asked = open_questions(state)
    if asked is None:
        return ""
    told = []
    wanted = [word for word, is_open in (("its time", asked.time), ("the application's log",
              asked.log)) if is_open]  # fmt: skip
    if wanted:
        told.append(f" 1  {', or '.join(wanted)} (Symptom)")
    if asked.server:
        told.append(" q  leave; start again with the server it was")
    elif not state.offline:
        told.append(_which_ladder(asked))
        told.append(" 7  packet ladder, 20 s: was a statement too large?")
    return "\n".join(("Nothing decides yet. What would:", *told)) if told else ""


def _which_ladder(asked: OpenQuestions) -> str:
    if asked.rested <= DEFAULT_LIMITS.idle_seconds:
        return " t  idle ladder, 30 s: did it rest too long?"
    return f" 7  l, idle ladder up to the {duration(asked.rested)} that it had rested"


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
