"""A restart on a confirmation of its own: it names whom it cuts, and says what came of it."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.servers.fix_engine import Engine, command
from tests.servers.harness.requirement import unavailable
from tests.servers.harness.server import ServerUnderTest
from tests.servers.test_connection_step import context_for
from tests.servers.test_fix_over_ssh import with_files
from tests.servers.test_session_connect import target
from wizard.hosts.local.host import LocalHost
from wizard.remedies.host_record import HostRecord
from wizard.remedies.journal_entry import ChangeState, JournalEntry
from wizard.remedies.on_host import restart_needed, restart_now
from wizard.remedies.plan import VariableChange

pytestmark = pytest.mark.servers

UNIT = f"goneaway-test-{os.getpid()}.service"
"""Control groups are the machine's: two runs at once need one each."""

PERSIST = (
    "raise-wait-timeout", "--set", "wait_timeout=9h", "--persist", "--restart", "--yes",
)  # fmt: skip


@contextmanager
def in_unit(pid: int) -> Iterator[None]:
    """A control group that is named as systemd would name it."""
    top = Path("/sys/fs/cgroup")
    group = (top / "memory" if (top / "memory").is_dir() else top) / UNIT
    try:
        group.mkdir()
        (group / "cgroup.procs").write_text(str(pid))
    except OSError as error:
        with contextlib.suppress(OSError):
            group.rmdir()
        unavailable(f"no control group can be made here: {error.strerror}")
    try:
        yield
    finally:
        end = time.monotonic() + 30
        while group.exists() and time.monotonic() < end:
            with contextlib.suppress(OSError):
                for left in (group / "cgroup.procs").read_text().split():
                    (group.parent / "cgroup.procs").write_text(left)
                group.rmdir()
            time.sleep(0.1)


@contextmanager
def manager_of(
    server: ServerUnderTest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Stands in for systemd, which cannot be had in a container: a `systemctl restart` asks this
    process to restart the server, and waits for it."""
    folder.mkdir()
    request, script = folder / "request", folder / "systemctl"
    script.write_text(
        f'#!/bin/sh\n[ "$1" = restart ] || {{ echo MainPID={server.pid}; exit; }}\n'
        f'echo "$*" >>"{folder}/asked"\n'
        f'touch "{request}"\nwhile [ -e "{request}" ]; do sleep 0.1; done\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    over = threading.Event()

    def serve() -> None:
        while not over.wait(0.05):
            if request.exists():
                server.restart()
                request.unlink()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield folder / "asked"
    finally:
        over.set()
        thread.join(60)


def test_a_restart_names_whom_it_cuts_and_follows_the_log(
    mariadb: ServerUnderTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_files(mariadb, monkeypatch)
    sessions = [mariadb.client() for _ in range(2)]
    pid = Engine(mariadb).server.pid
    with in_unit(pid), manager_of(mariadb, tmp_path / "bin", monkeypatch) as asked:
        done = command(mariadb, tmp_path, "fix", *PERSIST)
        assert done.code == 0, done.out + done.err
        assert f"A restart of {UNIT} would cut" in done.out
        assert "- 2 of app@127.0.0.1" in done.out
        assert "ready for connections" in done.out
        assert "@@global.wait_timeout is 32400 after the restart, as set" in done.out
        assert asked.read_text().splitlines() == [f"restart {UNIT}"]
    for client in sessions:
        with contextlib.suppress(Exception):
            client.close()


def test_a_server_of_no_unit_is_not_restarted(
    mariadb: ServerUnderTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_files(mariadb, monkeypatch)
    done = command(mariadb, tmp_path, "fix", *PERSIST)
    assert done.code == 1, done.out + done.err
    assert "not restarted: " in done.err
    assert "change what starts it" in done.err
    assert Engine(mariadb).value("wait_timeout") == "32400"


def test_a_restart_that_the_manager_refuses_is_none(
    mariadb: ServerUnderTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The server answers, with the value that SET GLOBAL gave it: it was not started with it. The
    session that read the preview died meanwhile."""
    script = tmp_path / "systemctl"
    script.write_text("#!/bin/sh\necho 'Access denied' >&2\nexit 4\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    now = str(mariadb.sql("SELECT @@GLOBAL.wait_timeout AS now")[0]["now"])
    while int(mariadb.status("Uptime")) < 4:  # whole seconds: it might be a start of just now
        time.sleep(0.2)
    entry = JournalEntry(
        "1", datetime.now(UTC), ChangeState.APPLIED, "raise-wait-timeout", "label", "", "mariadb",
        (VariableChange("wait_timeout", "s", "1", now),), host=HostRecord((), UNIT),
    )  # fmt: skip
    context = context_for(target(mariadb))
    context.host = LocalHost()
    context.server = context.connector.connect()
    mariadb.sql(f"KILL {context.server.info.connection_id}")
    unit, _cut = restart_needed(context, entry)
    told = restart_now(context, unit, entry, print)
    assert not told.ok
    assert any("was not restarted" in line for line in told.lines)
    assert any("Access denied" in line for line in told.lines)
