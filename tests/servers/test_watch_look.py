"""One look of the recorder at a real server: what it sees, and that it reads no summary whole."""

import threading
import time
from contextlib import suppress
from typing import Any

import pymysql
import pytest

from tests.servers.harness.server import ServerUnderTest
from wizard.recorder.sample import AccountError
from wizard.recorder.sampler import Sampler
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.target.model import Secret, Target

PROGRAMS = ["billing", "pymysql", "billing"]

pytestmark = pytest.mark.servers


def sampler_of(server: ServerUnderTest) -> Sampler:
    return Sampler(PyMySqlConnector(Target(socket=str(server.socket), user="root")).connect())


def test_a_look_sees_each_session_with_its_work_and_transaction(
    shared_server: ServerUnderTest,
) -> None:
    """Also where a statement is no UTF-8, has line ends, or is far longer than what is kept.

    MySQL's list shows it up to the first byte that is none.
    """
    sampler = sampler_of(shared_server)
    clients: list[Any] = [
        shared_server.client(program_name=name if name != "pymysql" else "") for name in PROGRAMS
    ]
    resting, in_transaction, busy = clients
    in_transaction.query("START TRANSACTION WITH CONSISTENT SNAPSHOT")
    statement = b"SELECT SLEEP(20), _binary'\xff\xfe\x80', '\n\t\"', '" + b"x" * 9000 + b"'"
    worker = threading.Thread(target=_run, args=(busy, statement), daemon=True)
    worker.start()
    shared_server.wait_until_asleep(busy.thread_id())
    first, second = sampler.take(), sampler.take()
    for sample in (first, second):
        seen = [sample.sessions[c.thread_id()] for c in (resting, in_transaction, busy)]
        assert [s.command for s in seen] == ["Sleep", "Sleep", "Query"]
        assert [s.transaction_seconds is not None for s in seen][:2] == [False, True]
        assert seen[2].statement.startswith("SELECT SLEEP(?)")
        assert "xxx" not in seen[2].statement
        assert seen[2].statement_bytes >= len("SELECT SLEEP(20), _binary'")
        assert all(s.port for s in seen)
        known = shared_server.sql("SELECT @@performance_schema AS is_on")[0]["is_on"]
        assert [s.program for s in seen] == (PROGRAMS if known else ["", "", ""])
        assert sampler.own not in sample.sessions
        assert not sample.cut
    shared_server.sql(f"KILL {busy.thread_id()}")
    worker.join(60)
    for connection in (resting, in_transaction):
        connection.close()
    give_up = time.monotonic() + 60
    while resting.thread_id() in sampler.take().sessions:
        assert time.monotonic() < give_up


def test_errors_and_kills_are_counted_by_account_from_the_first_look_on(
    shared_server: ServerUnderTest,
) -> None:
    """Also for an account that the server had not seen before."""
    mysql = shared_server
    if "mariadb" in mysql.log_text().lower():
        pytest.skip("MariaDB counts no errors by account")
    _kill_one(mysql)
    sampler = sampler_of(mysql)
    before = sampler.take()
    mysql.sql("CREATE USER late IDENTIFIED BY 'Late-1-late'")
    late: Any = pymysql.connect(
        host="127.0.0.1", port=mysql.port, user="late", password="Late-1-late", ssl_disabled=True
    )
    worker = threading.Thread(target=_run, args=(late, b"SELECT SLEEP(20)"), daemon=True)
    worker.start()
    mysql.wait_until_asleep(late.thread_id())
    mysql.sql(f"KILL {late.thread_id()}")
    worker.join(60)
    late._force_close()
    mysql.wait_until_ended(late.thread_id())
    mysql.sql("DROP USER late")
    after = sampler.take()
    assert after.kill_count - before.kill_count == 1
    grown = {
        key: total - before.errors.get(key, 0)
        for key, total in after.errors.items()
        if total > before.errors.get(key, 0)
    }
    assert grown.get(AccountError("late@127.0.0.1", 1160)) == 1, grown
    assert {key.account for key in grown} == {"late@127.0.0.1"}
    assert sum(after.kills.values()) - sum(before.kills.values()) == 1


def _kill_one(server: ServerUnderTest) -> None:
    victim: Any = server.client()
    server.sql(f"KILL {victim.thread_id()}")
    victim._force_close()
    server.wait_until_ended(victim.thread_id())


def _run(connection: Any, sql: bytes) -> None:
    with suppress(pymysql.MySQLError, OSError):
        connection._execute_command(3, sql)
        connection._read_query_result()


def test_an_account_without_process_is_told_what_it_does_not_see(
    shared_server: ServerUnderTest,
) -> None:
    """The counters and its own sessions are still looked at."""
    other = shared_server.client()
    shared_server.sql("CREATE USER poor IDENTIFIED BY 'Poor-1-poor'")
    secret = Secret("Poor-1-poor")
    target = Target(host="127.0.0.1", port=shared_server.port, user="poor", password=secret)
    sampler = Sampler(PyMySqlConnector(target).connect())
    sample = sampler.take()
    assert "GRANT PROCESS" in sampler.blind
    assert sample.counter("Threads_connected") >= 2
    assert sample.counter("max_connections") > 0
    other.close()
    shared_server.sql("DROP USER poor")
