"""A private server lives as long as its program, and no longer."""

import os
import secrets
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pymysql
import pytest

from tests.servers.conftest import StartServer
from tests.servers.harness.server import ServerUnderTest
from wizard.demo.binaries import Flavor, NoServerInstalled, ServerBinary
from wizard.demo.private_server import PrivateServer

pytestmark = pytest.mark.servers

_SECONDS = 120.0

_HOLDER = """
import sys, time
from pathlib import Path
from wizard.demo.binaries import Flavor, ServerBinary
from wizard.demo.private_server import PrivateServer
binary = ServerBinary(Flavor(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
with PrivateServer(binary, data_template=Path(sys.argv[4])) as server:
    print(server.pid, server.directory, flush=True)
    time.sleep(600)
"""


def test_it_listens_on_loopback_alone_and_lets_nobody_in_without_a_password(
    server: ServerUnderTest,
) -> None:
    (row,) = server.sql("SELECT @@bind_address AS address, @@port AS port")
    assert row == {"address": "127.0.0.1", "port": server.port}
    assert stat.S_IMODE(server.directory.stat().st_mode) == 0o700
    for user in ("root", "app", "admin", ""):
        with pytest.raises(pymysql.err.OperationalError, match=r"1045|1698"):
            server.connect(user, password="")


def test_its_paths_are_this_machines(server: ServerUnderTest) -> None:
    assert "ready for connections" in server.log_text()
    assert server.socket.is_socket()
    assert server.option_file.is_file()
    assert Path(f"/proc/{server.pid}").is_dir()


def test_restart_and_signals_concern_its_own_process(server: ServerUnderTest) -> None:
    first = server.pid
    server.restart()
    second = server.pid
    assert second != first
    server.segv()
    with pytest.raises(NoServerInstalled, match="not running"):
        _ = server.pid
    server.start()
    assert server.sql("SELECT 1 AS one") == [{"one": 1}]


def test_settings_stand_in_its_option_file(start_server: StartServer, product: str) -> None:
    server = start_server(product, wait_timeout=77, max_allowed_packet=1 << 20)
    assert "wait_timeout = 77\n" in server.option_file.read_text()
    (row,) = server.sql("SELECT @@global.wait_timeout AS w, @@global.max_allowed_packet AS p")
    assert row == {"w": 77, "p": 1 << 20}


def test_a_short_wait_timeout_does_not_cut_who_looks_after_it(server: ServerUnderTest) -> None:
    """What asks on a machine that stands still between two words would be cut by it."""
    server.sql("SET GLOBAL wait_timeout = 1")
    (row,) = server.sql("SELECT @@session.wait_timeout AS own, @@global.wait_timeout AS others")
    assert row["others"] == 1
    assert row["own"] > 3600


def test_nothing_is_left_after_an_exception(mariadb: ServerUnderTest) -> None:
    other = PrivateServer(mariadb.binary, data_template=mariadb.data)
    mariadb.terminate()
    with pytest.raises(pymysql.err.ProgrammingError), other:
        other.sql("no such statement")
    assert not other.directory.exists()


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(mariadb: ServerUnderTest) -> None:
    broken = PrivateServer(mariadb.binary, {"no_such_variable": 1})
    with pytest.raises(NoServerInstalled, match="no_such_variable"), broken:
        pass
    assert not broken.directory.exists()


def test_a_missing_program_is_no_server(tmp_path: Path) -> None:
    with (
        pytest.raises(NoServerInstalled, match="data directory"),
        PrivateServer(ServerBinary(Flavor.MYSQL, tmp_path / "mysqld")),
    ):
        pass


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_nothing_outlives_a_program_that_is_killed(
    server: ServerUnderTest, number: signal.Signals
) -> None:
    server.terminate()
    binary = server.binary
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, binary.flavor, binary.path, binary.root, server.data],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
    ) as holder:
        assert holder.stdout is not None
        pid, place = holder.stdout.readline().split()
        assert Path(place).is_dir()
        os.kill(holder.pid, number)
        holder.wait(_SECONDS)
    give_up = time.monotonic() + _SECONDS
    while (_runs(int(pid)) or Path(place).exists()) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not _runs(int(pid))
    assert not Path(place).exists()


def _runs(pid: int) -> bool:
    """Whether the process is there and is not a zombie that nobody waits for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_temporary_tables_of_another_server_are_left_alone(start_server: StartServer) -> None:
    """MariaDB clears its tmpdir when it starts; by default that is everybody's /tmp."""
    others = Path("/tmp") / f"#sql-temptable-{secrets.token_hex(8)}.MAI"
    others.write_bytes(b"")
    try:
        server = start_server("mariadb")
        (row,) = server.sql("SELECT @@tmpdir AS place")
        assert row["place"] == str(server.temporary)
        assert others.exists()
    finally:
        others.unlink(missing_ok=True)
