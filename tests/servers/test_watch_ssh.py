"""`watch --ssh` through a real sshd: sessions, log and machine are those of the other side."""

from pathlib import Path

import pytest

from tests.servers.harness.server import ServerUnderTest
from tests.servers.sshd.daemon import SshDaemon
from tests.servers.sshd.fixtures import client_home, sshd, start_sshd
from tests.servers.watching import watching

__all__ = ["client_home", "sshd", "start_sshd"]

pytestmark = pytest.mark.servers


def test_losses_and_a_lost_connection_are_told_through_ssh(
    mariadb: ServerUnderTest, sshd: SshDaemon, tmp_path: Path
) -> None:
    server = mariadb
    way = ("--ssh", f"root@127.0.0.1:{sshd.port}", "-S", str(server.socket), "-u", "root")
    with watching(server, tmp_path, way=way) as told:
        started = told.next("recorder-started")["text"]
        assert str(server.error_log) in started
        assert "out of sight" not in started
        event = told.lose_one()
        assert event["cause"] == "connection-killed"
        sshd.cut()
        lost = f"the SSH connection to root@127.0.0.1:{sshd.port} is lost"
        assert "nothing was seen for" in told.next("gap", lost)["text"]
        assert told.lose_one()["cause"] == "connection-killed"
        server.kill9()
        assert "away" in told.next("server-down")["text"]
        server.start()
        assert told.next("server-up")["cause"] in ("server-killed", "server-crash")
        err = told.end()
        assert told.process.returncode == 0, err
        assert "Traceback" not in err
