"""What a session says when a statement is refused, fails, or finds the connection gone."""

import time

import pytest

from tests.servers.harness.server import ServerUnderTest
from tests.servers.test_session_connect import connected, target
from wizard.server.privileges import read_privileges, sees_all_sessions
from wizard.server.session import ConnectionLost, QueryDenied, QueryFailed, ServerError

pytestmark = pytest.mark.servers


def failure(kind: type[ServerError], session: object, sql: str) -> ServerError:
    with pytest.raises(kind) as caught:
        session.rows(sql)  # type: ignore[attr-defined]
    assert caught.value.__cause__ is None
    return caught.value


def test_a_killed_session_is_lost_and_stays_lost(shared_server: ServerUnderTest) -> None:
    session = connected(target(shared_server))
    shared_server.sql(f"KILL {session.info.connection_id}")
    for _ in range(2):
        error = failure(ConnectionLost, session, "SELECT 1")
        assert error.number in (2006, 2013)
        assert str(error)
    session.close()


def test_an_idle_session_that_the_server_closed_is_lost(shared_server: ServerUnderTest) -> None:
    session = connected(target(shared_server))
    session.rows("SET SESSION wait_timeout = 1")
    shared_server.wait_until_ended(session.info.connection_id)
    error = failure(ConnectionLost, session, "SELECT 1")
    assert error.number in (2006, 2013, 4031)


def test_a_server_that_dies_is_a_lost_session(server: ServerUnderTest) -> None:
    session = connected(target(server))
    server.kill9()
    failure(ConnectionLost, session, "SELECT 1")


def test_a_silent_server_is_given_up(shared_server: ServerUnderTest) -> None:
    from wizard.server.pymysql_session import PyMySqlConnector

    session = PyMySqlConnector(target(shared_server)).connect(read_timeout=2.0)
    began = time.monotonic()
    failure(ConnectionLost, session, "SELECT SLEEP(120)")
    assert time.monotonic() - began < 60, "the answer was waited for"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM information_schema.INNODB_METRICS LIMIT 1",
        "SELECT 1 FROM performance_schema.host_cache LIMIT 1",
        "SELECT 1 FROM mysql.user LIMIT 1",
        "SET GLOBAL net_retry_count = 10",
    ],
)
def test_a_refusal_names_the_grant_and_the_grant_helps(
    shared_server: ServerUnderTest, sql: str
) -> None:
    shared_server.sql("CREATE USER poor@'%' IDENTIFIED BY 'x'")
    try:
        session = connected(target(shared_server, "poor", "x"))
        denied = failure(QueryDenied, session, sql)
        session.close()
        assert denied.advice.startswith("GRANT ")
        assert denied.advice.endswith(" TO 'poor'@'%';")
        shared_server.sql(denied.advice)
        session = connected(target(shared_server, "poor", "x"))
        session.rows(sql)
        session.close()
    finally:
        shared_server.sql("DROP USER poor@'%'")


def test_any_other_error_is_a_failure_that_leaves_the_session(
    shared_server: ServerUnderTest,
) -> None:
    session = connected(target(shared_server))
    assert failure(QueryFailed, session, "SELEC 1").number == 1064
    assert failure(QueryFailed, session, "SELECT nothing FROM shop.nowhere").number == 1146
    assert session.value("SELECT 1") == 1
    session.close()


def test_values_arguments_and_percent_signs(shared_server: ServerUnderTest) -> None:
    session = connected(target(shared_server))
    assert session.value("SELECT %s", ["it's 100 %"]) == "it's 100 %"
    assert session.value("SELECT 'a%'") == "a%"
    assert session.value("SELECT 1 FROM DUAL WHERE 1 = 0") is None
    assert session.rows("SELECT 1 AS a, 'x' AS b") == [{"a": 1, "b": "x"}]
    session.close()


def test_a_change_returns_its_warnings(shared_server: ServerUnderTest) -> None:
    session = connected(target(shared_server))
    (warning,) = session.execute("SET SESSION wait_timeout = 0")
    assert warning["Code"] == 1292
    assert session.execute("SET SESSION wait_timeout = 100") == []
    session.close()


def test_privileges_with_and_without_a_role(shared_server: ServerUnderTest) -> None:
    session = connected(target(shared_server, "app"))
    found = read_privileges(session)
    assert found is not None
    assert not found.has("PROCESS")
    session.close()
    shared_server.sql("CREATE ROLE looker")
    shared_server.sql("GRANT PROCESS, SELECT ON *.* TO looker")
    shared_server.sql("GRANT looker TO app@'%'")
    session = connected(target(shared_server, "app"))
    session.rows("SET ROLE looker")
    found = read_privileges(session)
    assert found is not None
    assert found.has("PROCESS")
    assert sees_all_sessions(session)
    assert not found.has("SUPER", "SYSTEM_VARIABLES_ADMIN")
    session.close()


def test_an_administrator_may_everything(shared_server: ServerUnderTest) -> None:
    session = connected(target(shared_server))
    found = read_privileges(session)
    assert found is not None
    assert found.has("PROCESS")
    assert found.has("SUPER")
    session.close()
