"""A change is taken back along the way that it went, and two at once lose nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.fix_engine import Engine, command, program
from tests.servers.harness.server import ServerUnderTest
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import OPERATOR, SshDaemon
from tests.servers.sshd.fixtures import StartSshd, client_home, sshd, start_sshd
from tests.servers.test_fix_over_ssh import seen, with_files
from wizard.remedies.journal_entry import ChangeState

__all__ = ["client_home", "sshd", "start_sshd"]

pytestmark = pytest.mark.servers

WAIT = ("raise-wait-timeout", "--set", "wait_timeout=9h", "--yes")


def account(server: ServerUnderTest, directory: Path) -> tuple[str, ...]:
    password = directory / "password"
    password.write_text(server.passwords["admin"])
    return ("-u", "admin", "--password-file", str(password))


@pytest.mark.parametrize("by", ["nothing", "id", "place"])
def test_a_change_over_ssh_is_taken_back_over_ssh(
    lent_server: ServerUnderTest, sshd: SshDaemon, tmp_path: Path, by: str
) -> None:
    engine, who = Engine(lent_server), account(lent_server, tmp_path)
    place = f"root@127.0.0.1:{sshd.port}"
    way = ("--ssh", place, "-h", "127.0.0.1", "-P", str(lent_server.port))
    applied = program("fix", *way, *who, *WAIT)
    assert applied.code == 0, applied.out + applied.err
    assert engine.value("wait_timeout") == "32400"
    (entry,) = engine.journal.entries()
    assert entry.place.ssh is not None
    assert entry.place.ssh.label == place
    assert entry.place.machine.name
    said = {"nothing": (), "id": (entry.id,), "place": way}[by]
    undone = program("undo", *who, "--yes", *said)
    assert undone.code == 0, undone.out + undone.err
    assert f"connected to {place}" in undone.err
    assert engine.value("wait_timeout") == "28800"
    assert engine.journal.entries()[0].state is ChangeState.UNDONE


def test_a_server_that_is_not_reached_is_never_said_to_have_no_change(
    lent_mariadb: ServerUnderTest, sshd: SshDaemon, tmp_path: Path
) -> None:
    who = account(lent_mariadb, tmp_path)
    way = ("--ssh", f"root@127.0.0.1:{sshd.port}", "-h", "127.0.0.1")
    assert program("fix", *way, "-P", str(lent_mariadb.port), *who, *WAIT).code == 0
    (entry,) = Engine(lent_mariadb).journal.entries()
    nobody = program("undo", "-h", "127.0.0.1", "-P", "1", *who, "--yes")
    assert nobody.code == 3, nobody.out + nobody.err
    assert f"undo {entry.id}" in nobody.err
    assert Engine(lent_mariadb).journal.entries()[0].state.in_force


def test_two_wizards_at_once_lose_no_change(lent_server: ServerUnderTest, tmp_path: Path) -> None:
    """Both were shown the same old value: the second has to see what the first did."""
    engine = Engine(lent_server)
    who = ["-h", lent_server.host, "-P", str(lent_server.port), *account(lent_server, tmp_path)]
    for _ in range(2):
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "wizard.cli", "fix", *who, "raise-wait-timeout",
                 "--set", f"wait_timeout={hours}h", "--yes"],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )
            for hours in (9, 10)
        ]  # fmt: skip
        told = [process.communicate(timeout=120)[0] for process in running]
        proven = [text for text in told if "\nChanged, not proven" in text]
        changes = [e for e in engine.journal.entries() if e.state.in_force]
        assert len(changes) == len(proven), told
        now = engine.value("wait_timeout")
        assert changes[-1].changes[0].new == now
        for newer, older in zip(changes[1:], changes, strict=False):
            assert newer.changes[0].old == older.changes[0].new
        for _change in changes:
            assert command(lent_server, tmp_path, "undo", "--yes").code == 0
        assert engine.value("wait_timeout") == "28800"


def test_another_account_over_ssh_goes_to_the_same_server(
    lent_mariadb: ServerUnderTest, sshd: SshDaemon, tmp_path: Path
) -> None:
    """Who names only the account for SSH need not name the server, which the journal knows."""
    who = account(lent_mariadb, tmp_path)
    way = ("-h", "127.0.0.1", "-P", str(lent_mariadb.port))
    assert program("fix", "--ssh", f"root@127.0.0.1:{sshd.port}", *way, *who, *WAIT).code == 0
    (entry,) = Engine(lent_mariadb).journal.entries()
    place = f"{OPERATOR}@127.0.0.1:{sshd.port}"
    undone = program("undo", "--ssh", place, *who, "--yes", entry.id)
    assert undone.code == 0, undone.out + undone.err
    assert f"connected to {place}" in undone.err
    assert Engine(lent_mariadb).value("wait_timeout") == "28800"


def test_a_file_that_may_not_be_read_there_is_nobodys_change(
    mariadb: ServerUnderTest, client_home: ClientHome, start_sshd: StartSshd, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """An account without sudo is told that, and not to overwrite what others have changed."""
    monkeypatch.setenv("HOME", str(client_home.home))
    directory = with_files(mariadb, monkeypatch)
    applied = command(mariadb, tmp_path, "fix", *WAIT, "--persist")
    assert applied.code == 0, applied.out + applied.err
    files = seen(directory)
    daemon = start_sshd(authorized=(client_home.key(),), sudoers="root ALL=(ALL) ALL\n")
    client_home.knows(daemon)
    way = ("--ssh", f"{OPERATOR}@127.0.0.1:{daemon.port}", "-h", "127.0.0.1")
    who = account(mariadb, tmp_path)
    undone = program("undo", *way, "-P", str(mariadb.port), *who, "--yes")
    assert undone.code == 1, undone.out + undone.err
    assert "may not be read" in undone.err
    assert "somebody" not in undone.out + undone.err
    assert "overwrite" not in undone.err
    assert seen(directory) == files
    assert Engine(mariadb).value("wait_timeout") == "32400"
