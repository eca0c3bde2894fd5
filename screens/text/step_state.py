"""A place's state in a word or two that warns, for the list at the left. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from screens.places import CONNECTION, NETWORK, RECORDER, SYMPTOM
from screens.state import State
from screens.text.age import in_force, is_outdated
from screens.text.probe_states import network_word
from screens.text.questions import outside
from screens.text.setting_advice import advised
from screens.text.words import SUSPECTED
from wizard.case.case import Case
from wizard.case.evidence import Evidence, StepResult, StepStatus, Table
from wizard.case.facts import ABORTED_CLIENTS
from wizard.case.how_far import ended_by_start
from wizard.diagnosis.model import Diagnosis, Finding

ALARM, NOTICE, FINE, DIM = "bold $text-error", "$text-warning", "$text-success", "$text-muted"


@dataclass(frozen=True, slots=True)
class StepState:
    """`word` says it; `style` only helps the eye."""

    word: str
    style: str = ""


PLAIN_FACTS = (CONNECTION, "version")
"""Steps whose facts are no trouble by themselves: the server answers, its version is known."""

ROOM = 9
"""Columns of a word in the list."""

ORDINARY = ("log off", "none")
"""Why most servers have nothing to look at: nobody is to be warned of it."""

_WHY_NOT = (
    ("no recorder", "none"),
    ("cancel", "stopped"),
    (" is off", "log off"),
    ("denied", "no access"),
    ("privilege", "no access"),
    ("grant", "no access"),
    ("may not", "no access"),
    ("permission", "no access"),
    ("another machine", "elsewhere"),
    ("ssh", "no SSH"),
    ("no server", "no server"),
    ("no error log", "not read"),
    ("paste", "paste it"),
)
"""Words in the reason of a step that could not look, and what the list has room for."""


_NOUNS = {
    "kernel.oom-kill": "OOM",
    "kernel.oom-other": "OOM other",
    "kernel.conntrack-full": "drops",
    "kernel.listen-overflow": "drops",
    "host.conntrack-full": "drops",
    "host.listen-drops": "drops",
    "host.memory-stalled": "memory",
    "host.memory-low": "memory",
    "host.swapping": "swap",
    "host.cpu-stalled": "CPU",
    "host.cpu-busy": "CPU",
    "host.threads-near-limit": "limit",
    "host.files-near-limit": "limit",
    "host.service-killed": "service",
    "host.service-stopped": "service",
    "host.disk-full": "disk",
    "host.inodes-full": "inodes",
    "host.rebooted": "reboot",
    "log.access-denied": "denied",
}
"""What a fact that nobody is blamed for is of."""

STATES = ("memory", "swap", "CPU", "limit", "OOM other")
"""A number behind these would be read as the thing's own: CPU 2, limit 2."""


def step_state(place_id: str, state: State) -> StepState:
    if state.running == place_id:
        return StepState("running", NOTICE)
    if place_id in state.awaited:
        return StepState("waiting", NOTICE)
    if place_id == "diagnosis":
        return _diagnosis(state)
    if place_id == "fix":
        return _fix(state)
    if place_id == NETWORK:
        word = network_word(state)
        return StepState("not run", DIM) if word == "-" else StepState(word)
    if place_id in ("report", "knowledge"):
        return StepState("")
    if place_id == RECORDER and state.recorder == "watching":
        return StepState(state.recorder, NOTICE)
    result = state.case.step(place_id) if state.case is not None else None
    told = _step(result, state.diagnosis, state.case)
    return _aged(told) if is_outdated(state, place_id) else told


def _aged(told: StepState) -> StepState:
    """What was read before the server was changed says so."""
    word = f"{told.word} old"
    if len(word) > ROOM:
        word = "! old" if told.word.startswith("!") else "old"
    return StepState(word, NOTICE)


def _diagnosis(state: State) -> StepState:
    diagnosis = state.diagnosis
    if diagnosis is None:
        return StepState("-", DIM)
    count = len(diagnosis.accused)
    if count:
        return StepState(f"{count} cause" + ("s" if count > 1 else ""), ALARM)
    if not state.settled:
        return StepState("looking", NOTICE)
    return StepState("open" if diagnosis.total else "no error", DIM)


def _fix(state: State) -> StepState:
    left = in_force(state.case)
    held = [change for change in left if state.case and not ended_by_start(change, state.case)]
    if left:
        return StepState(f"applied {len(held)}" if held else f"ended {len(left)}", NOTICE)
    ready = state.diagnosis is not None and any(f.remedies for f in state.diagnosis.accused)
    return StepState("ready", NOTICE) if ready else StepState("")


def _step(result: StepResult | None, diagnosis: Diagnosis | None, case: Case | None) -> StepState:
    if result is None:
        return StepState("-", DIM)
    if result.status is not StepStatus.DONE:
        word = _why_not(result)
        return StepState(word, DIM if word in ORDINARY else NOTICE)
    suspects = [] if diagnosis is None else _suspects(diagnosis)
    marks = [r.count for f in suspects for r in f.supports if r.step == result.id]
    if marks:
        blamed = {r.signal for f in suspects for r in f.supports if r.step == result.id}
        noun = _noun([fact for fact in result.evidence if fact.signal in blamed])
        return StepState(_fitting("! ", noun or shortened(max(1, *marks))), ALARM)
    changed = _changed(result.tables)
    if changed:
        advice = advised(diagnosis, case, changed)
        wanted = sum(found.is_wanted for found in advice.values())
        return StepState(f"! {wanted} off", ALARM) if wanted else StepState(f"{len(changed)} tuned")
    ended = result.facts.get(ABORTED_CLIENTS.name) if result.id == ABORTED_CLIENTS.step else None
    if isinstance(ended, int) and ended:
        return StepState(_fitting("! " if suspects else "", f"{shortened(ended)} lost"), NOTICE)
    if result.id == SYMPTOM and result.failures:
        return StepState(f"{shortened(len(result.failures))} err", NOTICE)
    if result.id == SYMPTOM and outside(result):
        return StepState("outside", NOTICE)
    if result.evidence and result.id not in PLAIN_FACTS:
        return StepState(_noted(result), NOTICE)
    return StepState("ok", FINE)


def _noted(result: StepResult) -> str:
    """`OOM 16`: what most of the facts are of, and how many; else how many there are."""
    return _noun(result.evidence) or f"found {len(result.evidence)}"


def _noun(found: Sequence[Evidence]) -> str:
    nouns = [_NOUNS.get(fact.signal, "") for fact in found]
    noun = max(nouns, key=nouns.count, default="")
    if not noun or noun in STATES:
        return noun
    return _fitting("", f"{noun} {nouns.count(noun)}")


def _fitting(mark: str, word: str) -> str:
    """`! 136 k` for `! 136 k lost`, `! denied` for `! denied 12`, `! other` for `! OOM other`."""
    if len(mark) + len(word) > ROOM:
        first, _, last = word.rpartition(" ")
        word = last if word in STATES else first
    return f"{mark}{word}"


def _why_not(result: StepResult) -> str:
    why = (result.reason or result.headline or "").lower()
    fallback = "failed" if result.status is StepStatus.FAILED else "not seen"
    return next((word for sign, word in _WHY_NOT if sign in why), fallback)


def _suspects(diagnosis: Diagnosis) -> list[Finding]:
    return [f for f in diagnosis.findings if f.verdict in SUSPECTED and not f.noise]


def _changed(tables: tuple[Table, ...]) -> list[str]:
    """Names of variables that the settings' table marks as changed."""
    return [row[0] for table in tables for row in table.rows if "DEFAULT" in table.columns
            and row[-1].startswith("changed")]  # fmt: skip


def shortened(count: int) -> str:
    """`4`, `822`, `136 k`: what fits beside a title."""
    return str(count) if count < 10_000 else f"{count // 1000} k"
