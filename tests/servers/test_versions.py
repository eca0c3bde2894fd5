"""MariaDB 10.5 and 11.8: where they differ from 10.11, and that the answers are right there too."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers.check_run import CheckRun, check
from tests.servers.conftest import StartServer
from tests.servers.harness import faults
from tests.servers.harness.server import ServerUnderTest
from tests.servers.test_error_log_server import found, look, until

pytestmark = pytest.mark.servers

OTHERS = ("mariadb-10.5", "mariadb-11.8")
EVERY_MARIADB = ("mariadb-10.5", "mariadb", "mariadb-11.8")

STAGED: dict[str, Callable[[ServerUnderTest], object]] = {
    "idle-timeout": faults.idle_timeout,
    "packet-too-large": faults.packet_too_large,
    "connection-killed": faults.connection_killed,
    "server-restarted": faults.server_restarted,
    "server-crash": faults.server_crash,
    "server-killed": faults.server_killed,
}


CASES = [(n, c) for n in OTHERS for c in STAGED]


@pytest.mark.parametrize(("name", "cause"), CASES)
def test_the_cause_is_named(start_server: StartServer, name: str, cause: str) -> None:
    server = start_server(name)
    STAGED[cause](server)
    told = check(server, app_log=True)
    assert told.first == (cause, "confirmed"), told.told()
    assert told.accused == [cause], told.told()
    assert told.answer["failures"]["total"] >= 3, told.told()
    assert told.answer["failures"]["unexplained"] == 0, told.told()
    looked_at(told, name)


def looked_at(run: CheckRun, name: str) -> None:
    assert run.answer["target"]["flavor"] == "mariadb"
    assert run.answer["target"]["version"].startswith(name.removeprefix("mariadb-"))
    for step in ("connection", "health", "error-log", "counters", "settings"):
        assert run.step(step)["status"] == "done", run.told()


@pytest.mark.parametrize("name", OTHERS)
def test_a_quiet_server_accuses_nobody(start_server: StartServer, name: str) -> None:
    server = start_server(name)
    faults.healthy_traffic(server)
    run = check(server, app_log=True)
    assert run.accused == [], run.told()
    assert run.exit_code == 0
    weighed = {d["cause"] for d in run.answer["diagnosis"]}
    assert ("outdated-version" in weighed) == (name == "mariadb-10.5"), run.told()
    assert server.status("Aborted_clients") == 0
    assert server.status("Aborted_connects") == 0


CRASH_LINE = {
    "mariadb-10.5": r"^\d{6} [ \d][\d:]{7} \[ERROR\] mysqld got signal 11 ;$",
    "mariadb-11.8": r"^\d{6} [ \d][\d:]{7} \[ERROR\] /usr/sbin/mariadbd got signal 11 ;$",
}


@pytest.mark.parametrize("name", OTHERS)
def test_each_end_of_the_server_is_told_by_its_log(start_server: StartServer, name: str) -> None:
    server = start_server(name)
    lives = [server.pid]
    for end in (server.stop, server.kill9, server.segv):
        server.sql(f"CREATE TABLE shop.life{len(lives)} ENGINE=InnoDB SELECT 1 AS one")
        end()
        server.start()
        lives.append(server.pid)

    text = server.log_text()
    starts = re.findall(r"^.* \[Note\] Starting MariaDB .* as process (\d+)$", text, re.MULTILINE)
    assert starts == [str(pid) for pid in lives]
    assert text.count("Starting crash recovery from checkpoint LSN=") == 2
    assert len(re.findall(CRASH_LINE[name], text, re.MULTILINE)) == 1

    result = look(server)
    assert {e.signal: e.count for e in result.evidence} == {
        "log.shutdown": 1,
        "log.unclean-end": 1,
        "log.crash": 1,
    }
    assert result.facts["dead_pids"] == str(lives[1])
    assert result.facts["run_pids"] == ",".join(str(pid) for pid in lives)
    assert found(result, "log.shutdown").occurrences[0].until is not None
    assert "got signal 11" in found(result, "log.crash").excerpt


ERROR_1927 = (1927).to_bytes(2, "little")


def waits_for_a_question(server: ServerUnderTest, session: int) -> bool:
    """Whether the session's thread sleeps in its read: one that has answered and is not back
    there yet finds itself killed before it reads, and ends without a word."""
    (row,) = server.sql(
        "SELECT TID, COMMAND FROM information_schema.PROCESSLIST WHERE ID = %s", session
    )
    stat = Path(f"/proc/{server.pid}/task/{row['TID']}/stat").read_text(encoding="ascii")
    return bool(row["COMMAND"] == "Sleep" and stat.rpartition(")")[2].split()[0] == "S")


@pytest.mark.parametrize("name", EVERY_MARIADB)
def test_what_a_shutdown_says_to_an_idle_client(start_server: StartServer, name: str) -> None:
    """MariaDB 10.5 says that the connection was killed; later ones only close it."""
    server = start_server(name)
    client = server.client()
    session = int(client.thread_id())  # type: ignore[no-untyped-call]
    until(lambda: waits_for_a_question(server, session), "the session never rested")
    server.stop()
    # Nothing is sent: a reset that answers it may take away what was not read yet.
    socket = client._sock  # type: ignore[attr-defined]
    socket.settimeout(30)
    said = socket.recv(1 << 12)
    assert said[4:7] == (b"\xff" + ERROR_1927 if name == "mariadb-10.5" else b"")
    client._force_close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", EVERY_MARIADB)
def test_what_sets_the_totals_back(start_server: StartServer, name: str) -> None:
    """Aborted_clients counts from the last FLUSH STATUS, on 11.8 from FLUSH GLOBAL STATUS."""
    server = start_server(name)
    faults.leave_without_quit(server)
    until(lambda: server.status("Aborted_clients") == 1, "the client that left was not counted")
    server.sql("FLUSH STATUS")
    assert server.status("Aborted_clients") == (1 if name == "mariadb-11.8" else 0)
    if name == "mariadb-11.8":
        server.sql("FLUSH GLOBAL STATUS")
        assert server.status("Aborted_clients") == 0
