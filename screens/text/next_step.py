"""What to do next on each screen: the key, what it does, what it costs. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass

from screens.places import GENERAL_LOG, NETWORK, PLACES, RECORDER, SLOW_LOG, SYMPTOM
from screens.state import FixKind, State
from screens.text.age import diagnosis_outdated, in_doubt, in_force
from screens.text.deciding_probe import next_probe
from screens.text.down import start_words
from screens.text.fix_path import NEXT_OF, READ_AGAIN, FixStage
from screens.text.open_questions import open_questions
from wizard.diagnosis.down_now import by_urgency
from wizard.diagnosis.model import Diagnosis, Finding, Verdict
from wizard.steps.names import PROBE_IDS, title_of


@dataclass(frozen=True, slots=True)
class NextStep:
    """`key` as it is pressed, `what` it does, and its `cost`, which may be empty."""

    key: str
    what: str
    cost: str = ""

    @property
    def line(self) -> str:
        return f"{self.key}  {self.what}" + (f" ({self.cost})" if self.cost else "")


COSTS = {
    "latency": "some seconds, read-only",
    "path": "20 s, read-only",
    "packet": "20 s, read-only",
    "idle": "30 s, 12 resting connections",
    "statement": "30 s, one SLEEP, read-only",
    "workload": "10 s, read-only",
}
REPORT = NextStep("r", "the report for the ticket")
ANOTHER_VISIT = NextStep("q", "leave, and begin with the server: its log tells")
NO_ERROR_YET = NextStep("1", "paste the application's error, or name its log: none is known yet")
NO_ERROR_IN_IT = NextStep("1", "paste the error, or name another log: the one given holds none")
MEANWHILE = NextStep("]", "look around: what was given is being read")
TAKE_BACK = NextStep("u", "take the change back", "shows first what that does")
ANOTHER_VALUE = NextStep("Tab", "Set: another value, or kept across a restart", "Enter previews it")
_DONE_WITH = (FixStage.FAILED, FixStage.PROOF, FixStage.UNDO)
"""Stages at which nothing more is done to what is looked at while the server is down."""
IDLE = NextStep("t", "idle ladder: who cuts what rests?", COSTS["idle"])


def next_lines(state: State, place: str, width: int = 80) -> tuple[str, str]:
    """The row of the next step and that of another one; neither is ever empty.

    Where `width` has no room for what it costs, that is left out, and not cut.
    """
    first, second = next_steps(state, place)
    return _row(" NEXT  ", first, width), _row("   or  ", second, width)


def _row(head: str, step: NextStep, width: int) -> str:
    whole = f"{head}{step.line}"
    return whole if len(whole) <= width else f"{head}{step.key}  {step.what}"


def next_steps(state: State, place: str) -> tuple[NextStep, NextStep]:
    """The best step from `place`, and the next best."""
    steps = [*_here(state, place), *_by_answer(state, place), _onward(place), REPORT]
    unlike = list({step.key: step for step in reversed(steps)}.values())[::-1]
    ordered = [step for step in steps if step in unlike]
    return ordered[0], next(step for step in ordered if step.key != ordered[0].key)


def _here(state: State, place: str) -> list[NextStep]:
    """What only this place or this moment offers."""
    if state.refused and not state.offline:
        return [NextStep("F5", "give another password, then look anew", "asks for it here")]
    if state.up is False and not state.offline:
        return _while_down(state, place)
    if place == NETWORK and state.running in PROBE_IDS:
        return [
            NextStep("Space", "look further down at what it has seen so far"),
            NextStep("Ctrl+C", "stop it", "what it has seen stays here"),
        ]
    if place == NETWORK and not state.offline:
        return [NextStep("Enter", "start the experiment that is marked", "as said above")]
    if place == "fix":
        return _on_the_way(state)
    if state.changed_at is not None and diagnosis_outdated(state):
        return [NextStep(*READ_AGAIN)]
    if place in (GENERAL_LOG, SLOW_LOG) and not state.offline:
        return [NextStep("a", "switch it on for 30 s", "shows the cost first; surely off again")]
    if place == RECORDER and not (state.offline or state.recorder or _accused(state.diagnosis)):
        return [NextStep("a", "watch from now on", "one session, read-only")]
    if place == "report":
        return [
            NextStep("w", "save it here, mode 0600"),
            NextStep("a", "save the case: it opens again without the server"),
        ]
    if place == "knowledge":
        return [NextStep("/", "search"), NextStep("Enter", "open the page")]
    return []


def _while_down(state: State, place: str) -> list[NextStep]:
    """Asking again and again helps nobody: where nobody was met, the server is to be started."""
    again = NextStep("F5", "connect again, then look anew", "asks the server once")
    first = start_words(state)
    if not first:
        return [again]
    if place != "fix":
        return [NextStep("x", first, "for you to do"), again]
    if state.fix_stage == FixStage.LOOK and state.fix_waits:
        return [NextStep("n", first, "among the remedies"), again]
    if state.fix_stage == FixStage.LOOK:
        return [NextStep("Enter", "what the remedy that is marked says", "changes nothing"), again]
    if state.fix_stage in _DONE_WITH:
        half_made = state.fix_stage == FixStage.FAILED and state.fix_kind is FixKind.CHANGE
        left = [NextStep(*NEXT_OF[FixKind.CHANGE][FixStage.FAILED])] if half_made else []
        return [NextStep("Esc", first, "among the remedies"), *left, again]
    return [again]


def _on_the_way(state: State) -> list[NextStep]:
    """Where nothing is accused, what else can be done is no next step."""
    stage = FixStage(state.fix_stage)
    if stage is FixStage.LOOK and not _accused(state.diagnosis):
        return []
    if stage in (FixStage.PROOF, FixStage.UNDO) and not diagnosis_outdated(state):
        back = [TAKE_BACK] if state.fix_kind is FixKind.CHANGE else []
        return [REPORT, *back] if stage is FixStage.PROOF and state.changed_at else []
    step = NextStep(*NEXT_OF[state.fix_kind][stage])
    if stage is FixStage.LOOK and (made := _made(state)):
        return [made, step]
    if stage is FixStage.PREVIEW and state.fix_takes_values:
        return [step, ANOTHER_VALUE]
    if stage is FixStage.PROOF and state.fix_kind is FixKind.CHANGE:
        return [step, TAKE_BACK]
    return [step]


def _by_answer(state: State, place: str) -> list[NextStep]:
    diagnosis = state.diagnosis
    if state.reading:
        return [NextStep("1 to 9", "look at what was found: the case is being weighed"), REPORT]
    if diagnosis is None and state.given:
        return [MEANWHILE]
    if diagnosis is None:
        return [NextStep("1", "paste the error, here and now: it is read at once")]
    steps: list[NextStep] = []
    accused = _accused(diagnosis)
    if accused:
        if place != "fix":
            steps += _its_fix(state, diagnosis, accused[0])
        if place == "diagnosis":
            steps.append(NextStep("e", "the lines that speak for what is marked"))
        else:
            steps.append(NextStep("8", f"why it is {accused[0].cause}"))
    if state.up is False and not state.offline:
        return steps
    probe = "" if state.offline else next_probe(diagnosis)
    if not accused and state.offline.startswith("no server") and not diagnosis.total:
        key = "Enter" if place == SYMPTOM else "1"
        steps.append(NextStep(key, "paste the application's error, or name another log"))
    if not accused and state.offline.startswith("no server") and diagnosis.total:
        steps += [*_asked(state, diagnosis, place), ANOTHER_VISIT]
    if not accused and not state.offline:
        steps += _questions(state, diagnosis, place, probe)
    elif probe and place != NETWORK:
        certain = bool(accused) and accused[0].verdict is Verdict.CONFIRMED
        would = "would measure it" if certain else "would prove it"
        steps.append(NextStep("t", f"{title_of(probe).lower()}: {would}", COSTS[probe]))
    return steps


def _its_fix(state: State, diagnosis: Diagnosis, finding: Finding) -> list[NextStep]:
    """To the fix; where it is made, and nothing failed so since, to the ticket."""
    begun = [c for c in in_force(state.case) if c.remedy in finding.remedies]
    if begun and state.case and (doubt := in_doubt(begun[-1], state.case)):
        return [NextStep("x", f"the fix for {finding.cause} {doubt}: look again")]
    made = [c.at for c in begun]
    put_down = [p.failure.at for p in diagnosis.attributions if p.cause == finding.cause]
    if made and not any(at is not None and at > max(made) for at in put_down):
        return [
            NextStep("r", f"the report: the fix for {finding.cause} is made"),
            NextStep("x", "look at the fix that was made, or take it back"),
        ]
    return [NextStep("x", f"the fix for {finding.cause}", "preview first")]


def _made(state: State) -> NextStep | None:
    """To the ticket, where the leading cause's fix is made and nothing failed so since."""
    accused, diagnosis = _accused(state.diagnosis), state.diagnosis
    first = _its_fix(state, diagnosis, accused[0])[0] if accused and diagnosis else None
    return first if first is not None and first.key == REPORT.key else None


def _questions(state: State, diagnosis: Diagnosis, place: str, probe: str) -> list[NextStep]:
    """Nothing is accused: ask, and offer the experiment that would decide."""
    ask = _asked(state, diagnosis, place)
    if place == NETWORK:
        return ask
    if diagnosis.total or not probe:
        return [*ask, IDLE]
    return [*ask, NextStep("t", f"{title_of(probe).lower()}", COSTS[probe])]


def _asked(state: State, diagnosis: Diagnosis, place: str) -> list[NextStep]:
    """What the operator could tell; nothing where all of it was told."""
    if not diagnosis.total and state.given and state.running == SYMPTOM:
        return [MEANWHILE]
    if not diagnosis.total:
        return [NO_ERROR_IN_IT if state.given else NO_ERROR_YET]
    asked = open_questions(state)
    time = asked is None or asked.time
    log = asked is None or asked.log
    if place == SYMPTOM:
        wanted = [*(["when was it"] if time else []), *(["where is the log"] if log else [])]
        return [NextStep("Enter", f"answer: {', '.join(wanted)}?")] if wanted else []
    if not time and log:
        return [NextStep("1", "name the application's log: more of its failures would decide")]
    if time:
        beside = ", and where the application's log is" if log else ""
        return [NextStep("1", f"say when it failed{beside}")]
    return []


def _onward(place: str) -> NextStep:
    ids = [known.id for known in PLACES]
    index = min(ids.index(place) + 1, len(PLACES) - 1)
    return NextStep("]", f"{PLACES[index].title}: {PLACES[index].purpose}")


def _accused(diagnosis: Diagnosis | None) -> tuple[Finding, ...]:
    return by_urgency(diagnosis) if diagnosis is not None else ()
