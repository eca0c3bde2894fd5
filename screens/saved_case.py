"""A saved case that is read again: what is pasted adds, and deletes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wizard.case.evidence import Failure, StepResult, StepStatus
from wizard.diagnosis.model import Diagnosis
from wizard.investigation.run import Investigation
from wizard.steps.names import SYMPTOM
from wizard.steps.order import STEPS
from wizard.steps.step import Context, Skip, Step


class ReopenedCase(Investigation):
    """The logs that the case was made of are elsewhere.

    So a step that reads a pasted text alone could only forget what they said.
    """

    def run(self, steps: Sequence[Step] = STEPS) -> Diagnosis:
        return super().run([self._adding(s) if s.id == SYMPTOM.id else s for s in steps])

    def _adding(self, step: Step) -> Step:
        before = self.case.step(step.id)

        def run(context: Context) -> StepResult:
            try:
                now = step.run(context)
            except Skip as reason:
                now = step.skipped(str(reason))
            return together(before, now)

        return replace(step, run=run)


def together(before: StepResult | None, now: StepResult) -> StepResult:
    """Both readings in one; the new one's words come first."""
    if before is None or before.status is not StepStatus.DONE:
        return now
    failures = [f for f in now.failures if not _has(before.failures, f)]
    evidence = [e for e in now.evidence if e not in before.evidence]
    if now.status is not StepStatus.DONE or not (failures or evidence):
        told = f"Pasted since: {now.reason or now.headline}"
        return replace(before, notes=tuple(dict.fromkeys((*before.notes, told, *now.notes))))
    return replace(
        now,
        headline=f"{now.headline}; before: {before.headline}",
        evidence=(*before.evidence, *evidence),
        looked_for=tuple(dict.fromkeys((*before.looked_for, *now.looked_for))),
        tables=(*now.tables, *(t for t in before.tables if t not in now.tables)),
        notes=tuple(dict.fromkeys((*now.notes, *before.notes))),
        facts={**before.facts, **now.facts},
        failures=(*before.failures, *failures),
    )


def _has(failures: Sequence[Failure], one: Failure) -> bool:
    """A second reading of the same line is not a second failure."""
    return any((f.text, f.at, f.source) == (one.text, one.at, one.source) for f in failures)
