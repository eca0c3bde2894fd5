"""Whether the application felt a cause: its log is evidence also where it is silent.

A restart, a denied bot or a health check that no line of the application's log tells of hurt
nobody. The log must cover the time: a pasted error, or a log that begins later, says nothing
of what it does not tell.
"""

from datetime import datetime

from knowledge.model import Cause, Weighed
from wizard.case import facts
from wizard.case.evidence import Evidence, StepStatus
from wizard.case.moments import moment_of
from wizard.diagnosis.case_view import View


def unfelt(cause: Cause, view: View, explains: int, from_application: bool) -> bool:
    """Whether the application's log was read and shows nothing of the cause."""
    if from_application:
        return not explains
    symptom = view.case.step("symptom")
    if symptom is None or symptom.status is not StepStatus.DONE:
        return False
    return not cause.fits or _covered(cause, view)


def in_force(supports: list[tuple[Weighed, Evidence | None]]) -> bool:
    """Whether it is so at this moment, whatever the application has felt of it until now."""
    return any(
        use.match == "standing" or (use.conclusive and _lasts(use, e))
        for use, e in supports
        if e is not None
    )


def _lasts(use: Weighed, evidence: Evidence) -> bool:
    if use.match == "outage":
        return any(o.until is None for o in evidence.occurrences)
    return use.match in ("state", "now", "idle")


def _covered(cause: Cause, view: View) -> bool:
    """Whether the application's log covers all that speaks for the cause, in silence.

    It has lines before and after, and none of them says that anything failed.
    """
    since = moment_of(view.case.fact(facts.LOG_FROM))
    until = moment_of(view.case.fact(facts.LOG_TO))
    if since is None or until is None or view.case.fact(facts.NOT_UNDERSTOOD):
        return False
    seen = [e for use in cause.supports for e in view.evidence.get(use.signal, ())]
    times = [at for e in seen for at in _times(e)]
    return bool(times) and since <= min(times) and max(times) <= until


def _times(evidence: Evidence) -> list[datetime]:
    known = [evidence.first, evidence.last, *(o.at for o in evidence.occurrences)]
    return [at for at in known if at is not None]
