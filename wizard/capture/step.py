"""A capture as a step of an investigation: what it held becomes evidence of the case.

It stands in the place of the step that reads the same kind of log from a file. Whether the
operator ends it, its time is over or the wizard is stopped: the log is put back, and what was
written until then is read.
"""

from collections.abc import Callable
from datetime import datetime

from wizard.capture.answer import Answer, answer_of
from wizard.capture.logging_state import CaptureKind
from wizard.capture.people import connected, connected_at_start
from wizard.capture.plan import CannotCapture
from wizard.capture.prepare import Place, Prepared
from wizard.capture.source import CapturedLog, Progress
from wizard.case.evidence import StepResult, StepStatus
from wizard.server.resting import resting
from wizard.steps import names
from wizard.steps.step import Context, Skip, Step

ENDED = "you ended it"

Goes = Callable[[Progress], bool]
"""Hears how far it is; false ends it."""


def capture_step(place: Place, prepared: Prepared, goes: Goes) -> Step:
    """The step that captures as it was prepared."""
    name = names.GENERAL_LOG if prepared.wanted.kind is CaptureKind.GENERAL else names.SLOW_LOG

    def run(context: Context) -> StepResult:
        session = resting(place.connector.connect())
        try:
            log = prepared.open(session)
            ours = _ours(context) | {session.info.connection_id}
            answer = _recorded(log, ours, lambda told: goes(told) and not context.stop.is_set())
        except CannotCapture as why:
            raise Skip(str(why)) from None
        finally:
            session.close()
        return _result(name.id, answer)

    return Step(name.id, name.title, name.purpose, run)


def _ours(context: Context) -> frozenset[int]:
    """The session of the investigation, which rests meanwhile."""
    server = context.server
    return frozenset() if server is None else frozenset((server.info.connection_id,))


def _recorded(log: CapturedLog, ours: frozenset[int], goes: Goes) -> Answer:
    try:
        log.begin()
        began = datetime.now().astimezone()
        before = connected_at_start(log.session, ours)
        for told in log.progress():
            if not goes(told):
                log.ended_by = ENDED
                break
        how = log.end()
        own = log.session()
        return answer_of(log, before, connected(own, ours), began, how)
    finally:
        log.close()


def _result(step: str, answer: Answer) -> StepResult:
    return StepResult(
        step,
        StepStatus.DONE,
        headline=answer.evidence[0].text if answer.evidence else _nothing(answer),
        evidence=answer.evidence,
        looked_for=answer.looked_for,
        tables=answer.tables,
        notes=(str(answer.facts["text"]),),
        facts=answer.facts,
    )


def _nothing(answer: Answer) -> str:
    return answer.empty or "none of the patterns that lose connections is in it"
