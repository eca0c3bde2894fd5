"""The first lines of a report: the verdict, how much it explains, and what to do first."""

from collections.abc import Iterator

from knowledge.model import Knowledge
from wizard.case.case import Case
from wizard.case.evidence import StepResult, StepStatus
from wizard.case.how_far import OVER, how_far
from wizard.diagnosis.down_now import START, DownNow, by_urgency, down_now, silent
from wizard.diagnosis.model import Diagnosis, Finding, Verdict
from wizard.report.model import Answer, AnswerLine
from wizard.report.words import listed, moment, sentence, zone_of
from wizard.steps.names import title_of
from wizard.units import many

MAX_CAUSES = 5
MAX_CHANGES = 3

_LOOKED = (
    (StepStatus.DONE, "Looked at"),
    (StepStatus.SKIPPED, "Not looked at"),
    (StepStatus.FAILED, "Tried, and failed"),
    (StepStatus.RUNNING, "Not finished"),
    (StepStatus.PENDING, "Not begun"),
)


def answer(case: Case, diagnosis: Diagnosis, knowledge: Knowledge) -> Answer:
    """The answer to "why did my connections go away?"."""
    causes = accused(diagnosis)
    if not causes:
        return _no_cause(case, diagnosis)
    down = down_now(case, diagnosis)
    lines = tuple(
        AnswerLine(f.verdict.value.upper(), f.cause, _told(f, diagnosis, down))
        for f in causes[:MAX_CAUSES]
    )
    remarks = []
    if len(causes) > MAX_CAUSES:
        remarks.append(f"... and {len(causes) - MAX_CAUSES} more causes, below.")
    remarks += [*_changed(case), *diagnosis.remarks, *_open_ends(diagnosis)]
    first = first_remedy(causes, knowledge)
    if down is not None and START in causes[0].remedies:
        first = sentence(down.start) if down.runs else f"{first} ({down.start})"
    return Answer(lines, first, tuple(remarks))


def _changed(case: Case) -> Iterator[str]:
    """What was done already and not taken back: the reader knows it before acting."""
    made = [change for change in case.changes if change.state not in OVER]
    for change in made[-MAX_CHANGES:]:
        when = moment(change.at, zone_of(case))
        yield f"Changed already, {when}: {change.summary} ({how_far(change, case)})."
    if len(made) > MAX_CHANGES:
        yield f"... and {many(len(made) - MAX_CHANGES, 'change')} before, below."


def accused(diagnosis: Diagnosis) -> tuple[Finding, ...]:
    """The causes that are confirmed or likely, the most urgent first; noise never is one."""
    return tuple(f for f in by_urgency(diagnosis) if not f.noise)


def noun(diagnosis: Diagnosis) -> str:
    """What is counted: errors that the application saw, or sessions that the server saw end."""
    return "failure" if diagnosis.observer == "application" else "ended session"


def first_remedy(causes: tuple[Finding, ...], knowledge: Knowledge) -> str:
    """The title of the first thing to do, or an empty text."""
    for finding in causes:
        for remedy in finding.remedies:
            known = knowledge.remedies.get(remedy)
            return known.title if known else remedy
    return ""


def _named(result: StepResult) -> str:
    reason = "" if result.status is StepStatus.DONE else result.reason
    return f"{title_of(result.id)} ({reason})" if reason else title_of(result.id)


def _told(finding: Finding, diagnosis: Diagnosis, down: DownNow | None) -> str:
    if down is None or finding is not silent(diagnosis):
        return f"{finding.title}{_share(finding, diagnosis)}."
    share = _share(finding, diagnosis) if finding.explains else ""
    return f"{finding.title}{share}. DOWN NOW: {down.met}; {down.since}; {down.ended}."


def _share(finding: Finding, diagnosis: Diagnosis) -> str:
    if not diagnosis.total:
        return ""
    of = many(diagnosis.total, noun(diagnosis))
    if finding.explains:
        return f": {finding.explains} of {of}"
    return f": it explains none of the {of}"


def _no_cause(case: Case, diagnosis: Diagnosis) -> Answer:
    remarks = []
    for status, label in _LOOKED:
        named = [_named(s) for s in case.steps if s.status is status]
        if named:
            remarks.append(f"{label}: {sentence('; '.join(named))}")
    if not diagnosis.total:
        remarks.append("No failure was counted in the window.")
    remarks += [*_changed(case), *diagnosis.remarks, *_open_ends(diagnosis)]
    return Answer((_verdict_line(case, diagnosis),), "", tuple(remarks))


def _verdict_line(case: Case, diagnosis: Diagnosis) -> AnswerLine:
    counted = many(diagnosis.total, noun(diagnosis))
    if case.target.reachable is False:
        told = f"; {counted} stay unexplained" if diagnosis.total else ""
        return AnswerLine(
            "UNREACHABLE", "", f"{case.target.label} does not answer, and no log told why{told}."
        )
    if diagnosis.total:
        return AnswerLine("NOT EXPLAINED", "", f"{counted}, and no cause is confirmed or likely.")
    if not any(s.status is StepStatus.DONE for s in case.steps):
        return AnswerLine("NOTHING LOOKED AT", "", "No step could be done, so nothing is known.")
    return AnswerLine("NOTHING FOUND", "", "No cause is confirmed or likely in the window.")


def _open_ends(diagnosis: Diagnosis) -> list[str]:
    remarks = []
    if diagnosis.unexplained and accused(diagnosis):
        verb = "is" if diagnosis.unexplained == 1 else "are"
        remarks.append(f"{many(diagnosis.unexplained, noun(diagnosis))} {verb} not explained.")
    possible = [
        f.cause for f in diagnosis.findings if f.verdict is Verdict.POSSIBLE and not f.noise
    ]
    if possible and not accused(diagnosis):
        remarks.append(f"Possible, without proof: {listed(possible, 6)}.")
    if diagnosis.advice:
        remarks.append(f"Look at next: {sentence(diagnosis.advice)}")
    return remarks
