"""The latency probe on one machine: what it opens, how it stops, and what it says of itself."""

import threading
import time
from statistics import median

import pytest

from tests.servers.harness.server import ServerUnderTest
from tests.servers.test_connection_step import context_for
from tests.servers.test_session_connect import target
from wizard.case.evidence import StepResult, StepStatus
from wizard.probes.latency.probe import PROBE
from wizard.probes.latency.round_trips import ENOUGH, LATE
from wizard.steps.connection import STEP
from wizard.steps.step import Cancelled, Context, Skip
from wizard.target.model import Target

pytestmark = pytest.mark.servers


def connected(where: Target) -> Context:
    context = context_for(where)
    context.case = context.case.with_step(STEP.run(context))
    return context


def status(server: ServerUnderTest, name: str) -> int:
    return int(server.sql(f"SHOW GLOBAL STATUS LIKE '{name}'")[0]["Value"])


def wait_for_sessions(server: ServerUnderTest, count: int) -> None:
    limit = time.monotonic() + 60
    while status(server, "Threads_connected") > count:
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_it_leaves_no_trace_and_shows_itself_while_it_runs(shared_server: ServerUnderTest) -> None:
    context = connected(target(shared_server))
    published: list[StepResult] = []
    context.publish = published.append
    wait_for_sessions(shared_server, 2)  # ours, and the one that asks
    before = status(shared_server, "Threads_connected")
    aborted = [status(shared_server, n) for n in ("Aborted_clients", "Aborted_connects")]
    result = PROBE.step.run(context)
    wait_for_sessions(shared_server, before)
    assert [status(shared_server, n) for n in ("Aborted_clients", "Aborted_connects")] == aborted
    assert context.server is not None
    context.server.close()
    assert result.status is StepStatus.DONE
    assert result.evidence == ()
    assert "probe.loss" not in result.looked_for  # loopback clears no network
    stages = [row[0] for row in result.tables[0].rows]
    assert stages[-1] == "query"
    assert {"TCP connect", "greeting", "authentication"} <= set(stages)
    taken = result.samples[0].values  # in ms
    late = [one for one in taken if one - median(taken) >= 1000 * LATE]
    assert len(taken) == ENOUGH or (late and len(taken) > ENOUGH), "a stall is looked into"
    assert published
    assert all(p.status is StepStatus.RUNNING and p.samples for p in published)


def test_a_socket_has_no_network_on_the_way(shared_server: ServerUnderTest) -> None:
    where = Target(
        socket=str(shared_server.socket), user="admin", password=target(shared_server).password
    )
    context = connected(where)
    result = PROBE.step.run(context)
    assert context.server is not None
    context.server.close()
    assert result.status is StepStatus.DONE
    assert result.looked_for == ()
    assert any("no network is on the way" in note for note in result.notes)
    assert [row[0] for row in result.tables[0].rows] == [
        "open", "greeting", "authentication", "query",
    ]  # fmt: skip


def test_it_stops_when_it_is_told_to_and_says_good_bye(shared_server: ServerUnderTest) -> None:
    context = connected(target(shared_server))
    wait_for_sessions(shared_server, 2)  # ours, and the one that asks
    before = status(shared_server, "Threads_connected")
    aborted = status(shared_server, "Aborted_clients")
    context.publish = lambda _result: context.stop.set()
    began: list[float] = []

    def work() -> None:
        with pytest.raises(Cancelled):
            PROBE.step.run(context)
        began.append(time.monotonic())

    thread = threading.Thread(target=work)
    thread.start()
    assert context.stop.wait(60)
    stopped = time.monotonic()
    thread.join(60)
    assert began
    assert began[0] - stopped < 60
    wait_for_sessions(shared_server, before)
    assert status(shared_server, "Aborted_clients") == aborted
    assert context.server is not None
    context.server.close()


def test_without_a_session_it_does_not_run(shared_server: ServerUnderTest) -> None:
    context = context_for(target(shared_server))
    with pytest.raises(Skip, match="needs a connection to the server"):
        PROBE.step.run(context)
