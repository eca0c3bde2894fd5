"""What real clients did, told from the capture alone, on real servers."""

import threading
import time

import pytest

from tests.servers import capture_lab as lab
from tests.servers.harness.server import ServerUnderTest
from tests.servers.test_connection_step import context_for
from tests.servers.test_session_connect import target
from wizard.capture.logging_state import CaptureKind
from wizard.capture.prepare import Place, Wanted, prepare
from wizard.capture.step import capture_step
from wizard.hosts.local.host import LocalHost
from wizard.server.pymysql_session import PyMySqlConnector

pytestmark = pytest.mark.servers


def staged(server: ServerUnderTest) -> None:
    """What an application does while its general log is captured."""
    lab.wait_until(lambda: lab.is_on(server))
    gone = server.client(database="shop")
    gone.cursor().execute("SELECT 'a secret of mine'")
    gone._force_close()  # type: ignore[attr-defined]
    for _ in range(40):
        with server.client() as short:
            short.cursor().execute("SELECT 2")
    victim, killer = server.client(), server.client("admin")
    killer.cursor().execute(f"KILL {victim.thread_id()}")  # type: ignore[no-untyped-call]
    killer.cursor().execute("SET SESSION wait_timeout = 7")
    twice = server.client()
    twice.cursor().execute("SET autocommit = 1")
    for text in ("BEGIN", "SELECT 3", "BEGIN", "COMMIT"):
        twice.cursor().execute(text)
    for session in (killer, twice):
        session.close()
    lab.wait_until(
        lambda: (
            not server.sql(
                "SELECT 1 FROM information_schema.PROCESSLIST WHERE USER IN ('app', 'admin')"
            )
        )
    )


def test_every_pattern_that_was_staged_is_named(server: ServerUnderTest) -> None:
    found = lab.answer_with(server, staged)
    signals = {e["signal"]: e for e in found["evidence"]}
    assert set(signals) >= {
        "general.vanished", "general.reconnect-storm", "general.connection-per-statement",
        "general.kill", "general.session-timeout", "general.shared-connection",
    }  # fmt: skip
    assert "admin@" in signals["general.kill"]["text"]
    assert "secret of mine" not in str(found)
    assert "wizard" not in str(found["tables"])


def test_a_quiet_server_shows_no_pattern(server: ServerUnderTest) -> None:
    with server.client() as quiet:
        quiet.cursor().execute("SELECT 1")
        assert lab.answer(server, "general", "--for", "2s")["evidence"] == []


def test_the_bound_on_the_size_ends_it(server: ServerUnderTest) -> None:
    def fill() -> None:
        lab.wait_until(lambda: lab.is_on(server))
        with server.client() as noisy:
            while lab.is_on(server):
                noisy.cursor().execute("SELECT LENGTH('" + "x" * 200_000 + "')")
                time.sleep(0.02)

    clients = threading.Thread(target=fill)
    clients.start()
    capture = lab.answer(server, "general", "--for", "50s", "--max", "1M")["capture"]
    clients.join()
    assert capture["ended_by"] == "the log reached its size"


def test_an_account_without_the_files_reads_the_table_and_empties_it(
    server: ServerUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over TCP from where the server's process is not seen."""
    from wizard.capture import reach
    from wizard.capture.plan import Reach
    from wizard.cli import main

    monkeypatch.setattr(
        "wizard.capture.reach.reach_of", lambda *_: Reach(why_no_file="it is far away")
    )
    assert reach
    before = lab.logging_state(server)
    clients = threading.Thread(target=staged, args=(server,))
    clients.start()
    assert main(["capture", "general", "-S", str(server.socket), "-u", "root", "--for", "6s"]) == 0
    clients.join()
    assert lab.logging_state(server) == before
    assert server.sql("SELECT COUNT(*) AS n FROM mysql.general_log")[0]["n"] == 0


def test_the_wizards_own_sessions_are_no_clients(server: ServerUnderTest) -> None:
    """One rests, another speaks meanwhile; MariaDB does not know that their program is ours."""
    context = context_for(target(server))
    resting = context.server = PyMySqlConnector(context.target).connect()
    speaking = PyMySqlConnector(context.target).connect()
    wanted = Wanted(CaptureKind.GENERAL, 3, 1 << 20)
    place = Place(context.target, PyMySqlConnector(context.target), LocalHost(), False)
    with server.client() as theirs:
        prepared = prepare(place, wanted, resting, lambda _: None)

        def goes(_told: object) -> bool:
            speaking.value("SELECT 1")
            return True

        result = capture_step(place, prepared, goes).run(context)
        told = {row[0] for row in result.tables[1].rows}
        assert str(theirs.thread_id()) in told  # type: ignore[no-untyped-call]
    ours = {str(session.info.connection_id) for session in (resting, speaking)}
    assert not told & ours
    for session in (resting, speaking):
        session.close()


def test_a_short_wait_timeout_ends_no_session_of_a_capture(server: ServerUnderTest) -> None:
    server.set_global("wait_timeout", 3)  # a login may take as long
    before = server.status("Aborted_clients")
    lab.answer(server, "general", "--for", "6s")
    assert server.status("Aborted_clients") == before
