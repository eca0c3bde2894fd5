"""That nothing runs any more is said once, whatever quiet look was queued meanwhile."""

import threading
from typing import Any

from screens import messages
from screens.controller import Controller
from tests.screens.fake import FakeInvestigation, live, result
from wizard.case.evidence import StepResult
from wizard.steps.step import Step


def test_a_quiet_look_that_was_queued_during_a_run_does_not_hide_its_end() -> None:
    goes_on, rested = threading.Event(), threading.Event()
    told: list[object] = []

    def post(message: Any) -> None:
        told.append(message)
        if isinstance(message, messages.Idle):
            rested.set()

    def act(_fake: FakeInvestigation, step: Step) -> StepResult:
        goes_on.wait(60)
        return result(step.id)

    controller = Controller(1, live(act=act), post, heartbeat=60.0)
    controller.start()
    try:
        controller.run_steps(["symptom"])
        controller.glance(messages.Glance(lambda _engine: 1, print, print))
        goes_on.set()
        assert rested.wait(60)
        assert any(isinstance(message, messages.Looked) for message in told)
    finally:
        controller.close()
