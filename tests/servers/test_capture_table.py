"""A capture that goes to a log table, for the server's files are out of reach."""

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo

import pytest

from tests.servers import capture_lab as lab
from tests.servers.conftest import SharedServers
from tests.servers.harness.server import ServerUnderTest
from tests.servers.test_session_connect import target
from wizard.capture import already_on, recording
from wizard.capture.logging_state import CaptureKind
from wizard.capture.prepare import Place, Wanted, prepare
from wizard.capture.source import CapturedLog
from wizard.cli import main
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host
from wizard.server import bounded_connection
from wizard.server.pymysql_session import PyMySqlConnector

pytestmark = pytest.mark.servers


@pytest.fixture(autouse=True)
def _own_journal(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


@contextmanager
def captured(
    server: ServerUnderTest, seconds: int, most: int = 8 << 20, host: Host | None = None
) -> Iterator[CapturedLog]:
    """The general log, begun from a machine that sees nothing of the server's files."""
    where = target(server)
    connector = PyMySqlConnector(where)
    session = connector.connect()
    wanted = Wanted(CaptureKind.GENERAL, seconds, most)
    log = prepare(Place(where, connector, host, False), wanted, session, print).open(session)
    try:
        log.begin()
        yield log
    finally:
        log.close()
        session.close()


def statements(log: CapturedLog) -> list[str]:
    texts = (row["argument"] for row in log.rows())
    return [text.decode() if isinstance(text, bytes) else str(text) for text in texts]


@pytest.mark.parametrize(("product", "already"), [("mariadb", False), ("mysql", True)])
def test_the_bound_on_the_size_ends_it(
    product: str, already: bool, shared_servers: SharedServers
) -> None:
    server = shared_servers(product)
    if already:
        server.sql("SET GLOBAL log_output = 'TABLE'")
        server.sql("SET GLOBAL general_log = 1")
    try:
        with captured(server, 600, 1 << 20) as log, server.client() as noisy:
            for told in log.progress():
                assert told.seconds < 300
                noisy.cursor().execute("SELECT LENGTH('" + "x" * 700_000 + "')")
            assert log.ended_by == "the log reached its size"
            log.end()
            assert any("x" * 100_000 in text for text in statements(log))
    finally:
        server.sql("SET GLOBAL general_log = 0")
        server.sql("SET GLOBAL log_output = 'FILE'")
        server.sql("TRUNCATE TABLE mysql.general_log")


def test_the_guard_ends_it_too_where_the_wizard_is_stopped(shared_servers: SharedServers) -> None:
    server = shared_servers("mysql")
    with captured(server, 600, 1 << 20) as log:
        with server.client() as noisy, noisy.cursor() as cursor:
            for _number in range(2):
                cursor.execute("DO LENGTH('" + "x" * 700_000 + "')")
        lab.wait_until(lambda: not lab.is_on(server))
        for _told in log.progress():
            assert not log.ended_by
        assert log.ended_by == "the log reached its size"


def test_what_a_table_takes_is_counted_and_not_reckoned(shared_servers: SharedServers) -> None:
    """CSV doubles a quote, so that twice as much is written as came."""
    server = shared_servers("mysql")
    with captured(server, 600, 1 << 24) as log, server.client() as client:
        looks = log.progress()
        before = next(looks).size
        client.cursor().execute("DO LENGTH('" + '"' * 500_000 + "')")
        after = next(looks).size
        assert before is not None
        assert after is not None
        assert 1_000_000 < after - before < 1_100_000
        log.end()


class Ahead(datetime):
    """The clock of a laptop that is an hour ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Ahead":
        then = datetime.now(tz) + timedelta(hours=1)
        return cls.combine(then.date(), then.timetz())


def test_a_word_to_stop_that_comes_after_the_end(shared_servers: SharedServers) -> None:
    """The table is emptied when it was read, not when the late word comes."""
    server = shared_servers("mariadb")
    with server.client() as client, captured(server, 1) as log:
        client.cursor().execute("SELECT 'said meanwhile'")
        assert isinstance(log, recording.Recording)
        assert log._guard is not None
        says = log._guard._process.stdout
        assert says is not None
        assert select.select([says], [], [], 60)[0]
        log.end()
        until = time.monotonic() + 0.7
        while time.monotonic() < until:
            assert "SELECT 'said meanwhile'" in statements(log)
            time.sleep(0.1)
    lab.wait_until(lambda: not server.sql("SELECT 1 FROM mysql.general_log LIMIT 1"))


def test_the_other_log_that_goes_to_a_table_does_so_afterwards(
    shared_servers: SharedServers,
) -> None:
    server = shared_servers("mariadb")
    server.sql("SET GLOBAL log_output = 'TABLE'")
    server.sql("SET GLOBAL slow_query_log = 1")
    try:
        before = lab.logging_state(server)
        with captured(server, 60, host=LocalHost()) as log:
            assert log.reads_file
            log.end()
        assert lab.logging_state(server) == before
    finally:
        server.sql("SET GLOBAL slow_query_log = 0")
        server.sql("SET GLOBAL log_output = 'FILE'")


def test_more_rows_than_other_answers_may_have(
    shared_servers: SharedServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a machine whose clock is not the server's."""
    for module in (recording, already_on):
        monkeypatch.setattr(module, "datetime", Ahead, raising=False)
    server = shared_servers("mysql")
    with captured(server, 60) as log, server.client() as client:
        for number in range(300):
            client.cursor().execute(f"SELECT {number}")
        log.end()
        monkeypatch.setattr(bounded_connection, "MOST_PACKETS", 100)
        assert {f"SELECT {number}" for number in range(300)} <= set(statements(log))


def test_a_server_that_is_restarted_meanwhile_is_told(shared_servers: SharedServers) -> None:
    server = shared_servers("mariadb")
    with captured(server, 600) as log:
        for number, _told in enumerate(log.progress()):
            if not number:
                server.kill()
            elif number == 1:
                server.start()
        assert log.ended_by == "the server ended it"
        assert log.end()
        assert log.rows()


def test_the_tables_own_files_are_no_quiet_logs(
    server: ServerUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("log_output", "TABLE"), ("long_query_time", 0)):
        server.set_global(name, value)
    for name in ("general_log", "slow_query_log"):
        server.set_global(name, 1)
    with server.client() as client, client.cursor() as cursor:
        for number in range(20):
            cursor.execute(f"SELECT {number}")
    server.sql("FLUSH TABLES")
    for table in ("general", "slow"):
        assert main(["logs", str(server.data / "mysql" / f"{table}_log.CSV")]) == 2
        assert f"rows of the table mysql.{table}_log" in capsys.readouterr().err
