"""Holds the diagnosis of a case against what was staged. Pure."""

from dataclasses import dataclass, replace

from tests.lab.scenario import Scenario
from tests.lab.truth import Due, Single, held_against
from wizard.case.case import Case
from wizard.case.evidence import StepResult, StepStatus
from wizard.diagnosis.diagnose import diagnose
from wizard.diagnosis.model import Diagnosis, Verdict

_ORDER = list(Verdict)
_SYMPTOM = "symptom"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`first` is the cause named first, "" for none; `wrong` are accusations of what was not
    staged; `singles` hold each failure against its own cause, where the application's log is
    given and the stager told it."""

    scenario: Scenario
    with_log: bool
    diagnosis: Diagnosis
    first: str
    verdict: Verdict | None
    right: bool
    wrong: tuple[str, ...]
    singles: tuple[Single, ...] = ()

    @property
    def good(self) -> bool:
        return self.right and not self.wrong and all(s.good for s in self.singles)

    @property
    def named(self) -> bool:
        """Whether the first answer is what was staged, and not only what could be known."""
        return self.first in self.scenario.causes

    @property
    def failures(self) -> int:
        """How many failures have a cause that was told singly."""
        return sum(s.due.failures for s in self.singles)

    @property
    def placed(self) -> int:
        """How many of them went to their own cause."""
        return sum(s.placed for s in self.singles)

    @property
    def answer(self) -> str:
        """In short: what was answered, and who was accused beside."""
        named = f"{self.first} ({self.verdict})" if self.first else "nobody"
        if self.wrong:
            named = f"{named}, and wrongly {', '.join(self.wrong)}"
        if not all(s.good for s in self.singles):
            named = f"{named}; {self.placed} of {self.failures} failures at their own cause"
        return named

    def told(self) -> str:
        """What was said and why, for a failing test."""
        log = "with" if self.with_log else "without"
        lines = [f"{self.scenario.name}, {log} the application's log: {self.scenario.title}"]
        d = self.diagnosis
        lines.append(f"{d.total} failures, {d.explained} explained; staged {self.scenario.causes}")
        for f in d.findings:
            supports = "; ".join(r.signal for r in f.supports)
            against = "; ".join(r.signal for r in f.against)
            lines.append(
                f"  {f.verdict:10} {f.confidence:.2f} {f.cause} x{f.explains}"
                f" for [{supports}] against [{against}]"
            )
        if self.singles:
            lines += [s.told() for s in self.singles if not s.good]
        else:
            lines += [f"  {a.failure.text[:150]} -> {a.cause}: {a.because}" for a in d.attributions]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Row:
    """One scenario on one product: two judgements, or why there are none."""

    scenario: Scenario
    judgements: tuple[Judgement, ...] = ()
    missing: str = ""
    broken: str = ""

    @property
    def good(self) -> bool:
        return not self.broken and all(j.good for j in self.judgements)

    @property
    def told_singly(self) -> Judgement | None:
        """The judgement that holds each failure against its own cause, where there is one."""
        return next((j for j in self.judgements if j.singles), None)

    def told(self) -> str:
        if self.missing or self.broken:
            return f"not staged: {self.missing}" if self.missing else f"BROKEN: {self.broken}"
        return " | ".join(f"{'ok' if j.good else 'WRONG'}: {j.answer}" for j in self.judgements)


def judge(case: Case, scenario: Scenario, with_log: bool, dues: tuple[Due, ...] = ()) -> Judgement:
    """`case` was recorded with the application's log; without it, that step is left out.

    `dues` are what each of its failures really came of.
    """
    seen = case if with_log else without_log(case)
    diagnosis = diagnose(seen)
    expected = scenario.causes if with_log else _expected_alone(case, scenario)
    accused = [f.cause for f in diagnosis.accused]
    allowed = {*scenario.causes, *expected, *scenario.beside}
    wrong = tuple(cause for cause in accused if cause not in allowed)
    ranked = [f for f in diagnosis.findings if not f.noise]
    best = ranked[0] if ranked else None
    least = scenario.least if with_log else scenario.least_alone
    answered = best is not None and _ORDER.index(best.verdict) <= _ORDER.index(least)
    if not expected:
        right = not accused
    else:
        right = answered and best is not None and best.cause in expected
    return Judgement(
        scenario,
        with_log,
        diagnosis,
        best.cause if best is not None and answered else "",
        best.verdict if best is not None and answered else None,
        right,
        wrong,
        held_against(diagnosis, dues) if with_log else (),
    )


def _expected_alone(case: Case, scenario: Scenario) -> tuple[str, ...]:
    if case.target.flavor == "mariadb" and scenario.alone_mariadb is not None:
        return scenario.alone_mariadb
    return scenario.causes if scenario.alone is None else scenario.alone


def without_log(case: Case) -> Case:
    """The same case where nobody gave the application's log."""
    kept = tuple(_unasked(s) if s.id == _SYMPTOM else s for s in case.steps)
    return replace(case, steps=kept)


def _unasked(step: StepResult) -> StepResult:
    return StepResult(step.id, StepStatus.SKIPPED, reason="no application error or log was given")
