"""A failure that tells no time may be of any event, and nobody is confirmed for a mere chance."""

from dataclasses import replace

import pytest

from tests.unit.diagnosis.test_diagnosis import LOG, at, case, ended, finding, lost, outage, step
from wizard.case.evidence import Evidence, Failure, Occurrence, StepResult
from wizard.diagnosis.company import with_their_company
from wizard.diagnosis.diagnose import diagnose
from wizard.diagnosis.model import Attribution, Diagnosis, Verdict

PASTED = replace(lost("14:50:00"), at=None, source="pasted text, line 1")
CUT = step("idle", Evidence("probe.idle-server", "closes what idles for 2 s", "ladder", value=2.0))
NO_KERNEL_KILL = step("health", looked=("kernel.oom-kill",))
QUIET_LOG = tuple(name for name in LOG if "aborted" not in name)


def killed_twice(looked: tuple[str, ...] = LOG) -> StepResult:
    deaths = tuple(
        Occurrence(at=at(down), until=at(up))
        for down, up in (("14:00:00", "14:00:10"), ("14:30:00", "14:30:10"))
    )
    first, last = deaths[0].at, deaths[1].at
    seen = Evidence("log.unclean-end", "breaks off", "log", 2, first, last, occurrences=deaths)
    return step("error-log", seen, looked=looked)


def told(*steps: StepResult, failures: tuple[Failure, ...] = (PASTED,)) -> Diagnosis:
    return diagnose(case(step("symptom", failures=failures), NO_KERNEL_KILL, *steps))


@pytest.mark.parametrize("looked", [LOG, QUIET_LOG], ids=["log tells ends", "log tells none"])
def test_a_kill_is_not_confirmed_where_the_server_also_cuts_what_idles(
    looked: tuple[str, ...],
) -> None:
    found = told(killed_twice(looked), CUT)
    assert finding(found, "server-killed").verdict is Verdict.POSSIBLE
    assert finding(found, "idle-timeout").verdict is Verdict.POSSIBLE
    assert not found.accused
    assert [(a.rival, a.doubtful) for a in found.attributions] == [("idle-timeout", True)]
    assert found.attributions[0].because.endswith("the server was gone, or idle-timeout")
    assert found.advice.endswith("it would decide between server-killed and idle-timeout.")


def test_a_kill_that_nobody_else_had_a_chance_beside_is_confirmed() -> None:
    found = told(killed_twice())
    assert finding(found, "server-killed").verdict is Verdict.CONFIRMED
    assert [(a.rival, a.doubtful) for a in found.attributions] == [("", False)]


def test_a_failure_with_a_time_in_the_outage_still_confirms_the_kill() -> None:
    found = told(killed_twice(), CUT, failures=(PASTED, lost("14:30:03")))
    assert finding(found, "server-killed").verdict is Verdict.CONFIRMED


def test_a_server_that_is_down_is_confirmed_whoever_lost_what() -> None:
    gone = step("error-log", outage("log.shutdown", "14:30:00", None), looked=LOG)
    met = case(step("symptom", failures=(PASTED,)), gone, CUT, reachable=False)
    assert diagnose(met).findings[0].verdict is Verdict.CONFIRMED


def test_a_rest_that_reaches_the_cut_is_the_experiments() -> None:
    found = told(killed_twice(QUIET_LOG), CUT, failures=(replace(PASTED, idle_seconds=60.0),))
    assert [a.cause for a in found.attributions] == ["idle-timeout"]


def test_a_rest_below_the_cut_is_not() -> None:
    found = told(killed_twice(), CUT, failures=(replace(PASTED, idle_seconds=0.2),))
    assert [(a.cause, a.rival) for a in found.attributions] == [("server-killed", "")]


def test_a_logged_timeout_and_a_restart_leave_it_likely_and_name_the_other() -> None:
    events = (
        ended("log.aborted-timeout", "14:10:00"),
        outage("log.shutdown", "14:30:00", "14:30:20"),
    )
    found = told(step("error-log", *events, looked=LOG))
    assert finding(found, "idle-timeout").verdict is Verdict.LIKELY
    assert finding(found, "server-restarted").verdict is Verdict.POSSIBLE
    assert [(a.cause, a.rival) for a in found.attributions] == [
        ("idle-timeout", "server-restarted")
    ]


def test_of_two_absences_neither_is_confirmed_and_the_other_is_named() -> None:
    events = (
        outage("log.crash", "14:00:00", "14:00:20"),
        outage("log.shutdown", "14:30:00", "14:30:20"),
    )
    found = told(step("error-log", *events, looked=LOG))
    assert finding(found, "server-crash").verdict is Verdict.LIKELY
    assert finding(found, "server-restarted").verdict is Verdict.POSSIBLE
    assert [(a.cause, a.rival) for a in found.attributions] == [
        ("server-crash", "server-restarted")
    ]
    assert "decide between server-crash and server-restarted" in found.advice


def test_an_ended_session_that_nobody_took_may_be_the_failures_too() -> None:
    ends = (ended("log.aborted-packet", "14:20:00"), ended("log.aborted-timeout", "14:10:00"))
    found = told(step("error-log", *ends, looked=LOG))
    assert finding(found, "packet-too-large").verdict is Verdict.LIKELY
    assert [(a.cause, a.rival) for a in found.attributions] == [
        ("packet-too-large", "idle-timeout")
    ]


def test_as_many_failures_as_ended_sessions_leave_no_rival() -> None:
    ends = (ended("log.aborted-packet", "14:20:00"), ended("log.aborted-timeout", "14:10:00"))
    found = told(step("error-log", *ends, looked=LOG), failures=(PASTED, PASTED))
    assert [a.rival for a in found.attributions] == ["", ""]
    assert len(found.accused) == 2


def test_two_records_of_one_end_are_no_rivals() -> None:
    ends = (ended("log.aborted-packet", "14:20:00"), ended("log.aborted-timeout", "14:20:01"))
    found = told(step("error-log", *ends, looked=LOG))
    assert [a.rival for a in found.attributions] == [""]


@pytest.mark.parametrize("back", ["14:00:40", None])
def test_two_records_of_one_absence_are_no_rivals(back: str | None) -> None:
    events = (
        outage("log.crash", "14:00:00", "14:00:20"),
        outage("recorder.server-oom-killed", "14:00:05", back),
    )
    found = told(step("error-log", *events, looked=LOG))
    assert [a.rival for a in found.attributions] == [""]


def test_an_absence_after_the_failure_was_told_is_no_rival() -> None:
    events = (
        outage("log.crash", "14:00:00", "14:00:20"),
        outage("log.shutdown", "14:30:00", "14:30:20"),
    )
    clock = step("connection", facts={"clock_skew_seconds": 0.0})
    read = replace(PASTED, told_at=at("14:20:00"))
    found = told(step("error-log", *events, looked=LOG), clock, failures=(read,))
    assert finding(found, "server-crash").verdict is Verdict.CONFIRMED
    assert [a.rival for a in found.attributions] == [""]


def test_the_time_that_is_told_is_not_the_rivals() -> None:
    events = (
        ended("log.aborted-timeout", "14:10:00"),
        outage("log.shutdown", "14:30:00", "14:30:20"),
    )
    (one,) = told(step("error-log", *events, looked=LOG)).attributions
    assert one.because.endswith("at 14:10:00, or server-restarted")


def test_an_end_of_the_server_that_has_no_time_either_may_be_its_own() -> None:
    """`docker compose up` tells "exited with code 137" without a stamp."""
    ended_once = Evidence("log.supervisor-killed", "137", "app.log:3", occurrences=(Occurrence(),))
    read = replace(PASTED, told_at=at("14:55:00"))
    clock = step("connection", facts={"clock_skew_seconds": 0.0})
    found = diagnose(case(step("symptom", ended_once, failures=(read,)), clock))
    assert [a.cause for a in found.attributions] == ["server-killed"]


def test_who_names_its_connection_needs_no_time() -> None:
    of_ours = Occurrence(at=at("14:10:00"), connection_id=17)
    packet = Evidence("log.aborted-packet", "p", "log", first=of_ours.at, occurrences=(of_ours,))
    both = step("error-log", packet, outage("log.shutdown", "14:30:00", "14:30:20"), looked=LOG)
    found = told(both, failures=(replace(PASTED, connection_id=17),))
    assert finding(found, "packet-too-large").verdict is Verdict.CONFIRMED


def test_the_cut_of_an_experiment_stays_unlikely_where_a_log_without_it_has_the_failures_time() -> (
    None
):
    found = told(killed_twice(), CUT, failures=(lost("14:30:03"),))
    assert finding(found, "idle-timeout").verdict is Verdict.UNLIKELY


def test_a_second_word_of_a_doubtful_loss_accuses_nobody() -> None:
    again = replace(PASTED, signal="client.closed-object", source="pasted text, line 2")
    found = told(killed_twice(), CUT, failures=(PASTED, again))
    assert not found.accused
    assert all(a.doubtful for a in found.attributions)


@pytest.mark.parametrize("doubtful", [True, False])
def test_company_is_as_sure_as_those_that_it_joins(doubtful: bool) -> None:
    others = [Attribution(lost("14:00:50"), "server-killed", "w", doubtful) for _ in range(3)]
    joined = with_their_company([*others, Attribution(lost("14:00:51"), None, "")])[-1]
    assert (joined.cause, joined.doubtful) == ("server-killed", doubtful)
