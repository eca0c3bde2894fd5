"""The error-log step on real servers: what they write, and what the step makes of it."""

import contextlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pymysql
import pytest

from tests.servers.conftest import StartServer
from tests.servers.harness.faults import wait_until_its_log_rests
from tests.servers.harness.server import ServerUnderTest
from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import Evidence, StepResult, StepStatus
from wizard.hosts.local.host import LocalHost
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.steps import connection, error_log
from wizard.steps.step import Context
from wizard.target.model import Secret, Sources, Target

pytestmark = pytest.mark.servers

CHATTY = {"mariadb": {}, "mysql": {"log_error_verbosity": 3}}


def look(server: ServerUnderTest, log: Path | None = None, since: float = 600) -> StepResult:
    """The step's result, after the connection step, as an investigation runs them."""
    target = Target(
        host=server.host, port=server.port, user="admin", password=Secret(server.passwords["admin"])
    )
    now = datetime.now().astimezone()
    window = Window(now - timedelta(seconds=since), now + timedelta(seconds=1))
    context = Context(
        target,
        Sources(error_log=log),
        Case(now, window, TargetFacts(target.label)),
        PyMySqlConnector(target),
        LocalHost(),
    )
    try:
        context.case = context.case.with_step(connection.STEP.run(context))
        return error_log.STEP.run(context)
    finally:
        if context.server is not None:
            context.server.close()


def found(result: StepResult, signal: str) -> Evidence:
    by_signal = {e.signal: e for e in result.evidence}
    assert signal in by_signal, (sorted(by_signal), result.notes)
    return by_signal[signal]


def logged(server: ServerUnderTest, text: str) -> None:
    until(lambda: text in server.log_text(), f"no {text!r} in {server.log_text()[-3000:]}")


def until(condition: Callable[[], bool], message: str, seconds: float = 90) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, message
        time.sleep(0.1)


def idle_out(server: ServerUnderTest) -> int:
    """A session of `app` that runs into wait_timeout; its connection id."""
    client = server.client()
    client.cursor().execute("SET wait_timeout = 1")
    number = thread(client)
    logged(server, f"Aborted connection {number} ")
    client._force_close()  # type: ignore[attr-defined]
    return number


def thread(client: Any) -> int:
    return int(client.thread_id())


@pytest.mark.parametrize("product", ["mariadb", "mysql"])
def test_ended_sessions_are_told_by_reason(start_server: StartServer, product: str) -> None:
    server = start_server(product, max_allowed_packet=1 << 20, **CHATTY[product])
    idle = idle_out(server)
    with contextlib.suppress(pymysql.Error), server.client() as client:
        client.cursor().execute("SELECT LENGTH('" + "a" * (2 << 20) + "')")
    logged(server, "Got a packet bigger")
    gone = server.client()
    gone_id = thread(gone)
    gone._force_close()  # type: ignore[attr-defined]
    logged(server, f"Aborted connection {gone_id} ")
    with pytest.raises(pymysql.err.OperationalError):
        server.client("app", password="wrong")
    logged(server, "Access denied")

    result = look(server)
    assert result.status is StepStatus.DONE
    signal = "log.aborted-timeout" if product == "mariadb" else "log.idle-timeout"
    timeout = found(result, signal)
    assert timeout.count == 1, "two lines of one session are one session"
    (session,) = timeout.occurrences
    assert session.connection_id == idle
    assert session.account in ("'app'@'127.0.0.1'", "'app'@'localhost'")
    if product == "mysql":
        assert session.seconds == 1
    assert found(result, "log.aborted-packet").count == 1
    ends = found(result, "log.aborted-read-error").occurrences
    assert gone_id in {o.connection_id for o in ends}
    assert found(result, "log.access-denied").count == 1
    assert "log.crash" in result.looked_for
    assert result.facts["can_tell_aborted"] is True
    assert str(server.error_log.name) in str(result.facts["path"])
    assert session.line is not None
    assert f"Aborted connection {idle} " in server.log_text().splitlines()[session.line - 1]


def test_mysql_at_its_default_cannot_tell(mysql: ServerUnderTest) -> None:
    client = mysql.client()
    client.cursor().execute("SET wait_timeout = 1")
    until(lambda: mysql.error_count(4031) > 0, "the session was not closed")
    result = look(mysql)
    assert not {s for s in result.looked_for if s.startswith("log.aborted-")} - {
        "log.aborted-init-connect"
    }
    assert "log.idle-timeout" not in result.looked_for
    assert "log.access-denied" not in result.looked_for
    assert "log.crash" in result.looked_for
    assert result.facts["can_tell_aborted"] is False
    assert any("log_error_verbosity = 2" in note for note in result.notes)
    assert any("SET GLOBAL log_error_verbosity = 3" in note for note in result.notes)


def test_mariadb_without_warnings_cannot_tell(start_server: StartServer) -> None:
    server = start_server("mariadb", log_warnings=1)
    result = look(server)
    assert "log.aborted-timeout" not in result.looked_for
    assert any("SET GLOBAL log_warnings = 2" in note for note in result.notes)


def test_a_first_start_is_no_restart(server: ServerUnderTest) -> None:
    result = look(server)
    assert result.evidence == ()
    assert result.facts["last_state"] == "running"
    assert "log.unclean-end" in result.looked_for
    assert str(server.pid) in str(result.facts["run_pids"])


def test_an_orderly_restart(server: ServerUnderTest) -> None:
    server.restart()
    result = look(server)
    assert [e.signal for e in result.evidence] == ["log.shutdown"]
    (outage,) = found(result, "log.shutdown").occurrences
    assert outage.at is not None
    assert outage.until is not None
    assert outage.at <= outage.until <= datetime.now().astimezone()


def test_a_kill_leaves_no_word(server: ServerUnderTest) -> None:
    dead = server.pid
    server.kill9()
    server.start()
    result = look(server)
    assert [e.signal for e in result.evidence] == ["log.unclean-end"]
    assert found(result, "log.unclean-end").count == 1
    assert result.facts["dead_pids"] == str(dead)
    (outage,) = found(result, "log.unclean-end").occurrences
    assert outage.until is not None


def test_a_crash_is_counted_once_and_names_its_query(server: ServerUnderTest) -> None:
    server.segv()
    server.start()
    result = look(server)
    assert [e.signal for e in result.evidence] == ["log.crash"]
    crash = found(result, "log.crash")
    assert crash.count == 1
    assert "got signal 11" in crash.excerpt
    assert result.facts["dead_pids"] == ""


def test_three_crashes_in_a_row_are_a_loop(mariadb: ServerUnderTest) -> None:
    for _ in range(3):
        mariadb.segv()
        mariadb.start()
    result = look(mariadb)
    assert found(result, "log.crash").count == 3
    assert found(result, "log.crash-loop").count == 3


def test_a_start_before_the_window_is_history(mariadb: ServerUnderTest) -> None:
    mariadb.kill9()
    mariadb.start()
    wait_until_its_log_rests(mariadb)
    result = look(mariadb, since=1)
    assert result.evidence == ()
    assert result.facts["last_state"] == "running"


def test_a_killed_server_that_stays_down(server: ServerUnderTest) -> None:
    pid = server.pid
    server.kill9()
    result = look(server, server.error_log)
    end = found(result, "log.unclean-end")
    assert end.occurrences[0].until is None
    assert result.facts["dead_pids"] == str(pid)


def test_a_stopped_server_that_stays_down(server: ServerUnderTest) -> None:
    server.stop()
    result = look(server, server.error_log)
    assert [e.signal for e in result.evidence] == ["log.shutdown"]
    assert found(result, "log.shutdown").occurrences[0].until is None
    assert result.facts["last_state"] == "stopped"


def test_mysql_tells_its_log_over_sql(mysql: ServerUnderTest) -> None:
    mysql.restart()
    hidden = mysql.error_log.rename(mysql.error_log.with_name("moved.log"))
    try:
        result = look(mysql)
    finally:
        hidden.rename(mysql.error_log)
    assert result.facts["path"] == "performance_schema.error_log"
    assert [e.signal for e in result.evidence] == ["log.shutdown"]
