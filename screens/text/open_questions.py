"""Which questions are open where a failure is known and its cause is not. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass

from screens.state import State
from wizard.case.evidence import PASTED, Failure
from wizard.diagnosis.model import Verdict


@dataclass(frozen=True, slots=True)
class OpenQuestions:
    """What nobody has told yet. `rested` is for how long a failed connection is known to have
    rested, 0 where that is not known."""

    time: bool = False
    log: bool = False
    server: bool = False
    rested: float = 0.0

    @property
    def asks(self) -> bool:
        """Whether the Symptom page has a field that would answer one of them."""
        return self.time or self.log


def open_questions(state: State) -> OpenQuestions | None:
    """None where a cause is known, or nothing failed."""
    if not nothing_suspected(state) or state.diagnosis is None:
        return None
    failed = [put.failure for put in state.diagnosis.attributions]
    return OpenQuestions(
        time=any(failure.at is None for failure in failed),
        log=all(failure.source.startswith(PASTED) for failure in failed),
        server=state.offline.startswith("no server"),
        rested=max(map(_rested, failed), default=0.0),
    )


def nothing_suspected(state: State) -> bool:
    """Whether there are failures and no cause that any of them is put down to."""
    diagnosis = state.diagnosis
    if diagnosis is None or not diagnosis.total or not diagnosis.unexplained:
        return False
    certain = (Verdict.CONFIRMED, Verdict.LIKELY)
    return not any(finding.verdict in certain for finding in diagnosis.findings)


def _rested(failure: Failure) -> float:
    return failure.idle_seconds or 0.0
