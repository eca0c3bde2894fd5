"""Sessions lost to a known cause while the recorder watches, among others that only quit."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pymysql
import pytest

from tests.servers import capture_lab as lab
from tests.servers.harness.server import ServerUnderTest
from tests.servers.watched import PATIENCE, recorder
from wizard.diagnosis.model import Verdict
from wizard.recorder.event import EventKind


def connected(connection: Any) -> int:
    """Threads_connected, the number that MySQL holds against max_connections."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW GLOBAL STATUS LIKE 'Threads_connected'")
        return int(cursor.fetchone()[1])


def connection_id(connection: Any) -> int:
    return int(connection.thread_id())


@pytest.fixture
def talkative(start_server: Callable[..., ServerUnderTest], product: str) -> ServerUnderTest:
    """A server whose log names the sessions that end."""
    setting = {"log_warnings": 2} if product == "mariadb" else {"log_error_verbosity": 3}
    return start_server(product, **setting)


def test_each_loss_is_told_with_its_session_and_cause(talkative: ServerUnderTest) -> None:
    server = talkative
    with recorder(server) as told:
        idle, busy = server.client(), server.client()
        idle_id, busy_id = connection_id(idle), connection_id(busy)
        worker = threading.Thread(target=_ends_with_an_error, args=(busy, "SELECT SLEEP(60)"))
        worker.start()
        told.looks(3)
        for number in (idle_id, busy_id):
            server.sql(f"KILL {number}")
            event = told.end_of(number)
            assert event.cause == "connection-killed"
            assert event.verdict is Verdict.CONFIRMED
        worker.join(PATIENCE)

        short = server.client()
        short_id = connection_id(short)
        told.looks(3)
        short.query("SET SESSION wait_timeout = 2")
        assert told.end_of(short_id).cause == "idle-timeout"

        vanished = server.client()
        vanished_id = connection_id(vanished)
        told.looks(3)
        vanished._force_close()  # type: ignore[attr-defined]
        assert told.end_of(vanished_id).cause == "client-not-closing"

        large = server.client()
        large_id = connection_id(large)
        told.looks(3)
        limit = int(server.sql("SELECT @@max_allowed_packet AS size")[0]["size"])
        _ends_with_an_error(large, f"SELECT LENGTH('{'x' * (limit + 1024)}')")
        assert told.end_of(large_id).cause == "packet-too-large"

        for connection in (idle, short):
            connection._force_close()  # type: ignore[attr-defined]
    lost = {idle_id, busy_id, short_id, vanished_id, large_id}
    others = [e for e in told.events if e.session is not None and e.session.id not in lost]
    assert [e.text for e in others] == []


def test_sessions_that_quit_are_no_events(talkative: ServerUnderTest) -> None:
    with recorder(talkative) as told:
        for _ in range(3):
            opened = [talkative.client() for _ in range(40)]
            told.looks(2)
            for connection in opened:
                connection.close()
        victim = talkative.client()
        number = connection_id(victim)
        told.looks(3)
        talkative.sql(f"KILL {number}")
        assert told.end_of(number).cause == "connection-killed"
        victim._force_close()  # type: ignore[attr-defined]
    ended = [e for e in told.events if e.kind is EventKind.SESSION_ENDED]
    assert [e.session.id for e in ended if e.session is not None] == [number]


def test_a_kill_among_many_that_quit_at_once_names_the_right_session(
    talkative: ServerUnderTest,
) -> None:
    """The server closes the victim's socket first; who quits closes its own."""
    with recorder(talkative) as told:
        opened = [talkative.client() for _ in range(30)]
        victim = opened.pop(11)
        number = connection_id(victim)
        told.looks(3)
        talkative.sql(f"KILL {number}")
        for connection in opened:
            connection.close()
        event = told.end_of(number)
        assert (event.cause, event.verdict) == ("connection-killed", Verdict.CONFIRMED)
        told.looks(6)
        victim._force_close()  # type: ignore[attr-defined]
    ended = [e for e in told.events if e.kind is EventKind.SESSION_ENDED]
    assert [e.session.id for e in ended if e.session is not None] == [number]


def test_a_server_that_dies_is_told_and_why_once_it_is_back(talkative: ServerUnderTest) -> None:
    """Uptime has whole seconds: of a younger server nobody could tell that it is a new one."""
    talkative.counted("Uptime", 4)
    with recorder(talkative) as told:
        talkative.kill9()
        told.wait_for(lambda e: e.kind is EventKind.SERVER_DOWN)
        talkative.start()
        back = told.wait_for(lambda e: e.kind is EventKind.SERVER_UP)
        assert back.cause in ("server-killed", "server-crash"), back.text
        told.events.clear()
        talkative.counted("Uptime", 4)
        told.looks(2)
        talkative.stop()
        told.wait_for(lambda e: e.kind is EventKind.SERVER_DOWN)
        talkative.start()
        back = told.wait_for(lambda e: e.kind is EventKind.SERVER_UP)
        assert back.cause == "server-restarted", back.text


def test_refused_logins_at_the_limit_are_told(
    start_server: Callable[..., ServerUnderTest], product: str
) -> None:
    server = start_server(product, max_connections=12)
    with recorder(server) as told:
        opened = [server.client() for _ in range(8)]
        for _ in range(12):
            with suppress(pymysql.OperationalError):
                opened += [server.client()]
        event = told.wait_for(lambda e: e.kind is EventKind.LOGIN_FAILED)
        assert event.cause == "too-many-connections"
        for connection in opened:
            connection.close()


def test_a_wrong_password_is_not_refused_for_want_of_a_slot(
    start_server: Callable[..., ServerUnderTest], product: str
) -> None:
    """Both servers look at the password first, also when all slots are taken."""
    server = start_server(product, max_connections=12)
    with recorder(server) as told:
        opened = [server.client() for _ in range(8)]
        with suppress(pymysql.OperationalError):
            while True:
                opened += [server.client()]
        assert told.wait_for(lambda e: e.cause == "too-many-connections").count == 1
        told.looks(2)
        told.events.clear()
        for _ in range(3):
            with pytest.raises(pymysql.OperationalError, match="Access denied"):
                server.client(password="wrong")
            # MySQL asks nobody for a password who comes before the slot is free again.
            lab.wait_until(lambda: connected(opened[0]) == len(opened) + 1)
        told.wait_for(lambda e: e.kind is EventKind.LOGIN_FAILED)
        told.looks(2)
        failed = [e for e in told.events if e.kind is EventKind.LOGIN_FAILED]
        assert sum(e.count for e in failed) == 3
        assert {e.cause for e in failed} == {"access-denied" if product == "mariadb" else None}
        for connection in opened:
            connection.close()


def test_the_command_prints_json_lines_and_stops_in_order(mariadb: ServerUnderTest) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "wizard.cli", "watch", "-S", str(mariadb.socket), "-u", "root",
         "--format", "json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    first = process.stdout.readline()
    assert '"event": "recorder-started"' in first, process.stderr
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=PATIENCE)
    assert '"event": "recorder-stopped"' in out
    assert process.returncode == 0
    assert "Traceback" not in err


def _ends_with_an_error(connection: "pymysql.connections.Connection[pymysql.cursors.Cursor]",
                        sql: str) -> None:  # fmt: skip
    with pytest.raises(pymysql.MySQLError):
        connection.query(sql)
