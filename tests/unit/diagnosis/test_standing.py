"""What holds now explains no failure of a time at which the server is known to have lived."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.diagnosis.test_diagnosis import at, case, ended, lost, outage, step
from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure, StepResult
from wizard.diagnosis.diagnose import diagnose

POOL = "client.pool-timeout"


def gone(*failures: Failure, met: str, beside: tuple[StepResult, ...] = (), **facts: str) -> Case:
    """The case of a server that refuses the wizard at `met`."""
    down = step("connection", Evidence("state.refused", "refused", "connect"), facts=facts)
    found = case(step("symptom", failures=failures), down, *beside, reachable=False)
    return replace(found, created=at(met))


def causes(found: Case) -> list[str | None]:
    return [a.cause for a in diagnose(found).attributions]


def connect(time: str, signal: str = "client.connect-lost") -> Failure:
    return lost(time, signal=signal)


def test_a_lost_connect_of_hours_ago_is_not_explained_by_a_refusal_of_now() -> None:
    assert causes(gone(connect("08:00:00"), met="14:00:00")) == [None]
    assert causes(gone(connect("13:55:00"), met="14:00:00")) == ["server-unreachable"]


def test_it_reaches_back_to_the_first_refused_connect() -> None:
    row = (connect("08:00:00", "client.refused"), connect("08:01:00"), connect("07:00:00"))
    assert causes(gone(*row, met="14:00:00")) == ["server-unreachable", "server-unreachable", None]


@pytest.mark.parametrize(
    "sign",
    [
        {"beside": (step("error-log", ended("log.aborted-read-error", "13:58:00")),)},
        {"beside": (step("error-log", outage("log.shutdown", "13:50:00", "13:58:00")),)},
        {"answered_at": at("13:58:00").isoformat()},
    ],
    ids=["session", "start", "answer"],
)
def test_a_later_sign_of_life_ends_its_reach(sign: dict[str, object]) -> None:
    before, after = connect("13:00:00"), connect("13:59:00")
    told = causes(gone(before, after, met="14:00:00", **sign))  # type: ignore[arg-type]
    assert told == [None, "server-unreachable"]


def test_work_that_went_well_since_is_a_sign_of_life() -> None:
    later = replace(connect("13:59:00"), worked=at("13:57:00"))
    assert causes(gone(connect("13:55:00"), later, met="14:00:00")) == [None, "server-unreachable"]


def test_losses_just_before_a_read_only_node_are_the_failovers() -> None:
    told = Evidence("client.read-only", "1290", "app.log:9")
    early = at("14:00:00") - timedelta(minutes=5)
    failures = (
        lost(f"{early:%H:%M:%S}"),
        lost("14:00:00"),
        lost("14:00:03", signal="client.read-only"),
    )
    found = diagnose(case(step("symptom", told, failures=failures)))
    assert [a.cause for a in found.attributions] == [None, "failover", "failover"]


def test_a_driver_that_compared_the_rest_itself_makes_idle_timeout_likely() -> None:
    text = "The last packet ... is longer than the server configured value of 'wait_timeout'."
    told = lost("14:00:00", idle=900)
    compared = diagnose(case(step("symptom", failures=(replace(told, text=text),))))
    assert [f.cause for f in compared.accused] == ["idle-timeout"]
    assert not diagnose(case(step("symptom", failures=(told,)))).accused


def test_the_reach_is_counted_from_when_it_was_met_and_not_from_when_the_case_began() -> None:
    """A case may be open for hours before its server is gone."""
    met = Evidence("state.refused", "refused", "connect", first=at("14:00:00"), last=at("14:00:00"))
    found = case(
        step("symptom", failures=(connect("09:00:00"), connect("13:55:00"))),
        step("connection", met),
        reachable=False,
    )
    assert causes(replace(found, created=at("08:30:00"))) == [None, "server-unreachable"]
