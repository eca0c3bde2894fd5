"""Changes of the database host: the service's unit and kernel settings, and their way back."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge.load import load
from wizard.case.case import Outcome
from wizard.hosts.local.host import LocalHost
from wizard.remedies.figures import Link, ObservedFigures
from wizard.remedies.files import FilesHere
from wizard.remedies.host_change import (
    apply_host,
    host_conflicts,
    host_undo_preview,
    prove_host,
    undo_host,
)
from wizard.remedies.host_plan import (
    KEEPALIVE_TIME,
    UNIT_LINES,
    HostPlan,
    HostView,
    host_plan,
    running,
    unit_in,
)
from wizard.remedies.host_record import HostRecord, KernelSetting
from wizard.remedies.journal import Journal
from wizard.remedies.journal_entry import ChangeState, FileRecord, JournalEntry
from wizard.remedies.option_file_edit import added_block
from wizard.remedies.place import ChangePlace
from wizard.remedies.plan import PlanError
from wizard.remedies.undo import UndoRefused
from wizard.server.variables import Setting, Settings

REMEDIES = load().remedies
FILES = FilesHere()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state" / "goneaway-wizard" / "journal.jsonl")


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for a service manager, which cannot be had in a container; it writes down what it
    is asked. A file `refuse` beside it makes it refuse."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "systemctl"
    script.write_text(
        f'#!/bin/sh\necho "$*" >>"{folder}/asked"\n[ ! -e "{folder}/refuse" ] || '
        "{ echo 'Failed to reload daemon' >&2; exit 1; }\n"
        '[ "$1" != show ] || echo Restart=on-failure\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def for_unit(tmp_path: Path) -> HostPlan:
    remedy = REMEDIES["systemd-restart"]
    path = str(tmp_path / "system" / "mariadb.service.d" / "zz-goneaway-wizard.conf")
    (tmp_path / "system").mkdir(exist_ok=True)
    edit = added_block(path, FILES.content(path), remedy.title, ["[Service]", "Restart=on-failure"])
    record = HostRecord((), "mariadb.service", (("Restart", "on-failure"),))
    return HostPlan(
        remedy, "label", "server-1", "mariadb", ChangePlace("127.0.0.1", 3306), record, edit,
        "advised", (),
    )  # fmt: skip


def test_a_drop_in_comes_and_goes_with_its_folder(
    journal: Journal, tmp_path: Path, systemctl: Path
) -> None:
    planned, host = for_unit(tmp_path), LocalHost()
    applied = apply_host(planned, host, FILES, journal, lambda _text: None)
    assert applied.ok, applied.lines
    written = Path(planned.edit.path)
    assert written.read_text().endswith("[Service]\nRestart=on-failure\n")
    assert written.stat().st_mode & 0o777 == 0o644
    proof = prove_host(applied.entry, host, journal)
    assert proof.outcome is Outcome.CHANGED
    assert "Restart=on-failure" in " ".join(proof.lines)
    (entry,) = journal.entries()
    assert entry.host == planned.record
    assert "mariadb.service: Restart=on-failure" in entry.summary
    assert "systemctl daemon-reload" in host_undo_preview(entry)
    assert undo_host(entry, host, FILES, journal, False).ok
    assert not written.parent.exists()
    assert (systemctl / "asked").read_text().splitlines().count("daemon-reload") == 2
    with pytest.raises(UndoRefused, match="nothing to take back"):
        undo_host(journal.entries()[0], host, FILES, journal, False)


@pytest.mark.parametrize("remedy", UNIT_LINES)
def test_systemds_own_check_knows_the_lines(remedy: str, tmp_path: Path) -> None:
    """Its parser can be had where systemd itself does not run."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    (tmp_path / "db.service").write_text("[Unit]\nDescription=db\n[Service]\nExecStart=/bin/true\n")
    drop_in = tmp_path / "db.service.d" / "zz-goneaway-wizard.conf"
    drop_in.parent.mkdir()
    lines = [f"{name}={value or 65536}" for name, value in UNIT_LINES[remedy].items()]
    told = REMEDIES[remedy].title
    drop_in.write_bytes(added_block(str(drop_in), None, told, ["[Service]", *lines]).block)
    done = subprocess.run(
        [program, "verify", "db.service"], capture_output=True, text=True, timeout=60, check=False,
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_a_manager_that_refuses_leaves_nothing(
    journal: Journal, tmp_path: Path, systemctl: Path
) -> None:
    (systemctl / "refuse").touch()
    planned = for_unit(tmp_path)
    applied = apply_host(planned, LocalHost(), FILES, journal, lambda _text: None)
    assert not applied.ok
    assert "Failed to reload daemon" in " ".join(applied.lines)
    assert not Path(planned.edit.path).exists()
    assert journal.entries()[0].state is ChangeState.FAILED


@pytest.mark.usefixtures("systemctl")
def test_what_others_made_of_the_drop_in_is_left(journal: Journal, tmp_path: Path) -> None:
    planned, host = for_unit(tmp_path), LocalHost()
    assert apply_host(planned, host, FILES, journal, lambda _text: None).ok
    Path(planned.edit.path).write_text("[Service]\nRestart=always\n")
    (entry,) = journal.entries()
    assert host_conflicts(entry, host, FILES)
    with pytest.raises(UndoRefused, match="no longer there as they were"):
        undo_host(entry, host, FILES, journal, False)
    assert undo_host(entry, host, FILES, journal, True).ok
    assert "always" in Path(planned.edit.path).read_text()


def test_a_foreign_kernel_value_is_overwritten_and_the_drop_in_goes_too(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the next start would bring in force again what is called undone."""
    sysctl = tmp_path / "bin" / "sysctl"
    sysctl.parent.mkdir()
    sysctl.write_text("#!/bin/sh\n")
    sysctl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{sysctl.parent}:/usr/bin:/bin")
    record = HostRecord((KernelSetting(KEEPALIVE_TIME, "4710", "4711"),))
    drop_in = tmp_path / "zz-goneaway-wizard.conf"
    edit = added_block(str(drop_in), None, "reason", [f"{KEEPALIVE_TIME} = 4711"])
    file = FileRecord(
        str(drop_in), edit.block, edit.existed, edit.before_sha256, edit.after_sha256,
        FILES.machine,
    )  # fmt: skip
    entry = JournalEntry(
        "20261130-1", datetime.now(UTC), ChangeState.VERIFIED, "keep-idle-flows-alive", "label",
        "server-1", "mariadb", (), file=file, host=record,
    )  # fmt: skip
    journal.record(entry)
    drop_in.write_bytes(edit.block)
    with pytest.raises(UndoRefused, match="somebody changed it since"):
        undo_host(entry, LocalHost(), FILES, journal, False)
    assert undo_host(entry, LocalHost(), FILES, journal, True).ok
    assert not drop_in.exists()


@pytest.mark.usefixtures("systemctl")
def test_an_undo_that_was_killed_goes_on(journal: Journal, tmp_path: Path) -> None:
    planned, host = for_unit(tmp_path), LocalHost()
    assert apply_host(planned, host, FILES, journal, lambda _text: None).ok
    (entry,) = journal.entries()
    journal.move(entry, ChangeState.UNDOING)
    Path(planned.edit.path).unlink()
    (entry,) = journal.entries()
    assert undo_host(entry, host, FILES, journal, False).ok


@pytest.mark.parametrize(
    ("cgroup", "unit"),
    [
        ("0::/system.slice/mariadb.service\n", "mariadb.service"),
        ("0::/system.slice/system-mysql.slice/mysqld@a.service/x\n", "mysqld@a.service"),
        ("5:pids:/x\n1:name=systemd:/system.slice/mysql.service\n0::/\n", "mysql.service"),
    ],
)
def test_the_unit_is_read_from_the_control_group(cgroup: str, unit: str) -> None:
    assert unit_in(cgroup) == unit


@pytest.mark.parametrize("cgroup", ["0::/\n", "", "0::/user.slice/session-1.scope\n"])
def test_no_unit_is_guessed(cgroup: str) -> None:
    with pytest.raises(PlanError, match="no systemd unit"):
        unit_in(cgroup)


def view(link: Link | None = None) -> HostView:
    values = {"max_connections": "151", "table_open_cache": "4000"}
    settings = Settings({n: Setting(n, v) for n, v in values.items()})
    return HostView(
        "label", "server-1", "mysql", ChangePlace("127.0.0.1", 3306), ObservedFigures(link=link),
        settings, None,
    )  # fmt: skip


@pytest.mark.parametrize(("seconds", "value"), [(350.0, "120"), (60.0, "30"), (1.0, "1")])
def test_keepalive_is_half_of_the_shortest_link(seconds: float, value: str) -> None:
    link = Link(seconds, "a firewall", "measured by the idle ladder")
    planned = host_plan(REMEDIES["keep-idle-flows-alive"], view(link), {}, LocalHost(), FILES)
    assert planned.record.settings[0].new == value
    assert "half of that" in planned.because
    assert f"{KEEPALIVE_TIME} = {value}" in planned.edit.diff


def test_keepalive_needs_a_link_or_a_value() -> None:
    remedy = REMEDIES["keep-idle-flows-alive"]
    with pytest.raises(PlanError, match="check --probe idle"):
        host_plan(remedy, view(), {}, LocalHost(), FILES)
    wrong = (("kernel.panic", "1"), *((KEEPALIVE_TIME, v) for v in ("0", "1;x", "9" * 5_000)))
    for name, value in wrong:
        with pytest.raises(PlanError, match="whole numbers") as refused:
            host_plan(remedy, view(), {name: value}, LocalHost(), FILES)
        assert refused.value.usage


def test_a_unit_needs_a_process() -> None:
    with pytest.raises(PlanError, match="process is not seen"):
        host_plan(REMEDIES["raise-file-limit"], view(), {}, LocalHost(), FILES)


def test_a_kernel_value_that_was_tried_is_set_back(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it is not what was asked for afterwards, or the command gave no answer."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "sysctl").write_text(f'#!/bin/sh\necho "$*" >>"{folder}/asked"\n')
    (folder / "sysctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    host = LocalHost()
    before = running(host, KEEPALIVE_TIME)
    record = HostRecord((KernelSetting(KEEPALIVE_TIME, before, "4711"),))
    edit = added_block(str(tmp_path / "zz.conf"), None, "reason", [f"{KEEPALIVE_TIME} = 4711"])
    planned = HostPlan(
        REMEDIES["keep-idle-flows-alive"], "label", "server-1", "mariadb",
        ChangePlace("127.0.0.1", 3306), record, edit, "advised", (),
    )  # fmt: skip
    applied = apply_host(planned, host, FILES, journal, lambda _text: None)
    assert not applied.ok
    assert (folder / "asked").read_text().splitlines() == [
        f"-w {KEEPALIVE_TIME}=4711", f"-w {KEEPALIVE_TIME}={before}"
    ]  # fmt: skip
    assert not (tmp_path / "zz.conf").exists()
