"""A capture over SSH, where no guard watches: the connection is lost, or cut without a word."""

import itertools
import json
import os
import signal
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.servers import capture_lab as lab
from tests.servers.conftest import SharedServers
from tests.servers.harness.server import ServerUnderTest
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import OPERATOR, SshDaemon
from tests.servers.sshd.fixtures import StartSshd, client_home, sshd, start_sshd
from wizard.capture.journal import CaptureJournal
from wizard.hosts.remote.held_log import HeldLog

__all__ = ["client_home", "sshd", "start_sshd"]

pytestmark = pytest.mark.servers

LONG = ("general", "--for", "10m")


def way(server: ServerUnderTest, sshd: SshDaemon) -> Sequence[str]:
    return *lab.by_socket(server), "--ssh", f"root@{sshd.address}:{sshd.port}"


def assert_nothing_is_left(server: ServerUnderTest, before: object) -> None:
    lab.assert_as_it_was(server, before)
    lab.wait_until(lambda: not lab.server_holds_a_removed_log(server))
    assert not server.sql("SELECT 1 FROM mysql.general_log LIMIT 1")


@pytest.mark.parametrize("product", ["mariadb", "mysql"])
def test_a_connection_that_is_lost(
    product: str, shared_servers: SharedServers, sshd: SshDaemon
) -> None:
    """It is made again, and what was captured until then is told."""
    server = shared_servers(product)
    before = lab.logging_state(server)
    wizard = lab.begun(server, lab.start_by(way(server, sshd), *LONG))
    lab.wait_until(lambda: not lab.left_files(server))
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
        # It kills what takes the file's name away too.
        lab.wait_until(lambda: not lab.left_files(server))
        sshd.stop()
    else:
        lab.end(wizard)
    assert_nothing_is_left(server, before)
    _out, err = wizard.communicate(timeout=120)
    if lost == "host":
        assert wizard.returncode == 1
        assert "the server itself puts the log back" in err
        assert "capture restore" in err


def test_a_host_that_is_lost_while_the_log_goes_on(
    shared_servers: SharedServers, sshd: SshDaemon
) -> None:
    """Whoever may not know whether it is on says so, and the journal keeps it."""
    server = shared_servers("mysql")
    before = lab.logging_state(server)
    wizard = lab.start_by(way(server, sshd), *LONG)
    while not lab.is_on(server):
        assert wizard.poll() is None, wizard.communicate()
    sshd.stop()
    _out, err = wizard.communicate(timeout=120)
    assert wizard.returncode == 1, err
    assert "the server itself puts the log back, within 5 s" in err
    assert "capture restore" in err
    assert len(CaptureJournal.default().in_force()) == 1
    # The command that takes its name away may have been killed first.
    for file in lab.left_files(server):
        file.unlink()
    assert_nothing_is_left(server, before)


def test_a_line_that_is_cut_without_a_word(mysql: ServerUnderTest, sshd: SshDaemon) -> None:
    """Nobody learns of it: the time that was asked for is the bound."""
    before = lab.logging_state(mysql)
    short = partial(lab.start_by, way(mysql, sshd), "general", "--for")
    wizard = lab.begun_for_short(mysql, short)
    sshd.signal_sessions(signal.SIGSTOP)
    lab.wait_until(lambda: lab.logging_state(mysql) == before)
    lab.end(wizard)
    sshd.signal_sessions(signal.SIGCONT)


def test_a_wizard_that_is_stopped(shared_servers: SharedServers, sshd: SshDaemon) -> None:
    """Ctrl-Z: the server's own clock puts the log back, and the plan says that only that does."""
    server = shared_servers("mysql")
    before = lab.logging_state(server)
    short = partial(lab.start_by, way(server, sshd), "general", "--for")
    wizard = lab.begun_for_short(server, short)
    wizard.send_signal(signal.SIGSTOP)
    try:
        lab.wait_until(lambda: lab.logging_state(server) == before)
    finally:
        wizard.send_signal(signal.SIGCONT)
    _out, err = wizard.communicate(timeout=120)
    assert wizard.returncode == 0, err
    assert "stopped (Ctrl-Z) only the time ends it" in err
    assert_nothing_is_left(server, before)


def test_the_session_that_holds_the_switch_is_killed(
    shared_servers: SharedServers, sshd: SshDaemon
) -> None:
    mariadb = shared_servers("mariadb")
    before = lab.logging_state(mariadb)
    wizard = lab.begun(mariadb, lab.start_by(way(mariadb, sshd), *LONG))
    mariadb.sql(f"KILL {lab.holder_of(mariadb)}")
    lab.assert_as_it_was(mariadb, before)
    _out, err = wizard.communicate(timeout=180)
    assert wizard.returncode == 0, err
    assert_nothing_is_left(mariadb, before)


@pytest.mark.parametrize("product", ["mariadb", "mysql"])
def test_the_file_is_read_where_the_account_there_may(
    product: str, shared_servers: SharedServers, sshd: SshDaemon
) -> None:
    """More than one round trip brings, and with bytes that are no text."""
    server = shared_servers(product)
    before = lab.logging_state(server)
    wizard = lab.begun(
        server, lab.start_by(way(server, sshd), "general", "--for", "10m", "--format", "json")
    )
    with server.client() as session, session.cursor() as cursor:
        for number in range(40):
            cursor.execute(f"SELECT /* {number} */ LENGTH('{'é' * 70_000}')")
    lab.wait_until(lambda: not lab.left_files(server))
    if product == "mysql":
        server.sql("FLUSH GENERAL LOGS")
    wizard.send_signal(signal.SIGTERM)
    out, err = wizard.communicate(timeout=120)
    assert wizard.returncode == 130, err
    assert "log_output" not in err
    assert ("FLUSH LOGS" in err) == (product == "mysql")
    captured = json.loads(out)["capture"]
    assert captured["where"] == "FILE"
    assert captured["bytes"] > 40 * 140_000
    assert_nothing_is_left(server, before)


def test_an_interrupt_loses_nothing_of_what_is_on_its_way(
    client_home: ClientHome, sshd: SshDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C comes while the log is brought, again and again, and then it is brought whole."""
    content = os.urandom(6 << 20)
    held = HeldLog(client_home.link(sshd), str(tmp_path / "log"))
    (tmp_path / "log").write_bytes(content)
    held.wait()
    received, turns = held._talk._received, itertools.count()

    def interrupted() -> bytes:
        if next(turns) % 9 in (0, 1, 5):
            raise KeyboardInterrupt
        return received()

    monkeypatch.setattr(held._talk, "_received", interrupted)
    came, times = False, 0
    while not came:
        try:
            held.fetch(8 << 20)
            came = True
        except KeyboardInterrupt:
            times += 1
    assert times > 10
    assert bytes(held.data) == content
    assert held.size == len(content)
    held.close()


def test_an_account_that_may_not_is_told_why_the_table_is_taken(
    shared_servers: SharedServers, client_home: ClientHome, start_sshd: StartSshd,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    server = shared_servers("mysql")
    daemon = start_sshd(authorized=(client_home.key(),))
    client_home.knows(daemon)
    monkeypatch.setenv("HOME", str(client_home.home))
    who = f"{OPERATOR}@{daemon.address}:{daemon.port}"
    secret = lab.by_port(server, server.port, client_home.home)
    done = lab.run_by((*secret, "--ssh", who), "general", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "the log goes to a table, which costs about twice as much as a file: " in done.stderr
    assert "on this machine" not in done.stderr


def test_a_log_that_is_on_already_is_read_over_ssh_and_not_touched(
    shared_servers: SharedServers, sshd: SshDaemon
) -> None:
    server = shared_servers("mariadb")
    server.set_global("general_log", "ON")
    try:
        before = lab.logging_state(server)
        wizard = lab.start_by(way(server, sshd), "general", "--for", "3s", "--format", "json")
        while wizard.poll() is None:
            server.sql("SELECT 'seen while it was read'")
            time.sleep(0.2)
        out, err = wizard.communicate(timeout=120)
        assert wizard.returncode == 0, err
        assert json.loads(out)["capture"]["where"] == "FILE"
        assert json.loads(out)["capture"]["entries"] > 0
        assert lab.logging_state(server) == before
    finally:
        server.set_global("general_log", "OFF")
