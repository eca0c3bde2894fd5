"""Minimal statements side by side, on real servers: a healthy one holds them, a sick one not."""

import contextlib
import threading
from dataclasses import replace

import pymysql
import pytest

from tests.servers import capture_lab as lab
from tests.servers.harness.server import ServerUnderTest
from tests.servers.test_connection_step import context_for
from tests.servers.test_session_connect import target
from wizard.case.evidence import StepResult
from wizard.investigation.run import Investigation
from wizard.probes.simple.probe import PROBE
from wizard.steps.connection import STEP as CONNECTION
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


def others(server: ServerUnderTest) -> list[int]:
    """The sessions that are not this test's own."""
    rows = server.sql("SELECT id AS id FROM information_schema.processlist WHERE user = 'admin'")
    return [int(row["id"]) for row in rows]


def test_sessions_that_are_killed_are_told_as_lost(server: ServerUnderTest) -> None:
    def killer() -> None:
        """Once, while four or more of them are there."""
        lab.wait_until(lambda: len(others(server)) > 4)
        for number in others(server):
            with contextlib.suppress(pymysql.err.Error):
                server.sql(f"KILL {number}")

    context = context_for(target(server))
    made = Investigation(context.target, context.sources, context.case, context.connector, None)
    made.use_limits(replace(DEFAULT_LIMITS, simple_seconds=8.0))
    made.run((CONNECTION,))
    thread = threading.Thread(target=killer)
    thread.start()
    made.run((PROBE.step,))
    thread.join()
    made.close()
    result = made.case.step("simple")
    assert result is not None
    assert [e.signal for e in result.evidence] == ["probe.simple-lost"]
    assert result.facts["lost"]
