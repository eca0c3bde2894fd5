"""A kill for want of memory whose pid the error log does not know is put down to nobody by hope."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from tests.cpu_time import lines_run
from tests.unit.diagnosis.test_diagnosis import LOG, NOW, at, case, lost, step
from tests.unit.investigation.test_other_servers import health
from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure, Occurrence
from wizard.diagnosis.derived.outages import outages
from wizard.diagnosis.diagnose import diagnose
from wizard.diagnosis.model import Verdict
from wizard.investigation.other_servers import without_others_kills
from wizard.report.sections.server_life import server_life

NO_KILL = step("health", looked=("kernel.oom-kill",))
KILL = Evidence("kernel.oom-kill", "mysqld was killed", "dmesg", first=at("14:00:01"), value=99)


def silent_since(quiet: timedelta, back: str | None = None) -> Evidence:
    """The log's last line is so old; a start that it tells of came at `back`."""
    lived, until = NOW - quiet, at(back) if back else None
    began = lived if until is None else until - timedelta(seconds=1)
    end = Occurrence(at=began, until=until, seconds=(began - lived).total_seconds())
    return Evidence("log.unclean-end", "gone", "log", first=end.at, occurrences=(end,))


def held(death: Evidence, *failures: Failure, kill: Evidence = KILL, pids: str = "") -> Case:
    log = step("error-log", death, looked=LOG, facts={"dead_pids": pids})
    symptom = step("symptom", failures=failures)
    up = death.occurrences[0].until is not None
    return case(symptom, log, step("health", kill), reachable=up)


def verdicts(found: Case) -> dict[str, Verdict]:
    return {f.cause: f.verdict for f in diagnose(found).findings}


@pytest.mark.parametrize(
    ("quiet", "back", "sure"),
    [
        (timedelta(hours=20), None, True),
        (timedelta(days=3), None, False),
        (timedelta(days=80), None, False),
        (timedelta(days=20), "14:04:00", True),
    ],
)
def test_it_is_told_for_sure_within_a_day_of_a_sign_of_the_server(
    quiet: timedelta, back: str | None, sure: bool
) -> None:
    told = verdicts(held(silent_since(quiet, back)))
    assert told["server-oom-killed"].accuses is sure
    assert not told["server-killed"].accuses, "a kill that may be it is no death without a trace"
    if not sure:
        assert told["server-oom-killed"] is Verdict.POSSIBLE


def test_a_kill_long_before_the_next_start_is_as_unsure() -> None:
    early = replace(KILL, first=at("14:00:01") - timedelta(days=10))
    told = verdicts(held(silent_since(timedelta(days=20), "14:04:00"), kill=early))
    assert told["server-oom-killed"] is Verdict.POSSIBLE
    assert not told["server-killed"].accuses


def test_a_kill_soon_after_the_last_line_is_told_of_a_server_that_was_back_much_later() -> None:
    """Nobody noticed for two days that it was gone."""
    death = silent_since(timedelta(days=3), "14:04:00")
    early = replace(KILL, first=NOW - timedelta(days=3) + timedelta(minutes=5))
    assert verdicts(held(death, kill=early))["server-oom-killed"].accuses


def test_the_first_failure_of_the_clients_is_a_sign_too() -> None:
    death = silent_since(timedelta(days=20))
    met = (lost("14:00:03"), lost("14:00:09", signal="client.refused"))
    assert verdicts(held(death, *met))["server-oom-killed"].accuses


def test_a_log_that_ended_years_ago_is_not_this_servers() -> None:
    told = verdicts(held(silent_since(timedelta(days=500))))
    assert told.get("server-oom-killed", Verdict.RULED_OUT) is Verdict.RULED_OUT


def test_the_pid_decides_where_it_is_known() -> None:
    quiet = silent_since(timedelta(days=20))
    assert verdicts(held(quiet, pids="99", kill=replace(KILL, value=99)))[
        "server-oom-killed"
    ].accuses
    other = verdicts(held(quiet, pids="4711", kill=replace(KILL, value=5001)))
    assert other["server-killed"].accuses


def test_a_kill_that_may_be_this_servers_is_not_said_to_be_anothers() -> None:
    found = held(silent_since(timedelta(days=20)))
    ill = replace(found, steps=(*found.steps[:-1], health(KILL)))
    assert without_others_kills(ill) is None


def test_what_failed_long_after_the_next_start_is_not_put_down_to_a_kill_before_it() -> None:
    """Without the error log: the server was back 20 seconds after the kill."""
    up = step("connection", facts={"started_at": at("14:00:20").isoformat()})
    met = step("symptom", failures=(lost("14:00:05", signal="client.refused"), lost("14:40:00")))
    causes = [a.cause for a in diagnose(case(met, step("health", KILL), up)).attributions]
    assert causes[1] != "server-oom-killed"
    assert causes[0] == "server-oom-killed"


@pytest.mark.parametrize("pids", ["", "98,99"], ids=["by its time", "by its pid"])
@pytest.mark.parametrize("apart", [timedelta(minutes=3), timedelta(hours=2)])
def test_one_kill_is_the_death_of_one_process(apart: timedelta, pids: str) -> None:
    its_own = Occurrence(at=at("14:00:00"), until=at("14:01:00"), seconds=2.0)
    other = replace(its_own, at=at("14:00:00") - apart, until=at("14:01:00") - apart)
    death = Evidence("log.unclean-end", "gone", "log", count=2, occurrences=(other, its_own))
    told = held(death, lost("14:00:02"), pids=pids)
    ends = {e.signal: e.occurrences for e in outages(told)}
    assert ends["derived.oom-killed"] == (its_own,)
    assert ends["derived.died-without-trace"] == (other,)


@pytest.mark.parametrize("apart", [timedelta(minutes=20), timedelta(hours=2)])
def test_each_of_two_sudden_ends_has_its_own_cause(apart: timedelta) -> None:
    oom = Occurrence(at=at("14:00:00"), until=at("14:01:00"), seconds=2.0)
    silent = replace(oom, at=at("14:00:00") - apart, until=at("14:01:00") - apart)
    death = Evidence("log.unclean-end", "gone", "log", count=2, occurrences=(silent, oom))
    met = (lost("14:00:02"), replace(lost("14:00:02"), at=at("14:00:02") - apart))
    told = diagnose(held(death, *met, pids="98,99"))
    assert [a.cause for a in told.attributions] == ["server-oom-killed", "server-killed"]
    accused = {f.cause for f in told.findings if f.verdict.accuses}
    assert {"server-oom-killed", "server-killed"} <= accused


def test_a_crash_at_another_time_leaves_a_kill_for_want_of_memory_certain() -> None:
    oom = Occurrence(at=at("14:00:00"), until=at("14:01:00"), seconds=2.0)
    death = Evidence("log.unclean-end", "gone", "log", count=1, occurrences=(oom,))
    crash = Evidence(
        "log.crash", "signal 11", "log", first=at("12:00:00"),
        occurrences=(Occurrence(at=at("12:00:00"), until=at("12:00:20")),),
    )  # fmt: skip
    whole = held(death, lost("14:00:02"), lost("12:00:01"), pids="98,99")
    log = step("error-log", death, crash, looked=LOG, facts={"dead_pids": "98,99"})
    told = diagnose(replace(whole, steps=(whole.steps[0], log, whole.steps[2])))
    verdicts = {f.cause: f.verdict for f in told.findings}
    assert verdicts["server-oom-killed"] is Verdict.CONFIRMED
    assert [a.cause for a in told.attributions] == ["server-oom-killed", "server-crash"]


@pytest.mark.parametrize(("told", "without"), [("14:00:03", False), ("13:20:00", True)])
@pytest.mark.parametrize("back", ["14:00:09", None], ids=["back", "down"])
def test_a_death_of_which_systemd_tells_a_signal_of_its_own_is_none_without_a_trace(
    told: str, without: bool, back: str | None
) -> None:
    crash = Evidence(
        "log.supervisor-crash", "status=6/ABRT", "syslog", occurrences=(Occurrence(at=at(told)),)
    )
    end = Occurrence(at=at("14:00:02"), until=at(back) if back else None, seconds=1.0)
    death = Evidence("log.unclean-end", "gone", "log", occurrences=(end,))
    log = step("error-log", death, looked=LOG)
    seen = case(step("symptom", crash, failures=(lost("14:00:04"),)), log, NO_KILL, reachable=True)
    assert ("derived.died-without-trace" in {e.signal for e in outages(seen)}) is without
    verdict = verdicts(seen)
    assert verdict["server-killed"].accuses is without
    assert verdict["server-crash"].accuses is not without
    assert ("K" in {mark for _at, mark in server_life(seen)}) is without


def _died(crash: str, days: int, *kills: Evidence) -> set[str]:
    """What is told of a death `days` ago of which the log says nothing, and systemd at `crash`."""
    told = Occurrence(at=at(crash))
    signal = Evidence("log.supervisor-crash", "status=11/SEGV", "syslog", occurrences=(told,))
    end = Occurrence(at=at("14:00:00") - timedelta(days=days), seconds=1.0)
    death = Evidence("log.unclean-end", "gone", "log", occurrences=(end,))
    log = step("error-log", death, looked=LOG)
    health_ = step("health", *kills, looked=("kernel.oom-kill",))
    return {e.signal for e in outages(case(step("symptom", signal), log, health_))}


def test_a_kill_that_may_be_anothers_hides_no_signal_that_systemd_tells() -> None:
    kill = replace(KILL, first=at("14:00:00"), value=None)
    assert _died("14:30:00", 3, kill) == {"derived.died-of-signal"}


def test_a_log_that_is_out_of_use_tells_no_end_of_today() -> None:
    assert _died("14:30:00", 3) == {"derived.died-of-signal"}
    assert _died("14:30:00", 200) == {"derived.died-without-trace"}


def test_the_time_grows_with_the_square_of_the_kills_at_most() -> None:
    """Each kill is held against each death, once."""
    few, many = (lines_run(partial(list, outages(_killed_again(n)))) for n in (40, 160))
    assert many < 20 * few, (few, many)


def _killed_again(count: int) -> Case:
    ends = tuple(
        Occurrence(at=NOW - timedelta(seconds=20 * n), until=NOW - timedelta(seconds=20 * n - 5))
        for n in range(1, count + 1)
    )
    kills = [replace(KILL, first=end.at, value=n) for n, end in enumerate(ends)]
    log = step(
        "error-log",
        Evidence("log.unclean-end", "gone", "log", count=count, occurrences=ends),
        looked=LOG,
        facts={"dead_pids": ",".join(str(n) for n in range(count))},
    )
    return case(log, health(*kills), reachable=True)
