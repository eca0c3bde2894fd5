"""A server that does not answer now: when it ended, why, and how it is started, before all else."""

from dataclasses import replace

import pytest

from tests.unit.diagnosis.test_diagnosis import at, case, ended, lost, outage, step
from tests.unit.report.samples import finding
from wizard.case.case import Case
from wizard.case.evidence import Evidence, StepResult, StepStatus
from wizard.diagnosis.diagnose import diagnose
from wizard.diagnosis.down_now import DownNow, by_urgency, down_now
from wizard.diagnosis.model import Verdict
from wizard.remedies.offers import offers
from wizard.report import render

NO_LOG = StepResult("error-log", StepStatus.SKIPPED, reason="may not be read")


def gone(*beside: StepResult, signal: str = "state.refused", **facts: str) -> Case:
    """A server that was idle-timing out clients, then died, and was looked at again at 14:00:30."""
    known = {
        "answered_at": at("14:00:00").isoformat(),
        "missed_at": at("14:00:10").isoformat(),
        **facts,
    }
    met = Evidence(signal, "nothing listens at db1:3306", "connect", last=at("14:00:30"))
    symptom = step("symptom", failures=(lost("13:00:00", idle=601),))
    settings = step("settings", facts={"wait_timeout": 600})
    down = replace(step("connection", met, facts=known), status=StepStatus.FAILED)
    return replace(case(symptom, settings, down, *beside, reachable=False), created=at("14:00:30"))


def told(found: Case) -> DownNow:
    down = down_now(found, diagnose(found))
    assert down is not None
    return down


def log_end(signal: str, down: str = "14:00:05", up: str | None = None) -> StepResult:
    return step("error-log", replace(outage(signal, down, up), last=at(down)))


def test_the_cause_of_earlier_failures_stands_behind_a_server_that_is_down() -> None:
    found = gone(step("error-log", ended("log.aborted-timeout", "13:00:00")))
    diagnosis = diagnose(found)
    assert diagnosis.accused[0].cause == "idle-timeout"
    assert [f.cause for f in by_urgency(diagnosis)][:2] == ["server-unreachable", "idle-timeout"]
    assert offers(diagnosis)[0].remedy.id == "start-server"
    report = render(found, diagnosis, "text")
    assert report.startswith("CONFIRMED  server-unreachable - ")
    assert "DOWN NOW: nothing listens at db1:3306" in " ".join(report.split())
    (first,) = (line for line in report.splitlines() if line.startswith("Do first: "))
    assert first.startswith("Do first: Start the server")


def test_a_server_that_answers_is_not_down() -> None:
    answers = Evidence("state.answers", "the server answers now", "connection 5")
    found = case(step("connection", answers), step("symptom", failures=(lost("13:00:00"),)))
    diagnosis = diagnose(found)
    assert down_now(found, diagnosis) is None
    assert by_urgency(diagnosis) == diagnosis.accused


@pytest.mark.parametrize("signal", ["state.timeout", "state.unreachable"])
def test_what_cannot_be_reached_is_not_said_to_be_stopped(signal: str) -> None:
    assert "whether it runs" in told(gone(signal=signal)).start


@pytest.mark.parametrize("signal", ["state.timeout", "state.unreachable"])
def test_what_may_run_is_not_said_to_have_ended(signal: str) -> None:
    down = told(gone(signal=signal))
    assert down.since == "it fell silent between 2026-11-23 14:00:00 and 14:00:10 UTC"
    assert down.ended.startswith("whether it ended is not known")


@pytest.mark.parametrize("met", ["state.no-greeting", "state.timeout"])
def test_a_process_that_is_held_is_let_go_on_however_its_port_was_met(met: str) -> None:
    stopped = "the server's process 7 was stopped by a signal"
    held = Evidence("host.process-stopped", stopped, "/proc/7", last=at("14:00:31"))
    known = {"let_go_on": "kill -CONT 7"}
    down = told(gone(step("health", held, facts=known), signal=met))
    assert down.met == stopped
    assert "it has not ended" in down.ended
    assert down.start == "kill -CONT 7; see first who stopped it"
    assert "kill -CONT and its process number" in told(gone(step("health", held), signal=met)).start


def test_its_end_lies_between_the_last_answer_and_the_first_miss() -> None:
    since = told(gone()).since
    assert since == "it ended between 2026-11-23 14:00:00 and 14:00:10 UTC", since
    assert "not known" in told(gone(answered_at="", missed_at="")).since


@pytest.mark.parametrize(
    ("signal", "word"),
    [("log.crash", "log.crash"), ("log.shutdown", "shut down"), ("log.unclean-end", "breaks off")],
)
def test_its_log_says_why_it_ended(signal: str, word: str) -> None:
    assert word in told(gone(log_end(signal))).ended


def test_an_end_that_it_outlived_is_not_the_last_one() -> None:
    old = log_end("log.crash", "13:10:00", "13:10:09")
    assert told(gone(old)).ended.startswith("why it ended is not known")


def test_a_log_that_was_not_read_is_not_taken_as_silent() -> None:
    assert "may not be read" in told(gone(NO_LOG)).ended


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        ({"units_at_rest": "mysql.service"}, "systemctl start mysql"),
        ({"units_at_rest": "mysql@a.service mysql@b.service"}, "one of mysql@a.service, mysql@b"),
        ({"dead_container": "docker 0123456789abcdef 1767000000"}, "docker start 0123456789ab"),
        ({}, "as it was started before"),
        ({"dead_container": "docker"}, "as it was started before"),
    ],
)
def test_how_it_is_started_is_what_its_machine_knows(facts: dict[str, str], command: str) -> None:
    assert command in told(gone(step("health", facts=facts))).start


def test_a_full_disk_is_freed_before_the_start() -> None:
    diagnosis = diagnose(gone())
    full = finding("disk-full", Verdict.LIKELY, remedies=("free-disk-space",))
    both = replace(diagnosis, findings=(*diagnosis.findings, full))
    assert [f.cause for f in by_urgency(both)][:2] == ["disk-full", "server-unreachable"]
    assert offers(both)[0].remedy.id == "free-disk-space"


@pytest.mark.parametrize(
    ("number", "text", "outlived"),
    [
        (1153, "Got a packet bigger than max_allowed_packet", True),
        (1045, "Access denied for user", True),
        (2006, "MySQL server has gone away", False),
        (4031, "The client was disconnected by the server", False),
        (1045, "ProxySQL Error: Access denied for user", False),
    ],
)
def test_a_kill_before_an_answer_of_the_server_is_not_its_end(
    number: int, text: str, outlived: bool
) -> None:
    kill = Evidence("kernel.oom-kill", "mysqld (pid 99) was killed", "dmesg", value=99,
                    first=at("09:00:00"), last=at("09:00:00"))  # fmt: skip
    told_later = replace(lost("13:00:00"), number=number, text=text)
    found = gone(NO_LOG, step("health", kill), answered_at="")
    found = found.with_step(step("symptom", failures=(told_later,)))
    diagnosis = diagnose(found)
    named = {r.signal for f in diagnosis.findings for r in f.supports}
    down = down_now(found, diagnosis)
    assert down is not None
    assert ("mysqld (pid 99)" in down.ended) is not outlived
    assert ("derived.oom-maybe" in named) is not outlived


@pytest.mark.parametrize(("killed", "named"), [("13:40:00", True), ("09:00:00", False)])
def test_a_kill_hours_before_anybody_was_refused_is_not_said_to_be_its_end(
    killed: str, named: bool
) -> None:
    """Its log was not read: it may have been started since."""
    kill = Evidence("log.supervisor-killed", "systemd killed the server", "journal:1",
                    first=at(killed), last=at(killed))  # fmt: skip
    refused = tuple(replace(lost(t), signal="client.refused") for t in ("14:00:11", "14:00:20"))
    found = gone(NO_LOG, answered_at="").with_step(step("symptom", kill, failures=refused))
    assert ("systemd killed the server" in told(found).ended) is named
