"""The probes' states in words. Pure functions; the first paint needs them."""

from __future__ import annotations

from screens.state import State
from screens.text.words import state_word
from wizard.case.evidence import StepResult, StepStatus
from wizard.steps import names
from wizard.units import duration


def result_of(probe: str, state: State) -> StepResult | None:
    """How the probe's last run ended."""
    return state.case.step(probe) if state.case is not None else None


def probe_word(probe: str, state: State, now: float) -> str:
    """A probe's state in words; `now` is in monotonic seconds."""
    if state.running == probe:
        return f"running {duration(max(int(now - state.began), 0))}"
    if probe in state.awaited:
        return "waiting"
    result = result_of(probe, state)
    return "not run" if result is None else state_word(result)


def probes_line(state: State) -> str:
    """How many of the experiments were run, for the head of their place: `2 of 7`."""
    probes = names.PROBE_IDS
    run = sum(result_of(name, state) is not None for name in probes)
    return f"{run} of {len(probes)}"


def network_word(state: State) -> str:
    """The state of all probes in a word or two, for the list of places."""
    probes = names.PROBE_IDS
    if state.running in probes:
        return "running"
    results = [r for r in (result_of(name, state) for name in probes) if r is not None]
    found = sum(len(result.evidence) for result in results)
    if found:
        return f"found {found}"
    done = sum(result.status is StepStatus.DONE for result in results)
    if done == len(probes):
        return "done" if probes else "-"
    return f"{done} of {len(probes)}" if results else "-"
