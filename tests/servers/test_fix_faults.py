"""What can go wrong on the way: a full disk, a read-only place, an account that may not."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pymysql
import pytest

from tests.servers.fix_engine import Engine, command
from tests.servers.harness.requirement import unavailable
from tests.servers.harness.server import ServerUnderTest
from tests.servers.test_fix_over_ssh import seen, with_files
from wizard.remedies.journal_entry import ChangeState

pytestmark = pytest.mark.servers

_FULL = """
cp -a "$place" "$place.kept"
mount -t tmpfs -o size=8k,mode=755 none "$place" && cp -a "$place.kept"/. "$place"
head -c 8192 /dev/zero >"$place/filler" 2>/dev/null
exec "$@"
"""
_READ_ONLY = """
mount --bind "$place" "$place" && mount -o remount,bind,ro "$place" || exit 99
exec "$@"
"""


@pytest.mark.parametrize(
    ("script", "word"), [(_FULL, "No space left"), (_READ_ONLY, "Read-only file system")]
)
def test_a_file_that_cannot_be_written_leaves_nothing_changed(
    script: str,
    word: str,
    mariadb: ServerUnderTest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    if os.geteuid() != 0:
        unavailable("root, for a mount namespace")
    directory = with_files(mariadb, monkeypatch)
    before = seen(directory)
    password = tmp_path / "password"
    password.write_text(mariadb.passwords["admin"])
    words = (
        sys.executable, "-m", "wizard.cli", "fix", "-h", mariadb.host, "-P", str(mariadb.port),
        "-u", "admin", "--password-file", str(password), "raise-wait-timeout",
        "--set", "wait_timeout=9h", "--persist", "--yes",
    )  # fmt: skip
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", *words],
        env={**os.environ, "place": str(directory)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    told = done.stdout + done.stderr
    assert done.returncode == 1, told
    assert word in told or "not writable for this account" in told
    assert "Traceback" not in told
    assert seen(directory) == before
    assert Engine(mariadb).value("wait_timeout") == "4000"
    assert all(e.state is ChangeState.FAILED for e in Engine(mariadb).journal.entries())


@pytest.mark.parametrize("stays", [False, True], ids=["room again", "still none"])
def test_a_value_that_mysql_sets_and_cannot_keep_is_taken_back(
    mysql: ServerUnderTest, stays: bool
) -> None:
    """As on a full disk: it sets the running value, and only then finds that it cannot write."""
    engine = Engine(mysql)
    planned = engine.plan("raise-wait-timeout", persist=True, wait_timeout="9h")
    assert planned.set_persist
    (mysql.data / "mysqld-auto.cnf.backup").mkdir()
    if stays:
        # What it kept of the variable before is to be put back, too, and cannot be.
        planned = replace(
            planned, changes=tuple(replace(c, persisted="28800") for c in planned.changes)
        )
    applied = engine.apply(planned)
    told = "\n".join(applied.lines)
    assert not applied.ok
    assert "failed" in told
    assert "nothing was changed" not in told
    assert engine.value("wait_timeout") == "28800", told
    (entry,) = engine.journal.entries()
    state = ChangeState.PLANNED if stays else ChangeState.FAILED
    assert entry.state is state, told


def test_an_undo_that_mysql_cannot_keep_is_not_told_as_done(
    mysql: ServerUnderTest, tmp_path: Path
) -> None:
    """RESET PERSIST succeeds where the file cannot be written, and a restart reads that file."""
    engine = Engine(mysql)
    applied = engine.apply(engine.plan("raise-wait-timeout", persist=True, wait_timeout="9h"))
    assert applied.ok
    if applied.witness is not None:
        applied.witness.close()
    in_the_way = mysql.data / "mysqld-auto.cnf.backup"
    in_the_way.mkdir()
    undone = command(mysql, tmp_path, "undo", "--yes")
    assert undone.code == 1, undone.out + undone.err
    assert "is undone" not in undone.out
    in_the_way.rmdir()
    undone = command(mysql, tmp_path, "undo", "--yes")
    assert undone.code == 0, undone.out + undone.err
    assert "wait_timeout" not in (mysql.data / "mysqld-auto.cnf").read_text()
    assert engine.value("wait_timeout") == "28800"


def test_a_foreign_change_in_between_shows_three_values(lent_server: ServerUnderTest) -> None:
    engine = Engine(lent_server)
    planned = engine.plan("raise-wait-timeout", wait_timeout="9h")
    lent_server.set_global("wait_timeout", 777)
    applied = engine.apply(planned)
    assert not applied.ok
    for value in ("777", "28800", "32400"):
        assert value in applied.lines[0]
    assert engine.value("wait_timeout") == "777"


def test_the_whole_plan_of_a_fault_is_shown_and_nothing_done(
    mariadb: ServerUnderTest, tmp_path: Path
) -> None:
    """A statement above the limit, as an application told it."""
    log = tmp_path / "app.log"
    mariadb.sql("SET GLOBAL max_allowed_packet = 1048576")
    with mariadb.client() as client, pytest.raises(pymysql.err.Error) as failed:
        client.query("SELECT LENGTH('" + "a" * (3 << 20) + "')")
    at = f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S%z}"
    log.write_text(f"{at} ERROR pymysql.err.OperationalError: {failed.value}\n")
    shown = command(mariadb, tmp_path, "fix", "--app-log", str(log))
    assert shown.code == 0, shown.out + shown.err
    assert "For packet-too-large" in shown.out
    assert "raise-max-allowed-packet" in shown.out
    auto = command(mariadb, tmp_path, "fix", "auto", "--dry-run", "--app-log", str(log))
    assert auto.code == 0, auto.out + auto.err
    assert "The plan for packet-too-large" in auto.out
    assert "SET GLOBAL max_allowed_packet = " in auto.out
    assert "nothing was changed (--dry-run)" in auto.err
    assert Engine(mariadb).journal.entries() == ()
    paper = tmp_path / "handout.md"
    handed = command(mariadb, tmp_path, "fix", "--app-log", str(log), "--handout", str(paper))
    assert handed.code == 0, handed.err
    assert paper.read_text().startswith("# Lost database connections")
    # How large the statement was nobody said: a higher limit proves nothing yet.
    fix = ("fix", "raise-max-allowed-packet", "--app-log", str(log), "--yes")
    done = command(mariadb, tmp_path, *fix)
    assert done.code == 0, done.out + done.err
    assert "no failed statement's size is known" in done.out
    assert "\nChanged, not proven\n" in done.out
    assert "the statement that failed, sent again" in done.out
