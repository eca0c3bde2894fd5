"""The idle ladder and the long statement as guests: few connections, and none left behind."""

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from tests.servers.conftest import StartServer
from tests.servers.harness.server import ServerUnderTest
from wizard.case.case import Window
from wizard.case.evidence import Failure, StepResult, StepStatus
from wizard.investigation.begin import new_case
from wizard.probes.idle.probe import PROBE as IDLE
from wizard.probes.probe import Probe
from wizard.probes.statement.probe import PROBE as STATEMENT
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.steps.limits import ProbeLimits
from wizard.steps.step import Cancelled, Context, Skip
from wizard.target.model import Secret, Sources, Target


def _context(server: ServerUnderTest, seconds: float) -> Context:
    target = Target(
        host=server.host,
        port=server.port,
        user="admin",
        password=Secret(server.passwords["admin"]),
    )
    now = datetime.now(UTC)
    case = new_case(target, Window(now - timedelta(hours=1), now))
    limits = ProbeLimits(idle_seconds=seconds, statement_seconds=seconds)
    return Context(target, Sources(), case, PyMySqlConnector(target), limits=limits)


def _own_sessions(server: ServerUnderTest) -> int:
    (row,) = server.sql(
        "SELECT COUNT(*) AS number FROM information_schema.PROCESSLIST WHERE USER = 'admin'"
    )
    return int(row["number"])


def _open_here(server: ServerUnderTest) -> int:
    """How many connections to the server this process holds: one that it has closed may be listed
    there for a while."""
    held = psutil.Process().net_connections("tcp")
    return sum(bool(line.raddr) and line.raddr.port == server.port for line in held)


@pytest.mark.parametrize("probe", [IDLE, STATEMENT], ids=lambda probe: probe.id)
def test_a_cancelled_probe_leaves_at_once(probe: Probe, start_server: StartServer) -> None:
    server = start_server("mariadb")
    context = _context(server, 600)
    seen: list[StepResult] = []
    context.publish = seen.append
    ended: list[bool] = []

    def work() -> None:
        with pytest.raises(Cancelled):
            probe.step.run(context)
        ended.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    give_up = time.monotonic() + 60
    while _own_sessions(server) < 3 or not seen:
        assert time.monotonic() < give_up
        time.sleep(0.05)
    assert seen[-1].tables[0].rows
    stopped = time.monotonic()
    context.stop.set()
    thread.join(60)
    assert ended, "it waits for its end"
    if probe is IDLE:
        while _own_sessions(server):
            assert time.monotonic() < stopped + 60
            time.sleep(0.05)
        assert server.status("Aborted_clients") == 0


def test_a_tenth_of_what_is_free_is_taken_and_said(start_server: StartServer) -> None:
    server = start_server("mariadb", max_connections=50)
    most: list[int] = []
    context = _context(server, 3)
    context.publish = lambda _result: most.append(_open_here(server))
    result = IDLE.step.run(context)
    assert 1 < max(most) <= 4
    assert any("connections were free" in note for note in result.notes)
    assert result.headline == "connections survive a pause of 3 s"


def test_a_full_server_is_left_alone(start_server: StartServer) -> None:
    server = start_server("mariadb", max_connections=10)
    with pytest.raises(Skip, match="no more than a tenth"):
        IDLE.step.run(_context(server, 3))


def test_a_ladder_shorter_than_the_failures_pauses_has_not_looked(
    start_server: StartServer,
) -> None:
    context = _context(start_server("mariadb"), 1)
    failure = Failure("client.lost", "gone away", "app.log:1", idle_seconds=350.0)
    symptom = StepResult("symptom", StepStatus.DONE, failures=(failure,))
    context.case = context.case.with_step(symptom)
    result = IDLE.step.run(context)
    assert result.looked_for == ()
    assert any("--idle-limit 385s" in note for note in result.notes)
    context.case = context.case.with_step(replace(symptom, failures=()))
    assert "probe.idle-silent" in IDLE.step.run(context).looked_for


def test_a_server_that_dies_under_the_ladder_makes_nobody_a_cutter(
    start_server: StartServer,
) -> None:
    server = start_server("mariadb")
    context = _context(server, 20)
    killed: list[float] = []

    def watching(_result: StepResult) -> None:
        if not killed and _own_sessions(server) >= 3:
            killed.append(time.monotonic())
            threading.Timer(4, server.kill9).start()

    context.publish = watching
    result = IDLE.step.run(context)
    assert killed
    assert "the server itself went away" in result.headline
    assert result.evidence == ()
    assert result.looked_for == ()
