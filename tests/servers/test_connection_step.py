"""The first step on real servers: what it learns, and what it says where it cannot get in."""

import os
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from knowledge.load import load
from tests.servers.conftest import StartServer
from tests.servers.harness.server import ServerUnderTest
from tests.servers.test_session_connect import target
from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import StepResult, StepStatus
from wizard.probes.path.look import look
from wizard.probes.shared.way import ways
from wizard.remedies.session import server_of
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.server.resting import SECONDS
from wizard.steps.connection import STEP
from wizard.steps.counters import STEP as COUNTERS
from wizard.steps.step import Context
from wizard.target.model import Sources, Target

pytestmark = pytest.mark.servers


def context_for(where: Target, back: timedelta = timedelta(hours=2)) -> Context:
    now = datetime.now(UTC)
    case = Case(now, Window(now - back, now), TargetFacts(where.label))
    return Context(where, Sources(), case, PyMySqlConnector(where))


def walked(context: Context) -> StepResult:
    result = STEP.run(context)
    if context.server is not None:
        context.server.close()
    assert {e.signal for e in result.evidence} <= set(result.looked_for) <= set(load().signals)
    return result


def granted(result: StepResult) -> dict[str, tuple[str, str]]:
    (table,) = [t for t in result.tables if t.columns[1] == "may"]
    return {what: (may, grant) for what, may, grant in table.rows}


def test_what_it_learns(shared_server: ServerUnderTest) -> None:
    context = context_for(target(shared_server))
    result = walked(context)
    assert result.status is StepStatus.DONE
    facts = result.facts
    kind = shared_server.flavor.value
    assert facts["flavor"] == kind
    assert str(facts["series"]).startswith(f"{kind}-")
    assert str(facts["version"]).startswith(str(facts["series"]).partition("-")[2])
    assert facts["port"] == shared_server.port
    assert facts["account"] == "admin@%"
    assert facts["has_process_privilege"] is True
    assert facts["can_set_global"] is True
    assert facts["has_performance_schema"] is (kind == "mysql")
    # mysqld runs in a file system of its own here: the end of the path is the same.
    assert str(shared_server.data).endswith(str(facts["datadir"]).rstrip("/").rpartition("/")[2])
    assert abs(float(facts["clock_skew_seconds"] or 0)) < 5
    assert context.case.target.reachable is True
    assert context.case.target.flavor == kind
    assert context.case.target.version == facts["version"]
    assert result.headline.startswith("MariaDB 1" if kind == "mariadb" else "MySQL 9")


def test_a_start_inside_the_window_is_evidence(shared_server: ServerUnderTest) -> None:
    asked = datetime.now(UTC)
    result = walked(context_for(target(shared_server)))
    told = datetime.now(UTC)
    (start,) = [e for e in result.evidence if e.signal == "state.recent-start"]
    (occurrence,) = start.occurrences
    assert occurrence.at is not None
    before, uptime, after = datetime.now(UTC), shared_server.status("Uptime"), datetime.now(UTC)
    # Whole seconds, and what the step may have waited between two of its questions.
    age, few = timedelta(seconds=uptime), timedelta(seconds=3) + (told - asked)
    assert before - age - few < occurrence.at < after - age + few
    assert result.facts["started_at"] == occurrence.at.isoformat()


def test_a_start_before_the_window_is_none(shared_server: ServerUnderTest) -> None:
    while shared_server.status("Uptime") < 3:
        time.sleep(0.2)
    result = walked(context_for(target(shared_server), back=timedelta(seconds=1)))
    assert [e.signal for e in result.evidence] == ["state.answers"]
    assert "state.recent-start" in result.looked_for


def test_a_poor_account_is_told_what_would_help(shared_server: ServerUnderTest) -> None:
    kind = shared_server.flavor.value
    shared_server.sql("CREATE USER poor@'%' IDENTIFIED BY 'x'")
    try:
        result = walked(context_for(target(shared_server, "poor", "x")))
        assert result.status is StepStatus.DONE
        assert result.facts["has_process_privilege"] is False
        assert result.facts["has_performance_schema"] is False
        assert result.facts["can_set_global"] is False
        assert "without PROCESS" in result.notes[0]
        asked = granted(result)
        assert asked["every account's sessions"] == ("no", "GRANT PROCESS ON *.* TO 'poor'@'%';")
        assert ("counters by error and by host" in asked) is (kind == "mysql")
        for may, grant in asked.values():
            assert may == "no"
            shared_server.sql(grant)
        better = walked(context_for(target(shared_server, "poor", "x")))
        assert {may for may, _ in granted(better).values()} == {"yes"}
        assert better.facts["has_process_privilege"] is True
        assert better.facts["has_performance_schema"] is (kind == "mysql")
        assert better.facts["can_set_global"] is True
    finally:
        shared_server.sql("DROP USER poor@'%'")


def test_the_local_time_of_the_server(
    start_server: StartServer, product: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # POSIX has the sign the other way round: five and a half hours ahead of UTC.
    monkeypatch.setitem(os.environ, "TZ", "XYZ-5:30")
    server = start_server(product)
    result = walked(context_for(target(server)))
    assert result.facts["server_time_offset_seconds"] == 5 * 3600 + 1800
    assert any("XYZ (UTC+05:30)" in cell for row in result.tables[0].rows for cell in row)
    assert abs(float(result.facts["clock_skew_seconds"] or 0)) < 5


def test_a_refused_account_is_a_reachable_server(shared_server: ServerUnderTest) -> None:
    context = context_for(target(shared_server, "admin", "wrong"))
    result = walked(context)
    assert result.status is StepStatus.FAILED
    assert [e.signal for e in result.evidence] == ["state.access-denied"]
    assert "check the password" in str(result.reason)
    assert "state.answers" in result.looked_for
    assert "state.recent-start" not in result.looked_for
    assert context.server is None
    assert context.case.target.reachable is True


def test_a_server_without_a_free_slot_is_reachable(start_server: StartServer) -> None:
    server = start_server("mariadb", max_connections=10)
    taken = [server.client() for _ in range(10)]
    try:
        context = context_for(target(server, "app"))
        result = walked(context)
    finally:
        for client in taken:
            client.close()
    assert [e.signal for e in result.evidence] == ["state.too-many-connections"]
    assert context.case.target.reachable is True


def test_a_server_that_is_gone_is_not_reachable(mariadb: ServerUnderTest) -> None:
    mariadb.terminate()
    context = context_for(target(mariadb))
    result = walked(context)
    assert [e.signal for e in result.evidence] == ["state.refused"]
    assert context.case.target.reachable is False
    gone = Target(socket=str(mariadb.socket), user="root")
    context = context_for(gone)
    result = walked(context)
    assert [e.signal for e in result.evidence] == ["state.no-socket"]
    assert context.case.target.reachable is False


def test_a_second_run_takes_a_new_session(shared_server: ServerUnderTest) -> None:
    context = context_for(target(shared_server))
    first = STEP.run(context)
    second = walked(replace(context))
    assert first.facts["connection_id"] != second.facts["connection_id"]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        rows = shared_server.sql(
            "SELECT 1 FROM information_schema.processlist WHERE id = %s",
            first.facts["connection_id"],
        )
        if not rows:
            return
        time.sleep(0.05)
    pytest.fail("the first session is still open")


def test_no_short_wait_timeout_ends_our_own_sessions(mariadb: ServerUnderTest) -> None:
    """A look's and a fix's: the server would log them as idle timeouts of the application."""
    mariadb.sql("SET GLOBAL wait_timeout = 1")
    looked, fixed = context_for(target(mariadb)), context_for(target(mariadb))
    STEP.run(looked)
    server_of(fixed)
    for context in (looked, fixed):
        assert context.server is not None
        assert context.server.value("SELECT @@session.wait_timeout") == SECONDS
        context.server.close()


def test_a_clock_that_was_put_back_since_the_start_keeps_nobody_out(
    server: ServerUnderTest,
) -> None:
    """Uptime is the clock less the start, and has no sign: here it is nearly 2^64."""
    server.set_global("init_connect", "SET timestamp = 1000000000")
    context = context_for(target(server, "app"))
    result = STEP.run(context)
    try:
        assert result.status is StepStatus.DONE, result.reason
        assert result.facts["uptime_seconds"] is None
        assert result.facts["started_at"] is None
        # Whether it was started in the window was not seen.
        assert "state.recent-start" not in result.looked_for
        assert any("clock was put back" in note for note in result.notes)
        counted = COUNTERS.run(context)
        assert counted.status is StepStatus.DONE
        assert counted.facts["started_inside_window"] is False
    finally:
        assert context.server is not None
        context.server.close()


def test_the_path_is_told_whole_where_the_server_cuts_answers(server: ServerUnderTest) -> None:
    """Its sessions log in only."""
    server.set_global("max_join_size", 1)
    server.set_global("sql_select_limit", 1)
    context = context_for(target(server, "app"))
    (way,) = ways(context)
    seen = look(context, way)
    assert not seen.problems
    assert len(seen.variables) > 3
