"""A capture over SSH, where no guard watches: the connection is lost, or cut without a word."""

import signal
from collections.abc import Sequence

import pytest

from tests.servers import capture_lab as lab
from tests.servers.conftest import SharedServers
from tests.servers.harness.server import ServerUnderTest
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import SshDaemon
from tests.servers.sshd.fixtures import StartSshd, client_home, start_sshd

__all__ = ["client_home", "start_sshd"]

pytestmark = pytest.mark.servers

LONG = ("general", "--for", "10m")


@pytest.fixture
def sshd(
    client_home: ClientHome, start_sshd: StartSshd, monkeypatch: pytest.MonkeyPatch
) -> SshDaemon:
    daemon = start_sshd(authorized=(client_home.key(),))
    client_home.knows(daemon)
    monkeypatch.setenv("HOME", str(client_home.home))
    return daemon


def way(server: ServerUnderTest, sshd: SshDaemon) -> Sequence[str]:
    return *lab.by_socket(server), "--ssh", f"root@{sshd.address}:{sshd.port}"


def is_empty(server: ServerUnderTest) -> bool:
    return not server.sql("SELECT 1 FROM mysql.general_log LIMIT 1")


def assert_nothing_is_left(server: ServerUnderTest, before: object) -> None:
    lab.assert_as_it_was(server, before)
    lab.wait_until(lambda: is_empty(server))


@pytest.mark.parametrize("product", ["mariadb", "mysql"])
def test_a_connection_that_is_lost(
    product: str, shared_servers: SharedServers, sshd: SshDaemon
) -> None:
    """It is made again, and what was captured until then is told."""
    server = shared_servers(product)
    before = lab.logging_state(server)
    wizard = lab.begun(server, lab.start_by(way(server, sshd), *LONG))
    sshd.cut()
    assert_nothing_is_left(server, before)
    out, err = wizard.communicate(timeout=120)
    assert wizard.returncode == 0, err
    assert "the connection was lost: " in err
    assert "statements" in out


@pytest.mark.parametrize("lost", ["host", "wizard"])
def test_a_connection_that_never_comes_back(
    lost: str, shared_servers: SharedServers, sshd: SshDaemon
) -> None:
    server = shared_servers("mysql" if lost == "host" else "mariadb")
    before = lab.logging_state(server)
    wizard = lab.begun(server, lab.start_by(way(server, sshd), *LONG))
    if lost == "host":
        sshd.stop()
    else:
        lab.end(wizard)
    assert_nothing_is_left(server, before)
    _out, err = wizard.communicate(timeout=120)
    if lost == "host":
        assert wizard.returncode == 1
        assert "the server itself puts the log back" in err
        assert "capture restore" in err


def test_a_line_that_is_cut_without_a_word(mysql: ServerUnderTest, sshd: SshDaemon) -> None:
    """Nobody learns of it: the time that was asked for is the bound."""
    before = lab.logging_state(mysql)
    wizard = lab.begun(mysql, lab.start_by(way(mysql, sshd), "general", "--for", "3s"))
    sshd.signal_sessions(signal.SIGSTOP)
    lab.wait_until(lambda: lab.logging_state(mysql) == before)
    lab.end(wizard)
    sshd.signal_sessions(signal.SIGCONT)


def test_the_session_that_holds_the_switch_is_killed(
    shared_servers: SharedServers, sshd: SshDaemon
) -> None:
    mariadb = shared_servers("mariadb")
    before = lab.logging_state(mariadb)
    wizard = lab.begun(mariadb, lab.start_by(way(mariadb, sshd), *LONG))
    mariadb.sql(f"KILL {lab.holder_of(mariadb)}")
    lab.assert_as_it_was(mariadb, before)
    _out, err = wizard.communicate(timeout=60)
    assert wizard.returncode == 0, err
    assert is_empty(mariadb)
