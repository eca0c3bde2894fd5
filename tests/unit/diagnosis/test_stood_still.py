"""A server whose process is stopped now: what failed since it was."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.diagnosis.test_diagnosis import NOW, case, ended, finding, lost, step
from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure
from wizard.diagnosis.derived.stood_still import stood_still
from wizard.diagnosis.diagnose import diagnose

HELD = Evidence("host.process-stopped", "the process 7 was stopped", "/proc/7/stat")


def waited(minutes: float, worked: float | None = None) -> Failure:
    """A client that waited in vain so many minutes ago, and last worked so many ago."""
    failure = lost("14:00:00", signal="client.read-timeout")
    ago = None if worked is None else NOW - timedelta(minutes=worked)
    return replace(failure, at=NOW - timedelta(minutes=minutes), worked=ago)


def told(*failures: Failure, held: bool = True) -> Case:
    health = step("health", *((HELD,) if held else ()))
    symptom = step(
        "symptom", Evidence("client.read-timeout", "", "app.log", len(failures)), failures=failures
    )
    return case(symptom, health, reachable=False)


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [
        ((waited(8), waited(5), waited(1)), 8),
        ((waited(8), waited(5, worked=6), waited(1, worked=6)), 5),
        ((waited(50), waited(5), waited(1)), 5),
        ((waited(50), waited(30)), None),
        ((), None),
    ],
)
def test_it_began_with_the_first_failure_since_which_nobody_worked(
    failures: tuple[Failure, ...], minutes: int | None
) -> None:
    found = [e.first for e in stood_still(told(*failures))]
    assert found == ([] if minutes is None else [NOW - timedelta(minutes=minutes)])


def test_what_failed_since_is_its_own_and_what_failed_before_is_not() -> None:
    diagnosis = diagnose(told(waited(50), waited(5, worked=6), waited(1, worked=6)))
    causes = [a.cause for a in diagnosis.attributions]
    assert causes == ["client-read-timeout", "server-unreachable", "server-unreachable"]
    assert finding(diagnosis, "server-unreachable").verdict.accuses


def test_a_process_that_runs_explains_no_waiting() -> None:
    diagnosis = diagnose(told(waited(5), waited(1), held=False))
    assert {a.cause for a in diagnosis.attributions} == {"client-read-timeout"}


def test_sessions_in_the_servers_log_tell_that_it_lived() -> None:
    row = told(*(waited(minutes) for minutes in range(50, 0, -7)))
    log = step("error-log", ended("log.aborted-timeout", f"{NOW - timedelta(minutes=10):%H:%M:%S}"))
    assert [e.first for e in stood_still(row.with_step(log))] == [NOW - timedelta(minutes=8)]


def test_a_window_of_another_day_says_nothing_of_a_process_that_is_held_now() -> None:
    now = told(waited(5), waited(1))
    days = timedelta(days=3)
    assert any(stood_still(now))
    assert not any(stood_still(replace(now, created=NOW + days)))


def test_that_it_is_held_now_explains_no_failed_connect_of_an_hour_ago() -> None:
    connects = [replace(waited(minutes), signal="client.connect-lost") for minutes in (60, 2)]
    causes = [a.cause for a in diagnose(told(*connects)).attributions]
    assert causes == [None, "server-unreachable"]


def came(minutes: float, worked: float | None = None) -> Failure:
    return replace(waited(minutes, worked), signal="client.connect-timeout")


RESUMED = (waited(9.5), waited(9.4), came(9.2), came(9), came(8.5))


def test_one_that_runs_again_is_told_by_all_who_waited_at_once() -> None:
    diagnosis = diagnose(told(*RESUMED, held=False))
    assert not finding(diagnosis, "client-read-timeout").verdict.accuses
    text = " ".join(e.text for f in diagnosis.findings for e in (*f.supports, *f.against))
    assert "neither what ran nor who came" in text


@pytest.mark.parametrize(
    "failures",
    [
        (waited(9.5), waited(9.4)),
        (*RESUMED[:2], came(2), came(1)),
        (*RESUMED[:2], came(9.2, worked=9.3), came(9, worked=9.3)),
        (*RESUMED, waited(1)),
    ],
    ids=["statements alone", "apart", "somebody was served between", "one more was slow"],
)
def test_a_statement_that_was_merely_slow_stays_a_matter_of_the_clients_patience(
    failures: tuple[Failure, ...],
) -> None:
    diagnosis = diagnose(told(*failures, held=False))
    assert finding(diagnosis, "client-read-timeout").verdict.accuses
