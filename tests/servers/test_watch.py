"""Sessions lost to a known cause while the recorder watches, among others that only quit."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import pymysql
import pytest

from tests.servers.harness.server import ServerUnderTest
from wizard.case.window import parse_window
from wizard.diagnosis.model import Verdict
from wizard.investigation.begin import Beginning
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.sample import Sample
from wizard.recorder.watch import watch
from wizard.target.model import Sources, Target

PATIENCE = 90.0
INTERVAL = 0.5


class Recorder:
    """A recorder in a thread, and what it has told."""

    def __init__(self, server: ServerUnderTest) -> None:
        self.events: list[RecorderEvent] = []
        self.stop = threading.Event()
        self.samples = 0
        target = Target(socket=str(server.socket), user="root")
        window = parse_window(None, None, datetime.now().astimezone())
        self._beginning = Beginning(target, Sources(error_log=server.error_log), window)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        investigation = self._beginning.begin()
        for event in watch(investigation, self.stop, INTERVAL, self._sampled):
            self.events.append(event)

    def _sampled(self, _sample: Sample) -> None:
        self.samples += 1

    def start(self) -> None:
        self._thread.start()
        self.looks(1)

    def looks(self, count: int) -> None:
        """Until so many more samples have been taken, however long each takes here."""
        wanted, give_up = self.samples + count, time.monotonic() + PATIENCE
        while self.samples < wanted:
            assert time.monotonic() < give_up, [e.text for e in self.events]
            time.sleep(0.02)

    def end(self) -> None:
        self.stop.set()
        self._thread.join(PATIENCE)

    def wait_for(self, wanted: Callable[[RecorderEvent], bool]) -> RecorderEvent:
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            for event in list(self.events):
                if wanted(event):
                    return event
            time.sleep(0.05)
        raise AssertionError(f"never told; told was: {[e.text for e in self.events]}")

    def end_of(self, number: int) -> RecorderEvent:
        return self.wait_for(lambda e: e.session is not None and e.session.id == number)


@contextmanager
def recorder(server: ServerUnderTest) -> Iterator[Recorder]:
    made = Recorder(server)
    made.start()
    try:
        yield made
    finally:
        made.end()


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


def test_a_server_that_dies_is_told_and_why_once_it_is_back(talkative: ServerUnderTest) -> None:
    with recorder(talkative) as told:
        talkative.kill9()
        told.wait_for(lambda e: e.kind is EventKind.SERVER_DOWN)
        talkative.start()
        back = told.wait_for(lambda e: e.kind is EventKind.SERVER_UP)
        assert back.cause in ("server-killed", "server-crash"), back.text
        told.events.clear()
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
