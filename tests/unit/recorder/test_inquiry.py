"""A look into an outage that nobody waits for any more ends, whenever that was said."""

import threading
from datetime import UTC, datetime
from typing import Any

from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import StepResult, StepStatus
from wizard.investigation.run import Investigation
from wizard.recorder.inquiry import Inquiry
from wizard.server.session import CannotConnect
from wizard.steps.step import Context, Step
from wizard.target.model import Sources, Target

NOW = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)


class Nobody:
    """No server listens."""

    def connect(self, **_how: object) -> Any:
        raise CannotConnect("nothing listens")


def test_one_that_is_cancelled_before_its_run_begins_runs_no_step() -> None:
    ran, begins = list[str](), threading.Event()

    def run(_context: Context) -> StepResult:
        ran.append("ran")
        return StepResult("one", StepStatus.DONE)

    def ask(own: Investigation, *_span: datetime) -> None:
        assert begins.wait(60)
        own.run((Step("one", "one", "", run),))

    case = Case(NOW, Window(NOW, NOW), TargetFacts("here"), tool_version="0")
    whole = Investigation(Target(), Sources(), case, Nobody(), None)
    inquiry = Inquiry(whole, NOW, NOW, NOW, ask)
    inquiry.end(0.0)
    begins.set()
    inquiry.end(60.0)
    assert inquiry.done
    assert ran == []
    assert inquiry.finding is None
