"""Minimal statements side by side, on real servers: a healthy one holds them, a sick one not."""

import contextlib
import math
import socket
import threading
from dataclasses import replace

import pymysql
import pytest

from tests.servers.harness.server import ServerUnderTest
from tests.servers.test_connection_step import context_for
from tests.servers.test_session_connect import target
from tests.servers.watched import recorder
from wizard.case.evidence import StepResult
from wizard.investigation.run import Investigation
from wizard.probes.simple.probe import PROBE
from wizard.recorder.event import EventKind
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.steps.connection import STEP as CONNECTION
from wizard.steps.counters import STEP as COUNTERS
from wizard.steps.limits import DEFAULT_LIMITS

pytestmark = pytest.mark.servers


def probed(server: ServerUnderTest) -> StepResult:
    context = context_for(target(server))
    made = Investigation(context.target, context.sources, context.case, context.connector, None)
    made.use_limits(replace(DEFAULT_LIMITS, simple_seconds=3.0))
    diagnosis = made.run((CONNECTION, PROBE.step))
    made.close()
    assert not diagnosis.accused
    result = made.case.step("simple")
    assert result is not None
    return result


def test_a_healthy_server_holds_them_and_nobody_is_accused(server: ServerUnderTest) -> None:
    result = probed(server)
    assert [e.signal for e in result.evidence] == ["probe.simple-holds"]
    assert result.facts["lost"] == 0
    assert result.facts["most_connections"] == 8


class Cutting:
    """A proxy on loopback that ends each connection that began since `most` was set, once its
    client has said so much: by the clock a login that takes long would be cut."""

    most: float = math.inf

    def __init__(self, port: int) -> None:
        self._server = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                ends = self._listener.accept()[0], socket.create_connection(self._server)
                for way in ((*ends, self.most), (*ends[::-1], math.inf)):
                    threading.Thread(target=self._hand_on, args=way, daemon=True).start()

    @staticmethod
    def _hand_on(one: socket.socket, other: socket.socket, most: float) -> None:
        with contextlib.suppress(OSError):
            while most > 0 and (data := one.recv(1 << 16)):
                other.sendall(data)
                most -= 1
        for end in (one, other) if most <= 0 else ():
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def test_a_proxy_that_cuts_is_told_from_the_application_s_statements(
    mysql: ServerUnderTest,
) -> None:
    """With the application's own account, along its way; each number lasts longer than the last."""
    proxy = Cutting(mysql.port)
    try:
        aimed = replace(target(mysql, "app"), port=proxy.port)
        made = Investigation(
            aimed,
            context_for(aimed).sources,
            context_for(aimed).case,
            PyMySqlConnector(aimed),
            None,
        )
        made.use_limits(replace(DEFAULT_LIMITS, simple_seconds=60.0))
        made.run((CONNECTION,))
        proxy.most = 60  # a login takes less, and whoever looks around
        made.run((PROBE.step,))
        made.close()
    finally:
        proxy.close()
    assert_no_other_client_left(mysql)
    result = made.case.step("simple")
    assert result is not None
    (found,) = [e for e in result.evidence if e.signal == "probe.simple-lost"]
    assert "the application's statements are not what breaks them" in found.text
    assert found.value is not None
    assert found.value > 0.5
    (table,) = result.tables
    assert [row[1] for row in table.rows] == ["1", "2", "4", "8"]
    assert table.rows[-1][5] == "8"


def assert_no_other_client_left(server: ServerUnderTest) -> None:
    """The probe's own losses are nobody else's, in the counters of the account that it used."""
    (row,) = server.sql(
        "SELECT MAX(SUM_ERROR_RAISED) AS raised FROM"
        " performance_schema.events_errors_summary_by_account_by_error"
        " WHERE USER = 'app' AND ERROR_NUMBER IN (1158, 1160)"
    )
    context = context_for(target(server))
    context.server = context.connector.connect()
    context.case = context.case.with_step(CONNECTION.run(context))
    told = COUNTERS.run(context)
    context.server.close()
    gone = sum(e.count for e in told.evidence if e.signal == "count.lost-client")
    # Those of the first step, and the one that looked around.
    assert gone <= 3 < int(row["raised"])


def others(server: ServerUnderTest) -> list[int]:
    """The sessions that are not this test's own."""
    rows = server.sql("SELECT id AS id FROM information_schema.processlist WHERE user = 'admin'")
    return [int(row["id"]) for row in rows]


def test_sessions_that_are_killed_are_told_as_lost(server: ServerUnderTest) -> None:
    over = threading.Event()

    def killer() -> None:
        """Whenever four or more of them are there: those of one moment may just be leaving."""
        while not over.wait(0.05):
            for number in there if len(there := others(server)) > 4 else ():
                with contextlib.suppress(pymysql.err.Error):
                    server.sql(f"KILL {number}")

    context = context_for(target(server))
    made = Investigation(context.target, context.sources, context.case, context.connector, None)
    made.use_limits(replace(DEFAULT_LIMITS, simple_seconds=8.0))
    made.run((CONNECTION,))
    thread = threading.Thread(target=killer)
    thread.start()
    made.run((PROBE.step,))
    over.set()
    thread.join()
    made.close()
    result = made.case.step("simple")
    assert result is not None
    assert [e.signal for e in result.evidence] == ["probe.simple-lost"]
    assert result.facts["lost"]


def test_a_killed_session_of_the_probe_is_no_application_s_to_a_recorder_beside(
    server: ServerUnderTest,
) -> None:
    """The probe goes on meanwhile: what it lost must be known to others before its end."""
    over = threading.Event()
    killed: list[int] = []

    def kill_one() -> None:
        """One that the recorder has seen for some looks."""
        while not killed and not over.wait(0.05):
            there = {*others(server)} - {made.context.need_server().info.connection_id}
            seen.looks(3)
            for number in sorted(there & {*others(server)})[:1]:
                with contextlib.suppress(pymysql.err.Error):
                    server.sql(f"KILL {number}")
                    killed.append(number)

    context = context_for(target(server))
    made = Investigation(context.target, context.sources, context.case, context.connector, None)
    made.use_limits(replace(DEFAULT_LIMITS, simple_seconds=200.0))
    made.run((CONNECTION,))
    with recorder(server) as seen:
        thread = threading.Thread(target=kill_one)
        thread.start()
        probe = threading.Thread(target=made.run, args=((PROBE.step,),))
        probe.start()
        try:
            told = seen.wait_for(lambda e: e.session is not None and e.session.id in killed)
            running = probe.is_alive()
        finally:
            over.set()
            made.context.stop.set()
            probe.join()
            thread.join()
    made.close()
    assert running, "the probe was over before the recorder told"
    assert told.kind is EventKind.OWN_ACT, told.text
