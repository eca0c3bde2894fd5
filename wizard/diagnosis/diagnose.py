"""From a case to a diagnosis. A pure function of the case and the knowledge base.

A cause's belief is a noisy-or over the signals that speak for it, reduced by those that speak
against it. `confirmed` needs a conclusive signal: no sum of weak ones reaches it.
"""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from knowledge.load import load
from knowledge.model import Cause, Weighed
from wizard.case import facts
from wizard.case.case import Case
from wizard.case.evidence import Evidence, StepStatus
from wizard.diagnosis.attribution import attribute, tally
from wizard.diagnosis.case_view import View
from wizard.diagnosis.derived.clock_offset import clock_offset, on_server_clock
from wizard.diagnosis.derived.derive import derive
from wizard.diagnosis.derived.failures import number
from wizard.diagnosis.derived.farewell import resets_the_idle
from wizard.diagnosis.derived.guessed_deaths import with_felt_deaths
from wizard.diagnosis.derived.standing import with_its_beginning
from wizard.diagnosis.felt import in_force, unfelt
from wizard.diagnosis.model import (
    DECIDING,
    Attribution,
    Diagnosis,
    Finding,
    Missing,
    Reason,
    Verdict,
)
from wizard.diagnosis.server_counts import seen_by_server
from wizard.diagnosis.weighing import LIKELY, WeighedCause, clues_of, weigh

WORTH_LOOKING = 0.5
"""The least weight of a signal whose absence from the case is worth a line."""

RECORDER = "recorder"
"""What no recorder watched cannot be looked at any more."""

BY_CHANCE = 0.75
"""The belief in a cause whose every failure may be another's as well."""

UNFELT = 0.25
"""What is left of a cause that the application's log is silent about: others are likelier."""

_ORDER = list(Verdict)


def diagnose(case: Case) -> Diagnosis:
    """Rank the causes and attribute the failures. Never raises; never does I/O."""
    with _no_collection():
        return _diagnosed(case)


@contextmanager
def _no_collection() -> Iterator[None]:
    """The garbage collector at rest: what is made here has no circles.

    It would walk it again and again, which took a third of the time of 100,000 failures.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _diagnosed(case: Case) -> Diagnosis:
    knowledge = load()
    clock = clock_offset(case)
    told = with_its_beginning(with_felt_deaths(on_server_clock(case, clock)))
    derived, judged = derive(told)
    by_signal: dict[str, list[Evidence]] = {}
    for evidence in (*told.evidence, *derived):
        by_signal.setdefault(evidence.signal, []).append(evidence)
    view = View(told, knowledge, by_signal, told.looked_for | judged)
    weighed = [weigh(cause, view) for cause in knowledge.causes.values()]
    attributions = _attributed(case, weighed, view)
    if attributions:
        explained = tally(attributions)
        felt = tally(a for a in attributions if not a.doubtful)
        alone = tally(a for a in attributions if not a.rival)
    else:
        explained = {w.cause.id: seen_by_server(w.cause, view) for w in weighed if not w.cleared}
        felt = alone = explained
    seen = bool(attributions)
    findings = _ranked(
        _finding(w, view, _Share(seen, *(by.get(w.cause.id, 0) for by in (explained, felt, alone))))
        for w in weighed
    )
    total, known = _totals(findings, attributions)
    observer = "application" if attributions else "server"
    remarks = () if clock is None else (clock.told(),)
    advice = _which_time(findings, attributions) or _advice(findings, total - known)
    return Diagnosis(findings, attributions, observer, total, known, advice, remarks)


def _attributed(case: Case, weighed: Sequence[WeighedCause], view: View) -> tuple[Attribution, ...]:
    """The failures as the application told them, with what explains them."""
    clues = [clue for w in weighed if not w.cleared for clue in clues_of(w, view)]
    ahead = number(case, facts.CLOCK_SKEW_SECONDS)
    found = attribute(view.case.failures, clues, resets_the_idle(view.case), ahead)
    if view.case is case:
        return found
    return tuple(replace(a, failure=f) for a, f in zip(found, case.failures, strict=True))


def _totals(
    findings: tuple[Finding, ...], attributions: tuple[Attribution, ...]
) -> tuple[int, int]:
    if attributions:
        return len(attributions), sum(1 for a in attributions if a.cause is not None)
    seen = sum(f.explains for f in findings if f.verdict.accuses)
    return seen, seen


class _Share(NamedTuple):
    """How many failures a cause explains: all, those not doubtful, those that can be no other's.

    `from_application` says that the application told of them.
    """

    from_application: bool
    explains: int = 0
    surely: int = 0
    alone: int = 0

    @property
    def is_by_chance(self) -> bool:
        return self.explains > 0 and self.alone == 0


def _finding(weighed: WeighedCause, view: View, share: _Share) -> Finding | None:
    """The finding on one cause, or None where no evidence bears on it."""
    cause, supports, against = weighed.cause, weighed.supports, weighed.against
    if not supports and not against:
        return None
    verdict, confidence = weighed.verdict, weighed.confidence
    felt = not unfelt(cause, view, share.surely, share.from_application) or in_force(supports)
    if (cause.noise or not felt) and verdict.accuses:
        verdict = Verdict.POSSIBLE
        confidence = min(confidence, LIKELY - 0.01 if felt else UNFELT)
    elif verdict is Verdict.CONFIRMED and share.is_by_chance and not in_force(supports):
        verdict, confidence = Verdict.LIKELY, min(confidence, BY_CHANCE)
    return Finding(
        cause.id,
        cause.title,
        verdict,
        round(confidence, 2),
        share.explains,
        tuple(_reason(use, e, view) for use, e in supports),
        tuple(_reason(use, e, view) for use, e in against),
        _missing(cause, view, verdict),
        cause.remedies,
        cause.noise,
    )


def _reason(use: Weighed, evidence: Evidence | None, view: View) -> Reason:
    signal = view.knowledge.signals[use.signal]
    if evidence is None:
        return Reason(use.signal, f"not seen: {signal.text}", signal.step, signal.step)
    text = evidence.text
    if evidence.weak:
        text += " (since the server started: not evidence for this window alone)"
    return Reason(
        use.signal,
        text,
        evidence.source,
        signal.step,
        evidence.count,
        evidence.first,
        evidence.last,
        evidence.excerpt,
    )


def _missing(cause: Cause, view: View, verdict: Verdict) -> tuple[Missing, ...]:
    """Signals that would weigh and that nobody could look for, the weightiest first.

    Once a cause is decided, only the application's own word is still worth having.
    """
    unseen = [
        use
        for use in sorted(cause.supports, key=lambda u: (not u.conclusive, -u.weight))
        if not use.absent
        and use.weight >= WORTH_LOOKING
        and use.signal not in view.looked_for
        and use.signal not in view.evidence
    ]
    found: dict[str, Missing] = {}
    for use in unseen:
        signal = view.knowledge.signals[use.signal]
        if signal.step == RECORDER or (verdict is Verdict.CONFIRMED and signal.step != "symptom"):
            continue
        step = view.case.step(signal.step)
        how = signal.how
        if step is not None and step.status is not StepStatus.DONE and step.reason:
            how = f"{how} ({signal.step}: {step.reason})"
        found.setdefault(how, Missing(use.signal, signal.step, signal.text, how))
    return tuple(found.values()) or _deciding(cause, verdict)


def _deciding(cause: Cause, verdict: Verdict) -> tuple[Missing, ...]:
    """The one thing that would decide on a cause of which no signal can be looked for."""
    uses = [use for use in cause.supports if not use.absent]
    if verdict is not Verdict.POSSIBLE or not cause.confirm or not uses:
        return ()
    return (Missing(uses[0].signal, DECIDING, "what would confirm it", cause.confirm[0]),)


def _ranked(findings: Iterable[Finding | None]) -> tuple[Finding, ...]:
    kept = [f for f in findings if f is not None]
    return tuple(
        sorted(kept, key=lambda f: (_ORDER.index(f.verdict), -f.explains, -f.confidence, f.cause))
    )


def _which_time(findings: tuple[Finding, ...], attributions: Iterable[Attribution]) -> str:
    """What separates the leading suspect from the cause that had as good a chance."""
    first = next((f for f in findings if not f.noise), None)
    if first is None or first.verdict is Verdict.CONFIRMED:
        return ""
    rival = next((a.rival for a in attributions if a.rival and a.cause == first.cause), "")
    if not rival:
        return ""
    return (
        "When it failed: give the application's log with its times (--app-log) - it would decide "
        f"between {first.cause} and {rival}."
    )


def _advice(findings: tuple[Finding, ...], unexplained: int) -> str:
    """What would separate the leading suspects, or explain the rest."""
    leading = [f for f in findings if not f.noise][:3]
    if leading and leading[0].verdict is Verdict.CONFIRMED and not unexplained:
        return ""
    for finding in leading:
        for missing in finding.missing:
            return f"{missing.how} - it would decide on {finding.cause}: {missing.text}."
    if unexplained:
        return "The rest may lie between client and server: look at the network and the proxies."
    return ""
