"""A death of which no line tells is where the clients met it."""

from dataclasses import replace

from tests.unit.diagnosis.test_diagnosis import LOG, at, case, ended, lost, step
from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure, Occurrence
from wizard.diagnosis.derived.guessed_deaths import with_felt_deaths
from wizard.diagnosis.diagnose import diagnose


def refused(time: str) -> Failure:
    return lost(time, signal="client.refused")


def guessed(end: str, back: str | None, unsure: float) -> Evidence:
    """The log tells no end: it lies up to `unsure` seconds before `end`, or anywhere after it."""
    ends = Occurrence(at=at(end), until=at(back) if back else None, seconds=unsure)
    return Evidence(
        "log.unclean-end", "gone", "error log", first=ends.at, last=ends.at, occurrences=(ends,)
    )


def told(death: Evidence, *failures: Failure, reachable: bool = True) -> Case:
    log = step("error-log", death, looked=LOG)
    return case(step("symptom", failures=failures), log, reachable=reachable)


def beginning(found: Case) -> str:
    (death,) = (e for e in found.evidence if e.signal == "log.unclean-end")
    began = death.occurrences[0].at
    assert began is not None
    assert death.first == began
    return f"{began:%H:%M:%S}"


def test_it_began_where_the_row_of_refused_connects_before_the_next_start_begins() -> None:
    night = guessed("14:50:00", "14:50:12", 7200)
    row = (lost("14:05:00"), refused("14:10:00"), refused("14:30:00"), refused("14:49:00"))
    assert beginning(with_felt_deaths(told(night, *row))) == "14:05:00"
    diagnosis = diagnose(told(night, *row))
    assert {a.cause for a in diagnosis.attributions} == {"server-killed"}


def test_who_worked_in_between_or_lost_it_long_before_met_a_living_server() -> None:
    night = guessed("14:50:00", "14:50:12", 7200)
    worked = replace(refused("14:10:00"), worked=at("14:07:00"))
    assert beginning(with_felt_deaths(told(night, lost("14:05:00"), worked))) == "14:10:00"
    apart = (lost("14:05:00"), refused("14:40:00"))
    assert beginning(with_felt_deaths(told(night, *apart))) == "14:40:00"


def test_losses_alone_move_no_death_before_a_start() -> None:
    night = guessed("14:50:00", "14:50:12", 7200)
    assert beginning(with_felt_deaths(told(night, lost("14:05:00")))) == "14:50:00"


def test_a_log_that_breaks_off_takes_only_the_last_losses_for_the_servers_end() -> None:
    """Who lost a connection an hour ago and another one now had a server until now."""
    off = guessed("13:10:00", None, 0)
    failures = (lost("13:30:00"), lost("14:00:00"), lost("14:30:00"), lost("14:30:20"))
    assert beginning(with_felt_deaths(told(off, *failures, reachable=False))) == "14:30:00"
    seen = diagnose(told(off, *failures, reachable=False))
    assert [a.cause == "server-killed" for a in seen.attributions] == [False, False, True, True]


def test_what_a_log_tells_itself_is_not_moved() -> None:
    near = guessed("14:50:00", "14:50:12", 7200)
    exact = replace(near, occurrences=(replace(near.occurrences[0], seconds=None),))
    looked = told(exact, refused("14:10:00"))
    assert with_felt_deaths(looked) is looked
    crash = told(replace(near, signal="log.crash"), refused("14:10:00"))
    assert with_felt_deaths(crash) is crash
    before = told(guessed("14:50:00", "14:50:12", 60), refused("14:10:00"))
    assert with_felt_deaths(before) is before


def test_what_the_last_line_explains_is_not_the_guessed_deaths() -> None:
    """The server lived when it wrote that it had cut an idle session; then it was killed."""
    end = ended("log.aborted-timeout", "14:10:00")
    night = guessed("14:10:00", "14:10:46", 0)
    (death,) = night.occurrences
    loop = Evidence("log.crash-loop", "died thrice", "error log", 3, occurrences=(death,))
    limits = step("settings", facts={"wait_timeout": 60, "interactive_timeout": 60})
    log = step("error-log", end, night, loop, looked=LOG, facts={"can_tell_aborted": True})
    failures = (lost("14:10:01"), lost("14:10:01"), lost("14:10:40"))
    found = case(step("symptom", failures=failures), log, limits)
    causes = [a.cause for a in diagnose(found).attributions]
    assert causes == ["idle-timeout", "crash-loop", "crash-loop"]
