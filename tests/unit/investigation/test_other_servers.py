"""A kill that ended no run of the server that is looked at was another server's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import Evidence, Occurrence, StepResult, StepStatus
from wizard.investigation.other_servers import without_others_kills

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def kill(minutes: int, pid: int) -> Evidence:
    at = NOON + timedelta(minutes=minutes)
    text = f"the kernel's OOM killer killed mysqld (pid {pid})"
    return Evidence(
        "kernel.oom-kill",
        text,
        "dmesg",
        first=at,
        last=at,
        value=pid,
        occurrences=(Occurrence(at),),
    )


DISK = Evidence("host.disk-full", "/srv is full", "df")


def health(*evidence: Evidence) -> StepResult:
    return StepResult("health", StepStatus.DONE, headline="", evidence=evidence)


def log(*ends: int, pids: str = "", covers: bool = True) -> StepResult:
    seen = tuple(Occurrence(NOON + timedelta(minutes=m)) for m in ends)
    evidence = (Evidence("log.unclean-end", "", "error.log", occurrences=seen),) if seen else ()
    looked = ("log.unclean-end",) if covers else ()
    return StepResult("error-log", StepStatus.DONE, headline="", evidence=evidence,
                      looked_for=looked, facts={"dead_pids": pids})  # fmt: skip


def case(*steps: StepResult) -> Case:
    window = Window(NOON, NOON + timedelta(hours=1))
    return Case(NOON, window, TargetFacts("db1"), steps, tool_version="0")


def test_kills_that_ended_no_run_of_this_server_are_said_apart_and_last() -> None:
    ours, others = kill(30, 4711), (kill(10, 5001), kill(20, 5002))
    before = health(*others, ours, DISK)
    told = without_others_kills(case(before, log(30, pids="4711")))
    assert told is not None
    assert told.evidence[:2] == (ours, DISK)
    (apart,) = told.evidence[2:]
    assert (apart.signal, apart.count) == ("kernel.oom-other", 2)
    assert "another server" in apart.text
    assert "5002" in apart.text
    assert told.headline.startswith(ours.text)
    assert without_others_kills(case(told, log(30, pids="4711"))) is None


def test_without_pids_a_kill_at_the_time_of_an_end_is_the_servers() -> None:
    assert without_others_kills(case(health(kill(30, 4711)), log(30))) is None


def test_a_log_that_does_not_hold_the_servers_life_tells_nothing_apart() -> None:
    assert without_others_kills(case(health(kill(30, 4711)), log(covers=False))) is None
    assert without_others_kills(case(health(kill(30, 4711)))) is None


def test_what_has_no_time_stays() -> None:
    """The cgroup's own counter is of the server's own group."""
    counter = replace(kill(0, 1), first=None, last=None, weak=True)
    assert without_others_kills(case(health(counter), log())) is None
