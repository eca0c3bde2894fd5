"""From a case to a diagnosis. A pure function of the case and the knowledge base.

A cause's belief is a noisy-or over the signals that speak for it, reduced by those that speak
against it. `confirmed` needs a conclusive signal: no sum of weak ones reaches it.
"""

from collections.abc import Iterable

from knowledge.load import load
from knowledge.model import Cause, Weighed
from wizard.case.case import Case
from wizard.case.evidence import Evidence, StepStatus
from wizard.diagnosis.attribution import Clue, attribute
from wizard.diagnosis.case_view import View, decided, doubt_left, present, speaks_against
from wizard.diagnosis.derived.derive import derive
from wizard.diagnosis.model import Attribution, Diagnosis, Finding, Missing, Reason, Verdict
from wizard.diagnosis.server_counts import seen_by_server

LIKELY = 0.65
POSSIBLE = 0.2
CLEARED = 0.1
"""A cause that no more than this share of belief is left of is ruled out."""

WORTH_LOOKING = 0.5
"""The least weight of a signal whose absence from the case is worth a line."""

_ORDER = list(Verdict)


def diagnose(case: Case) -> Diagnosis:
    """Rank the causes and attribute the failures. Never raises; never does I/O."""
    knowledge = load()
    derived, judged = derive(case)
    by_signal: dict[str, list[Evidence]] = {}
    for evidence in (*case.evidence, *derived):
        by_signal.setdefault(evidence.signal, []).append(evidence)
    view = View(case, knowledge, by_signal, case.looked_for | judged)
    clues = [c for cause in knowledge.causes.values() for c in _clues(cause, view)]
    attributions = attribute(case.failures, clues)
    if attributions:
        explained = _tally(attributions)
    else:
        explained = {cause.id: seen_by_server(cause, view) for cause in knowledge.causes.values()}
    findings = _ranked(
        _finding(cause, view, explained.get(cause.id, 0), bool(attributions))
        for cause in knowledge.causes.values()
    )
    total, known = _totals(findings, attributions)
    observer = "application" if attributions else "server"
    advice = _advice(findings, total - known)
    return Diagnosis(findings, attributions, observer, total, known, advice)


def _clues(cause: Cause, view: View) -> list[Clue]:
    """What can explain failures. A cause that is as good as ruled out explains none, except in
    the failure's own words."""
    belief = doubt_left(speaks_against(cause, view))
    cleared = belief <= CLEARED
    return [
        Clue(cause, use, evidence, belief)
        for use in cause.supports
        if not use.absent and not (cleared and use.match != "text")
        for evidence in view.evidence.get(use.signal, ())
    ]


def _tally(attributions: tuple[Attribution, ...]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for attribution in attributions:
        if attribution.cause is not None:
            counts[attribution.cause] = counts.get(attribution.cause, 0) + 1
    return counts


def _totals(
    findings: tuple[Finding, ...], attributions: tuple[Attribution, ...]
) -> tuple[int, int]:
    if attributions:
        return len(attributions), sum(1 for a in attributions if a.cause is not None)
    seen = sum(f.explains for f in findings if f.verdict.accuses)
    return seen, seen


def _finding(cause: Cause, view: View, explains: int, from_application: bool) -> Finding | None:
    """The finding on one cause, or None where no evidence bears on it."""
    supports = [(use, e) for use in cause.supports for e in present(use, view)]
    against = speaks_against(cause, view)
    # Where something that was seen speaks against it, no trace is decisive.
    conclusive = decided(cause, view) and all(use.absent for use, _ in against)
    if not supports and not against:
        return None
    doubt = doubt_left(against)
    confidence = (1.0 - doubt_left(supports)) * doubt
    verdict = _verdict(confidence, conclusive, bool(supports), doubt)
    unfelt = _unfelt(cause, view, explains, from_application) and not _in_force(supports)
    if (cause.noise or unfelt) and verdict.accuses:
        verdict = Verdict.POSSIBLE
        confidence = min(confidence, LIKELY - 0.01)
    return Finding(
        cause.id,
        cause.title,
        verdict,
        round(confidence, 2),
        explains,
        tuple(_reason(use, e, view) for use, e in supports),
        tuple(_reason(use, e, view) for use, e in against),
        _missing(cause, view, verdict is Verdict.CONFIRMED),
        cause.remedies,
        cause.noise,
    )


def _unfelt(cause: Cause, view: View, explains: int, from_application: bool) -> bool:
    """Whether the application's log was read and shows nothing of the cause. One that fails no
    client at all cannot be felt there."""
    if from_application:
        return not explains
    symptom = view.case.step("symptom")
    return not cause.fits and symptom is not None and symptom.status is StepStatus.DONE


def _in_force(supports: list[tuple[Weighed, Evidence | None]]) -> bool:
    """Whether it is so at this moment, whatever the application has felt of it until now."""
    return any(
        use.match in ("state", "now", "idle")
        or (use.match == "outage" and any(o.until is None for o in e.occurrences))
        for use, e in supports
        if e is not None and use.conclusive
    )


def _verdict(confidence: float, conclusive: bool, supported: bool, doubt: float) -> Verdict:
    if conclusive and confidence >= LIKELY:
        return Verdict.CONFIRMED
    if confidence >= LIKELY:
        return Verdict.LIKELY
    if confidence >= POSSIBLE:
        return Verdict.POSSIBLE
    if not supported and doubt <= CLEARED:
        return Verdict.RULED_OUT
    return Verdict.UNLIKELY


def _reason(use: Weighed, evidence: Evidence | None, view: View) -> Reason:
    signal = view.knowledge.signals[use.signal]
    if evidence is None:
        return Reason(use.signal, f"looked for, none: {signal.text}", signal.step, signal.step)
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


def _missing(cause: Cause, view: View, settled: bool) -> tuple[Missing, ...]:
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
        if settled and signal.step != "symptom":
            continue
        step = view.case.step(signal.step)
        how = signal.how
        if step is not None and step.status is not StepStatus.DONE and step.reason:
            how = f"{how} ({signal.step}: {step.reason})"
        found.setdefault(how, Missing(use.signal, signal.step, signal.text, how))
    return tuple(found.values())


def _ranked(findings: Iterable[Finding | None]) -> tuple[Finding, ...]:
    kept = [f for f in findings if f is not None]
    return tuple(
        sorted(kept, key=lambda f: (_ORDER.index(f.verdict), -f.explains, -f.confidence, f.cause))
    )


def _advice(findings: tuple[Finding, ...], unexplained: int) -> str:
    """What would separate the leading suspects, or explain the rest."""
    leading = [f for f in findings if not f.noise][:3]
    if leading and leading[0].verdict is Verdict.CONFIRMED and not unexplained:
        return ""
    for finding in leading:
        for missing in finding.missing:
            return f"To decide on {finding.cause}: {missing.text} - {missing.how}."
    if unexplained:
        return "The rest may lie between client and server: look at the network and the proxies."
    return ""
