"""What another look at the steps brought: which of them say something else now. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from screens.places import DIAGNOSIS, TITLES
from screens.state import State
from wizard.case.evidence import StepResult
from wizard.diagnosis.model import Diagnosis

Read = Mapping[str, object]
"""What each step said, by its id; None where it said nothing."""

NAMED = 4
"""As many changed steps as a status line holds."""


def what_was_read(state: State, steps: Iterable[str]) -> Read:
    """What these steps and the diagnosis say now, but for how long it took to find out."""
    case = state.case
    read: dict[str, object] = {
        step: _timeless(case.step(step) if case is not None else None) for step in steps
    }
    return {**read, DIAGNOSIS: _verdicts(state.diagnosis)}


def read_again(before: Read, after: Read) -> str:
    """That nothing has changed, or what did; empty where one step alone was read and changed."""
    changed = [TITLES.get(step, step) for step in before if before[step] != after.get(step)]
    if not changed:
        return "Read again: nothing has changed."
    if len(before) <= 2:
        return ""
    more = f" and {len(changed) - NAMED} more" if len(changed) > NAMED else ""
    return f"Read again. Changed: {', '.join(changed[:NAMED])}{more}."


def _timeless(result: StepResult | None) -> StepResult | None:
    return None if result is None else replace(result, seconds=0.0)


def _verdicts(diagnosis: Diagnosis | None) -> object:
    findings = diagnosis.findings if diagnosis is not None else ()
    return tuple((f.cause, f.verdict, f.explains) for f in findings)
