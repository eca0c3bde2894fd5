"""Fix and undo on real servers: through the command line, each step in a process of its own."""

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymysql
import pytest

from tests.servers.conftest import StartServer
from tests.servers.fix_engine import Engine, command, program
from tests.servers.harness.server import ServerUnderTest
from wizard.case.case import Outcome
from wizard.remedies.journal_entry import ChangeState
from wizard.remedies.place import this_machine
from wizard.remedies.plan import Plan, PlanError

pytestmark = pytest.mark.servers

WAIT = ("raise-wait-timeout", "--set", "wait_timeout=9h")


def test_preview_apply_prove_and_undo(lent_server: ServerUnderTest, tmp_path: Path) -> None:
    engine = Engine(lent_server)
    preview = command(lent_server, tmp_path, "fix", *WAIT)
    assert preview.code == 0, preview.err
    assert "SET GLOBAL wait_timeout = 32400;" in preview.out
    assert "nothing was changed" in preview.err
    assert engine.value("wait_timeout") == "28800"
    assert engine.journal.entries() == ()
    dry = command(lent_server, tmp_path, "fix", *WAIT, "--dry-run", "--yes")
    assert (dry.code, engine.value("wait_timeout")) == (0, "28800")

    applied = command(lent_server, tmp_path, "fix", *WAIT, "--yes")
    assert applied.code == 0, applied.out + applied.err
    assert "a new session has wait_timeout = 32400" in applied.out
    assert engine.value("wait_timeout") == "32400"
    (entry,) = engine.journal.entries()
    assert entry.state is ChangeState.VERIFIED
    assert entry.id in applied.err
    assert engine.journal.path.stat().st_mode & 0o777 == 0o600
    assert lent_server.passwords["admin"] not in engine.journal.path.read_text()

    again = command(lent_server, tmp_path, "fix", *WAIT, "--yes")
    assert again.code == 0
    assert "nothing to do" in again.err

    shown = command(lent_server, tmp_path, "undo")
    assert shown.code == 0
    assert "SET GLOBAL wait_timeout = 28800" in shown.out
    assert engine.value("wait_timeout") == "32400"
    undone = command(lent_server, tmp_path, "undo", "--yes")
    assert undone.code == 0, undone.out + undone.err
    assert engine.value("wait_timeout") == "28800"
    assert engine.journal.entries()[0].state is ChangeState.UNDONE
    assert "no change to take back" in command(lent_server, tmp_path, "undo", "--yes").err


@pytest.mark.parametrize("remedy", ["raise-max-allowed-packet", "raise-wait-timeout"])
def test_the_failing_case_is_repeated(product: str, start_server: StartServer, remedy: str) -> None:
    server = start_server(product, wait_timeout=2, max_allowed_packet=1 << 20)
    engine = Engine(server)
    with server.client() as client, pytest.raises(pymysql.err.Error):
        _fail(server, client, remedy)
    applied = engine.apply(_raised(engine, remedy))
    assert applied.ok, applied.lines
    proof = engine.verify(applied)
    assert proof.ok, proof.lines
    assert proof.repeated, proof.lines
    assert proof.outcome is Outcome.PROVEN, proof.rows


def _raised(engine: Engine, remedy: str) -> Plan:
    if "packet" in remedy:
        return engine.plan(remedy, max_allowed_packet="20M")
    return engine.plan(remedy, wait_timeout="20")


def _fail(server: ServerUnderTest, client: "pymysql.Connection[Any]", remedy: str) -> None:
    if "packet" in remedy:
        client.query("SELECT LENGTH('" + "a" * (5 << 20) + "')")
        return
    sql = "SELECT MAX(id) AS id FROM information_schema.processlist WHERE user = 'app'"
    _outlive(server, server.sql(sql)[0]["id"])
    client.query("SELECT 1")


def _outlive(server: ServerUnderTest, connection_id: int) -> None:
    """Wait until the server has closed that session."""
    for _ in range(600):
        rows = server.sql(
            "SELECT id FROM information_schema.processlist WHERE id = %s", connection_id
        )
        if not rows:
            return
        server.sql("DO SLEEP(0.1)")
    raise AssertionError("the session was not closed")


def test_a_proof_that_fails_is_told(mysql: ServerUnderTest, tmp_path: Path) -> None:
    """init_connect undoes the remedy for every account but an administrator's."""
    mysql.sql("GRANT SYSTEM_VARIABLES_ADMIN ON *.* TO app@'%'")
    mysql.sql("SET GLOBAL init_connect = 'SET SESSION wait_timeout = 100'")
    run = command(mysql, tmp_path, "fix", *WAIT, "--yes", user="app")
    assert run.code == 1, run.out
    assert "Made no difference" in run.out
    assert "undo is offered" in run.err
    assert "something sets it at login" in run.out
    assert Engine(mysql).journal.entries()[0].state is ChangeState.APPLIED


def test_set_persist_survives_a_restart(mysql: ServerUnderTest, tmp_path: Path) -> None:
    engine = Engine(mysql)
    applied = command(mysql, tmp_path, "fix", *WAIT, "--persist", "--yes")
    assert applied.code == 0, applied.out + applied.err
    mysql.restart()
    assert engine.value("wait_timeout") == "32400"
    undone = command(mysql, tmp_path, "undo", "--yes")
    assert undone.code == 0, undone.out + undone.err
    assert engine.value("wait_timeout") == "28800"
    assert mysql.sql("SELECT * FROM performance_schema.persisted_variables") == []
    mysql.restart()
    assert engine.value("wait_timeout") == "28800"


def test_what_was_persisted_before_comes_back(mysql: ServerUnderTest, tmp_path: Path) -> None:
    mysql.sql("SET PERSIST wait_timeout = 500")
    mysql.set_global("wait_timeout", 700)
    assert command(mysql, tmp_path, "fix", *WAIT, "--persist", "--yes").code == 0
    assert command(mysql, tmp_path, "undo", "--yes").code == 0
    assert Engine(mysql).value("wait_timeout") == "700"
    mysql.restart()
    assert Engine(mysql).value("wait_timeout") == "500"


@pytest.fixture
def own_files(mariadb: ServerUnderTest, monkeypatch: pytest.MonkeyPatch) -> ServerUnderTest:
    """A MariaDB whose option file includes a directory, and stays as it is at a restart."""
    directory = mariadb.directory / "conf.d"
    directory.mkdir()
    (directory / "50-server.cnf").write_text("[mysqld]\nwait_timeout = 4000\n")
    with mariadb.option_file.open("a") as file:
        file.write(f"!includedir {directory}\n")
    monkeypatch.setattr(mariadb, "_write_options", lambda: None)
    mariadb.restart()
    return mariadb


def _bytes_of(directory: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(directory.rglob("*.cnf"))}


def test_a_file_survives_a_restart_and_is_taken_back(
    own_files: ServerUnderTest, tmp_path: Path
) -> None:
    engine = Engine(own_files)
    assert engine.value("wait_timeout") == "4000"
    before = _bytes_of(own_files.directory)
    applied = command(own_files, tmp_path, "fix", *WAIT, "--persist", "--yes")
    assert applied.code == 0, applied.out + applied.err
    dropped = own_files.directory / "conf.d" / "zz-goneaway-wizard.cnf"
    assert f"+++ {dropped}" in applied.out
    assert "wait_timeout = 32400" in dropped.read_text()
    own_files.restart()
    assert engine.value("wait_timeout") == "32400"
    again = command(own_files, tmp_path, "fix", *WAIT, "--persist", "--yes")
    assert "nothing to do" in again.err
    undone = command(own_files, tmp_path, "undo", "--yes")
    assert undone.code == 0, undone.out + undone.err
    assert engine.value("wait_timeout") == "4000"
    assert _bytes_of(own_files.directory) == before
    own_files.restart()
    assert engine.value("wait_timeout") == "4000"


def test_the_file_is_taken_back_while_the_server_is_down(
    own_files: ServerUnderTest, tmp_path: Path
) -> None:
    before = _bytes_of(own_files.directory)
    assert command(own_files, tmp_path, "fix", *WAIT, "--persist", "--yes").code == 0
    (entry,) = Engine(own_files).journal.entries()
    own_files.stop()
    undone = command(own_files, tmp_path, "undo", entry.id, "--yes")
    assert undone.code == 0, undone.out + undone.err
    assert "partly-undone" in undone.out
    assert _bytes_of(own_files.directory) == before
    own_files.start()
    assert Engine(own_files).value("wait_timeout") == "4000"
    assert command(own_files, tmp_path, "undo", "--yes").code == 0
    assert Engine(own_files).journal.entries()[0].state is ChangeState.UNDONE


def test_a_wrong_password_takes_no_half_back(own_files: ServerUnderTest, tmp_path: Path) -> None:
    """The server runs: its file alone is put back for one that is down."""
    assert command(own_files, tmp_path, "fix", *WAIT, "--persist", "--yes").code == 0
    kept = _bytes_of(own_files.directory)
    right = own_files.passwords["admin"]
    own_files.passwords["admin"] = "wrong"
    try:
        undone = command(own_files, tmp_path, "undo", "--yes")
    finally:
        own_files.passwords["admin"] = right
    assert undone.code == 3, undone.out + undone.err
    assert "nothing was taken back: the server runs, and refuses this account" in undone.err
    assert "not seen" not in undone.out + undone.err
    assert _bytes_of(own_files.directory) == kept
    assert Engine(own_files).journal.entries()[0].state is ChangeState.VERIFIED


@pytest.mark.parametrize("first", [0, 1])
def test_two_changes_of_one_file_are_taken_back_in_any_order(
    own_files: ServerUnderTest, tmp_path: Path, first: int
) -> None:
    engine, before = Engine(own_files), _bytes_of(own_files.directory)
    packet = ("raise-max-allowed-packet", "--set", "max_allowed_packet=128M")
    held = engine.value("max_allowed_packet")
    for change in (WAIT, packet):
        applied = command(own_files, tmp_path, "fix", *change, "--persist", "--yes")
        assert applied.code == 0, applied.out + applied.err
    ids = [entry.id for entry in engine.journal.entries()]
    undone = command(own_files, tmp_path, "undo", ids[first], "--yes")
    assert undone.code == 0, undone.out + undone.err
    kept = {"wait_timeout": "32400", "max_allowed_packet": str(128 << 20)}
    kept |= [{"wait_timeout": "4000"}, {"max_allowed_packet": held}][first]
    own_files.restart()
    assert {name: engine.value(name) for name in kept} == kept
    undone = command(own_files, tmp_path, "undo", "--yes")
    assert undone.code == 0, undone.out + undone.err
    assert _bytes_of(own_files.directory) == before, "no empty drop-in stays"
    own_files.restart()
    assert engine.value("wait_timeout") == "4000"
    assert engine.value("max_allowed_packet") == held


def test_a_file_of_another_machine_is_a_conflict(
    own_files: ServerUnderTest, tmp_path: Path
) -> None:
    """The same home directory on two machines: the journal is seen where the file is not."""
    assert command(own_files, tmp_path, "fix", *WAIT, "--persist", "--yes").code == 0
    journal, files = Engine(own_files).journal.path, _bytes_of(own_files.directory)
    ours = this_machine()
    told = journal.read_text().replace(ours.id, "f" * 32) if ours.id else journal.read_text()
    journal.write_text(told.replace(f'"{ours.name}"', '"elsewhere"'))
    undone = command(own_files, tmp_path, "undo", "--yes")
    assert undone.code != 0, undone.out + undone.err
    assert "elsewhere" in undone.out
    assert _bytes_of(own_files.directory) == files
    assert Engine(own_files).value("wait_timeout") == "32400"
    assert Engine(own_files).journal.entries()[0].state.in_force


def test_the_main_file_is_used_where_it_speaks_last(
    own_files: ServerUnderTest, tmp_path: Path
) -> None:
    with own_files.option_file.open("a") as file:
        file.write("[mysqld]\nwait_timeout = 3000\n")
    assert command(own_files, tmp_path, "fix", *WAIT, "--persist", "--yes").code == 0
    own_files.restart()
    assert Engine(own_files).value("wait_timeout") == "32400"


def test_an_option_directory_that_cannot_be_written(own_files: ServerUnderTest) -> None:
    """As another account, for root may write everywhere."""
    if os.geteuid() != 0:
        pytest.skip("needs root to become somebody else")
    own_files.directory.chmod(0o755)
    script = textwrap.dedent(
        """
        import os, sys
        from pathlib import Path
        from wizard.target.option_files import server_options
        from wizard.remedies.option_file_edit import places, writable
        os.setgid(65534); os.setuid(65534)
        main = Path(sys.argv[1])
        read = lambda root: server_options("mariadb", (10, 11), defaults_file=main, root=root)
        print(writable(places(read(Path("/")), "mariadb", read)[0]))
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(own_files.option_file)],
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    assert "conf.d is not writable for this account; run as root" in done.stdout


@contextmanager
def _without_defaults(server: ServerUnderTest) -> Iterator[None]:
    """The same server, started anew with everything on its command line."""
    server.stop()
    options = (
        line.replace(" = ", "=", 1)
        for line in server.option_file.read_text().splitlines()
        if " = " in line
    )
    process = subprocess.Popen(
        server.binary.command(
            server.binary.path, "--no-defaults", *(f"--{option}" for option in options)
        ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            try:
                server.sql("SELECT 1")
                break
            except pymysql.err.OperationalError:
                assert process.poll() is None
                subprocess.run(["sleep", "0.1"], check=True)
        yield
    finally:
        process.terminate()
        process.wait(60)


def test_a_server_without_option_files_cannot_keep_a_value(
    server: ServerUnderTest, tmp_path: Path
) -> None:
    with _without_defaults(server):
        run = command(server, tmp_path, "fix", *WAIT, "--persist", "--yes")
        assert run.code == 1, run.out
        assert "--no-defaults" in run.err
        assert Engine(server).value("wait_timeout") == "28800"
        assert Engine(server).journal.entries() == ()
        assert command(server, tmp_path, "fix", *WAIT, "--yes").code == 0


def test_somebody_else_changed_it_in_between(lent_server: ServerUnderTest, tmp_path: Path) -> None:
    assert command(lent_server, tmp_path, "fix", *WAIT, "--yes").code == 0
    lent_server.set_global("wait_timeout", 777)
    run = command(lent_server, tmp_path, "undo", "--yes")
    assert run.code == 1
    assert "wait_timeout is 777 now" in run.out
    assert Engine(lent_server).value("wait_timeout") == "777"
    assert Engine(lent_server).journal.entries()[0].state is ChangeState.VERIFIED


def test_a_missing_privilege_changes_nothing(lent_server: ServerUnderTest, tmp_path: Path) -> None:
    run = command(lent_server, tmp_path, "fix", *WAIT, "--yes", user="app")
    assert run.code == 1
    grant = "SUPER" if lent_server.flavor == "mariadb" else "SYSTEM_VARIABLES_ADMIN"
    assert f"GRANT {grant} ON *.* TO 'app'@'%'" in run.out
    assert "nothing was changed" in run.out
    assert "To hand on" in run.out
    assert Engine(lent_server).value("wait_timeout") == "28800"
    assert Engine(lent_server).journal.entries()[0].state is ChangeState.FAILED


def test_a_program_killed_before_its_change(lent_server: ServerUnderTest, tmp_path: Path) -> None:
    """`kill -9` after the journal was written and before SET reached the server."""
    engine = Engine(lent_server)
    (tmp_path / "password").write_text(lent_server.passwords["admin"])
    script = textwrap.dedent(
        """
        import os, signal, sys
        from wizard.server.pymysql_session import PyMySqlSession
        from wizard.cli import main
        run = PyMySqlSession.execute
        def execute(session, statement, *more):
            if statement.startswith("SET GLOBAL"):
                os.kill(os.getpid(), signal.SIGKILL)
            return run(session, statement, *more)
        PyMySqlSession.execute = execute
        main(sys.argv[1:])
        """
    )
    words = (
        "fix",
        "-h",
        lent_server.host,
        "-P",
        str(lent_server.port),
        "-u",
        "admin",
        *WAIT,
        "--yes",
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words, "--password-file", str(tmp_path / "password")],
        capture_output=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == -9, done.stderr
    assert engine.value("wait_timeout") == "28800"
    assert "planned (interrupted" in program("undo", "--list").out
    (left,) = engine.journal.entries()
    next_start = command(lent_server, tmp_path, "fix", *WAIT, "--dry-run")
    assert f"{left.id} is in doubt" in next_start.err
    assert f"goneaway-wizard undo {left.id} takes it back" in next_start.err
    undone = command(lent_server, tmp_path, "undo", "--yes")
    assert undone.code == 0, undone.out + undone.err
    assert engine.value("wait_timeout") == "28800"
    assert engine.journal.entries()[0].state is ChangeState.UNDONE


def test_a_program_killed_after_its_change(lent_mysql: ServerUnderTest, tmp_path: Path) -> None:
    engine = Engine(lent_mysql)
    planned = engine.plan("raise-wait-timeout", wait_timeout="9h")
    engine.apply(planned)
    lines = engine.journal.path.read_text().splitlines()
    assert [json.loads(line)["state"] for line in lines] == ["planned", "applied"]
    engine.journal.path.write_text(lines[0] + "\n")
    assert command(lent_mysql, tmp_path, "undo", "--yes").code == 0
    assert engine.value("wait_timeout") == "28800"


def test_undo_goes_to_the_server_where_the_change_was_made(
    lent_mysql: ServerUnderTest, lent_mariadb: ServerUnderTest, tmp_path: Path
) -> None:
    assert command(lent_mysql, tmp_path, "fix", *WAIT, "--yes").code == 0
    (entry,) = Engine(lent_mysql).journal.entries()
    elsewhere = command(lent_mariadb, tmp_path, "undo", entry.id, "--yes")
    assert elsewhere.code == 2
    assert "another server" in elsewhere.err
    assert "no change to take back" in command(lent_mariadb, tmp_path, "undo", "--yes").err
    password = tmp_path / "p"
    password.write_text(lent_mysql.passwords["admin"])
    run = program("undo", entry.id, "-u", "admin", "--password-file", str(password), "--yes")
    assert run.code == 0, run.out + run.err
    assert Engine(lent_mysql).value("wait_timeout") == "28800"


def test_the_value_of_a_running_server_is_clamped_openly(lent_mysql: ServerUnderTest) -> None:
    engine = Engine(lent_mysql)
    planned = engine.plan("raise-max-allowed-packet", max_allowed_packet="100000001")
    assert planned.changes[0].new == "99999744"
    assert any("multiple of 1024" in note for note in planned.notes)
    assert engine.apply(planned).ok
    assert engine.value("max_allowed_packet") == "99999744"


def test_exit_codes(server: ServerUnderTest, tmp_path: Path) -> None:
    assert command(server, tmp_path, "fix", "no-such-remedy").code == 2
    assert command(server, tmp_path, "fix", "raise-wait-timeout", "--set", "x").code == 2
    assert command(server, tmp_path, "fix", "raise-wait-timeout", "--set", "port=1").code == 2
    assert command(server, tmp_path, "undo", "no-such-change").code == 2
    assert program("fix", "shorten-pool-lifetime").code == 0
    assert command(server, tmp_path, "fix", "shorten-pool-lifetime", "--set", "a=1").code == 2
    server.stop()
    down = command(server, tmp_path, "fix", *WAIT, "--yes")
    assert down.code == 3, down.err
    assert "Traceback" not in down.err


def test_a_variable_that_cannot_be_set_here(lent_mariadb: ServerUnderTest) -> None:
    """MariaDB started with max_user_connections = 0 refuses to change it (1290)."""
    engine = Engine(lent_mariadb)
    planned = engine.plan("raise-max-connections", max_connections="200", max_user_connections="9")
    applied = engine.apply(planned)
    assert not applied.ok
    assert engine.value("max_connections") == "151"
    with pytest.raises(PlanError):
        engine.plan("leave-offline-mode")
