"""What can go wrong on another machine: each time nothing is changed, and it is said why."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers.fix_engine import Engine, Run, program
from tests.servers.harness.server import ServerUnderTest
from tests.servers.sshd.daemon import SshDaemon
from tests.servers.sshd.fixtures import client_home, start_sshd
from tests.servers.test_fix_over_ssh import WAIT, operator, seen, way_to, with_files
from wizard.remedies.journal_entry import ChangeState
from wizard.remedies.which_change import in_force

__all__ = ["client_home", "operator", "start_sshd"]

pytestmark = pytest.mark.servers

_FULL = """
mount -t tmpfs -o size=8k,mode=755 none "$2" && cp -a "$1"/. "$2" && mount --move "$2" "$1"
head -c 8192 /dev/zero >"$1/filler" 2>/dev/null
true
"""
_READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"'


@contextmanager
def mounted(daemon: SshDaemon, script: str, place: Path, other: Path) -> Iterator[None]:
    """As the sessions of the daemon see it, and nobody else."""
    assert daemon._process is not None
    there = ["nsenter", "-t", str(daemon._process.pid), "-m"]
    other.mkdir(exist_ok=True)
    subprocess.run([*there, "sh", "-c", script, "sh", str(place), str(other)], check=True)
    try:
        yield
    finally:
        subprocess.run([*there, "umount", "-l", str(place)], check=True)


def test_nothing_is_changed_where_something_is_in_the_way(
    mariadb: ServerUnderTest,
    operator: SshDaemon,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A read-only place, a full disk, an account that may not, others' work in between."""
    directory = with_files(mariadb, monkeypatch)
    before, engine = seen(directory), Engine(mariadb)
    way = way_to(mariadb, operator, tmp_path)

    def is_refused(done: Run, *words: str) -> None:
        told = done.out + done.err
        assert done.code == 1, told
        assert "Traceback" not in told
        assert all(word in told for word in words), told
        assert seen(directory) == before
        assert engine.value("wait_timeout") == "4000"
        assert {entry.state for entry in engine.journal.entries()} <= {ChangeState.FAILED}

    with mounted(operator, _READ_ONLY, directory, tmp_path / "other"):
        is_refused(program("fix", *way, *WAIT), "Read-only file system")
    with mounted(operator, _FULL, directory, tmp_path / "other"):
        is_refused(program("fix", *way, *WAIT), "No space left on device")
    mine = tmp_path / "password-app"
    mine.write_text(mariadb.passwords["app"])
    as_app = (*way[:-4], "-u", "app", "--password-file", str(mine))
    is_refused(program("fix", *as_app, *WAIT), "GRANT SUPER", "nothing was changed")
    engine.journal.path.parent.chmod(0o700)
    kept = engine.journal.path.rename(engine.journal.path.with_suffix(".kept"))
    engine.journal.path.mkdir()
    told = program("fix", *way, *WAIT)
    assert told.code == 1, told.out + told.err
    assert str(engine.journal.path) in told.out + told.err
    assert seen(directory) == before
    engine.journal.path.rmdir()
    kept.rename(engine.journal.path)
    is_refused(Run(1, "", ""))


def test_a_link_others_work_and_two_at_once(
    mariadb: ServerUnderTest,
    operator: SshDaemon,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A link stays one; three values are shown where somebody changed it since; two wizards at
    once lose nothing."""
    engine, way = Engine(mariadb), way_to(mariadb, operator, tmp_path)
    real = mariadb.option_file.rename(mariadb.option_file.with_name("real.cnf"))
    real.chmod(0o640)
    mariadb.option_file.symlink_to(real.name)
    whole = real.read_bytes()
    done = program("fix", *way, *WAIT)
    assert done.code == 0, done.out + done.err
    assert mariadb.option_file.is_symlink()
    assert b"wait_timeout = 32400" in real.read_bytes()
    assert real.stat().st_mode & 0o777 == 0o640
    assert program("undo", *way, "--yes").code == 0
    assert real.read_bytes() == whole

    directory = with_files(mariadb, monkeypatch)
    before = seen(directory)
    assert program("fix", *way, *WAIT).code == 0
    mariadb.set_global("wait_timeout", 777)
    refused = program("undo", *way, "--yes")
    assert refused.code == 1, refused.out + refused.err
    assert all(value in refused.out for value in ("777", "32400", "4000")), refused.out
    mariadb.set_global("wait_timeout", 32400)
    assert program("undo", *way, "--yes").code == 0
    assert seen(directory) == before

    fix = ("raise-wait-timeout", "--persist", "--yes", "--set")
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "wizard.cli", "fix", *way, *fix, f"wait_timeout={hours}h"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for hours in (9, 10)
    ]  # fmt: skip
    told = [process.communicate(timeout=240)[0] for process in both]
    changes = in_force(engine.journal.entries())
    assert len(changes) == sum(process.returncode == 0 for process in both) >= 1, told
    assert engine.value("wait_timeout") == changes[0].changes[0].new
    for _change in changes:
        assert program("undo", *way, "--yes").code == 0
    assert seen(directory) == before
    assert engine.value("wait_timeout") == "4000"
