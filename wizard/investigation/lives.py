"""What an investigation keeps of a server that died or was started anew meanwhile. Pure.

A server's counters begin at nothing with each start, and tell nothing while it is away. What
was read of them before is no less true of that time.
"""

from dataclasses import replace
from datetime import datetime

from wizard.case import facts
from wizard.case.case import Case
from wizard.case.evidence import Evidence, StepResult, StepStatus
from wizard.case.moments import moment_of
from wizard.steps import names

OUTLIVED = "read before the server was lost"

BEFORE_START = "counted before the server's start at"


def from_before(case: Case, step: str, note: str = "") -> StepResult | None:
    """What an earlier run of the step read while the server was there; None for nothing."""
    earlier = done(case, step)
    if earlier is None:
        return None
    kept = earlier
    if not earlier.headline.startswith(OUTLIVED):
        kept = replace(earlier, headline=f"{OUTLIVED}: {earlier.headline}")
    return replace(kept, notes=(*kept.notes, note)) if note else kept


def done(case: Case, step: str) -> StepResult | None:
    """The step's earlier result where it was done."""
    earlier = case.step(step)
    return earlier if earlier is not None and earlier.status is StepStatus.DONE else None


def with_earlier_lives(case: Case, result: StepResult) -> StepResult:
    """The step's result, and what an earlier run of it had counted in a life that has ended."""
    started, earlier = moment_of(case.fact(facts.STARTED_AT)), done(case, result.id)
    if result.id != names.COUNTERS.id or started is None or earlier is None:
        return result
    kept = tuple(
        _dated(e, started)
        for e in earlier.evidence
        if e.last is not None and e.last < started and e.last >= case.window.since
    )
    if not kept:
        return result
    looked = (*result.looked_for, *(e.signal for e in kept))
    return replace(
        result,
        headline=f"{result.headline}; {len(kept)} {BEFORE_START} {_clock(started)}",
        evidence=(*result.evidence, *kept),
        looked_for=tuple(dict.fromkeys(looked)),
    )


def _dated(evidence: Evidence, started: datetime) -> Evidence:
    if BEFORE_START in evidence.source:
        return evidence
    return replace(evidence, source=f"{evidence.source}, {BEFORE_START} {_clock(started)}")


def _clock(at: datetime) -> str:
    return f"{at.astimezone():%H:%M:%S}"
