"""A stop that the journal tells, and no error log, is the restart that ended the sessions."""

from datetime import timedelta

import pytest

from tests.unit.diagnosis.test_diagnosis import LOG, at, case, lost, step
from wizard.case.evidence import Evidence, Occurrence, StepResult
from wizard.diagnosis.diagnose import diagnose
from wizard.diagnosis.model import Verdict

STOPPED = Evidence(
    "log.supervisor-stopped",
    "1 × systemd stopped the server in order",
    "app.log:1",
    occurrences=(Occurrence(at=at("14:00:01"), until=at("14:00:01") + timedelta(minutes=1)),),
)


def told(failed: str, *steps: StepResult) -> dict[str, Verdict]:
    symptom = step("symptom", STOPPED, failures=(lost(failed),))
    return {f.cause: f.verdict for f in diagnose(case(symptom, *steps)).findings}


@pytest.mark.parametrize("log", [False, True], ids=["unread", "of systemd's lines only"])
def test_a_stop_in_order_is_told_by_systemd_alone(log: bool) -> None:
    verdicts = told("14:00:02", *([step("error-log", looked=LOG)] if log else []))
    assert verdicts["server-restarted"] is Verdict.LIKELY
    assert {cause for cause, verdict in verdicts.items() if verdict.accuses} == {"server-restarted"}


def test_what_failed_at_another_time_is_not_put_down_to_it() -> None:
    symptom = step("symptom", STOPPED, failures=(lost("14:30:00"),))
    assert [a.cause for a in diagnose(case(symptom)).attributions] == [None]
