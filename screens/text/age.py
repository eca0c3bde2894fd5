"""How old what is shown is, and whether a change of the server came after it. Pure functions."""

from __future__ import annotations

from datetime import UTC, datetime

from screens.places import STEP_IDS, SYMPTOM, TITLES
from screens.state import State
from wizard.case.case import Case, Change, Outcome
from wizard.case.evidence import StepStatus
from wizard.case.how_far import OVER, ended_by_start, standing

NOT_MADE = ("failed", "not-applied")
"""States of a change that never came into force."""


def read_at(state: State, place: str) -> datetime | None:
    """When the step was read; in a saved case, when the case was made."""
    if place in state.read_at:
        return state.read_at[place]
    case = state.case
    return case.created if case is not None and case.step(place) is not None else None


def last_change(state: State) -> datetime | None:
    """When the server was last changed by the wizard, in this run or before."""
    case = state.case
    made = [c.at for c in _changes(case) if c.state not in NOT_MADE]
    if state.changed_at is not None:
        made.append(state.changed_at)
    return max(made, default=None)


def in_force(case: Case | None) -> tuple[Change, ...]:
    """The changes that could be taken back."""
    return tuple(change for change in _changes(case) if change.state not in OVER)


def in_doubt(change: Change, case: Case) -> str:
    """Why a change that could be taken back mends nothing; empty where it may have."""
    if ended_by_start(change, case):
        return "ended at a restart"
    if change.state not in ("applied", "verified"):
        return "is half made"
    useless = standing(change.state, change.verified).endswith(Outcome.NO_DIFFERENCE)
    return str(Outcome.NO_DIFFERENCE) if useless else ""


def last_turn(state: State) -> tuple[datetime, str] | None:
    """When the server became another one, by a change or by being lost, and which it was."""
    changed = last_change(state)
    turns = [(changed, "the change of")] if changed is not None else []
    turns += [(at, "the connection was lost at") for at in state.losses]
    return max(turns, default=None)


def is_outdated(state: State, place: str) -> bool:
    """Whether the step asks the server, and was read before that became another one.

    What had nothing to read is no older for it.
    """
    result = state.case.step(place) if state.case is not None else None
    if result is not None and result.status is not StepStatus.DONE:
        return False
    read, turn = read_at(state, place), last_turn(state)
    return place != SYMPTOM and read is not None and turn is not None and read < turn[0]


def outdated_line(state: State, place: str) -> str:
    """What stands above a result that is older than a change or a loss; else nothing."""
    turn = last_turn(state)
    if turn is None or not is_outdated(state, place):
        return ""
    again = "" if state.offline else "  F5 reads it again"
    return f"OLD: read before {turn[1]} {told_clock(turn[0])}{again}"


def diagnosis_outdated(state: State) -> str:
    """The same for what rests on all steps: it names those that are older than the change."""
    old = [TITLES[step] for step in STEP_IDS if is_outdated(state, step)]
    turn = last_turn(state)
    if not old or turn is None:
        return ""
    again = "" if state.offline else "  F6 reads all again"
    listed = f"{len(old)} steps" if len(old) > 2 else " and ".join(old)
    were = "was" if len(old) == 1 else "were"
    return f"OLD: {listed} {were} read before {turn[1]} {told_clock(turn[0])}{again}"


def read_words(state: State, place: str, now: datetime) -> str:
    """`read 10:01:05 (2 min ago)`; empty for what was not read."""
    at = read_at(state, place)
    if at is None:
        return ""
    return f"read {told_clock(at)} ({ago(at, now)})"


def told_clock(at: datetime) -> str:
    """The time of day in UTC, as all times on the screens and in the report are."""
    return f"{at.astimezone(UTC):%H:%M:%S} UTC"


def ago(at: datetime, now: datetime) -> str:
    seconds = max(int((now - at).total_seconds()), 0)
    for limit, size, unit in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return "now" if seconds < 10 else f"{seconds // size} {unit} ago"
    return f"{seconds // 86_400} days ago"


def _changes(case: Case | None) -> tuple[Change, ...]:
    return case.changes if case is not None else ()
