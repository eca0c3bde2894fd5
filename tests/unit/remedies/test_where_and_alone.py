"""Where a change was made, and that only one is made at a time."""

import fcntl
import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from knowledge.load import load
from tests.unit.remedies.fakes import MARIADB, FakeServer, situation
from wizard.commands.way_back import same_way
from wizard.remedies import alone
from wizard.remedies import undo as undo_module
from wizard.remedies.alone import NotAlone
from wizard.remedies.apply import apply
from wizard.remedies.journal import Journal, JournalError
from wizard.remedies.journal_entry import ChangeState, FileRecord, JournalEntry, new_entry
from wizard.remedies.keeping import Keeping
from wizard.remedies.option_file_edit import DROP_IN, OptionFilePlace, edit, places
from wizard.remedies.option_file_write import FileChangeError, add_block, remove_block
from wizard.remedies.place import ChangePlace, Machine, place_from_label
from wizard.remedies.plan import Plan, plan
from wizard.remedies.undo import UndoRefused, undo, undo_conflicts
from wizard.target.flags import TargetArguments
from wizard.target.model import SshPlace
from wizard.target.option_files import OptionSet, server_options

REMEDY = load().remedies["raise-wait-timeout"]
FAR = ChangePlace("127.0.0.1", 3307, None, SshPlace("db1", "ops", 2222), Machine("0a", "db1"))


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state" / "goneaway-wizard" / "journal.jsonl")


def planned(keeping: Keeping | None = None, persist: bool = False) -> Plan:
    where = replace(situation(MARIADB, keeping=keeping), place=FAR)
    return plan(REMEDY, where, {"wait_timeout": "9h"}, persist)


def in_file(path: Path) -> Plan:
    before = path.read_bytes() if path.exists() else None
    return planned(Keeping(places=(OptionFilePlace(path, "mariadb", before),)), True)


def applied_to(path: Path, server: FakeServer, journal: Journal) -> JournalEntry:
    assert apply(in_file(path), server.connect(), server, journal).ok
    return journal.entries()[-1]


def test_the_journal_keeps_the_way_and_undo_takes_it(journal: Journal) -> None:
    journal.record(new_entry(planned()))
    (entry,) = journal.entries()
    assert entry.place == FAR
    way = same_way(entry, TargetArguments(user="admin"))
    assert (way.ssh, way.host, way.port, way.user) == (FAR.ssh, "127.0.0.1", 3307, "admin")
    near = replace(entry, place=ChangePlace(socket="/run/m.sock"))
    assert same_way(near, TargetArguments()).socket == "/run/m.sock"
    assert same_way(near, TargetArguments()).ssh is None


@pytest.mark.parametrize(
    ("label", "place"),
    [
        ("10.0.0.9:3306", ChangePlace("10.0.0.9", 3306)),
        ("[::1]:3306", ChangePlace("::1", 3306)),
        ("/run/m.sock", ChangePlace(socket="/run/m.sock")),
        ("127.0.0.1:3306 on ops@db1:2222",
         ChangePlace("127.0.0.1", 3306, ssh=SshPlace("db1", "ops", 2222))),
        ("/run/m.sock on db1", ChangePlace(socket="/run/m.sock", ssh=SshPlace("db1"))),
        ("nonsense", ChangePlace()),
    ],
)  # fmt: skip
def test_a_line_without_a_place_tells_it_by_its_label(
    journal: Journal, label: str, place: ChangePlace
) -> None:
    journal.record(replace(new_entry(planned()), label=label))
    line = json.loads(journal.path.read_text())
    del line["place"]
    journal.path.write_text(json.dumps(line) + "\n")
    (entry,) = journal.entries()
    assert entry.place == place == place_from_label(label)


def test_a_file_of_another_machine_is_never_taken_for_ours(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo_module, "this_machine", lambda: Machine("e" * 32, "db7"))
    server = FakeServer(MARIADB)
    entry = applied_to(tmp_path / "zz.cnf", server, journal)
    assert entry.file is not None
    there = replace(entry, file=replace(entry.file, machine=Machine("f" * 32, "db7")))
    for session in (None, server.connect()):
        for overwrite in (False, True):
            with pytest.raises(UndoRefused, match=r"db7.*run goneaway-wizard undo there"):
                undo(there, session, journal, overwrite)
    assert (tmp_path / "zz.cnf").exists()
    assert journal.entries()[-1].state is ChangeState.APPLIED


def test_a_machine_of_another_name_is_a_conflict(journal: Journal, tmp_path: Path) -> None:
    server = FakeServer(MARIADB)
    entry = applied_to(tmp_path / "zz.cnf", server, journal)
    assert entry.file is not None
    renamed = replace(entry, file=replace(entry.file, machine=Machine("", "db7")))
    assert "db7" in " ".join(undo_conflicts(renamed, server.connect()))
    with pytest.raises(UndoRefused):
        undo(renamed, None, journal)


def test_a_file_that_may_be_another_machines_is_never_said_to_be_undone(
    journal: Journal, tmp_path: Path
) -> None:
    """Not even where the operator overwrites: only a file that holds our lines is the one."""
    server = FakeServer(MARIADB)
    entry = applied_to(tmp_path / "zz.cnf", server, journal)
    assert entry.file is not None
    renamed = replace(entry, file=replace(entry.file, machine=Machine("", "db7")))
    ours = (tmp_path / "zz.cnf").read_bytes()
    for content in (None, b"[mysqld]\nwait_timeout = 60\n"):
        (tmp_path / "zz.cnf").unlink()
        if content is not None:
            (tmp_path / "zz.cnf").write_bytes(content)
        with pytest.raises(UndoRefused, match=r"db7.*run goneaway-wizard undo there"):
            undo(renamed, server.connect(), journal, overwrite=True)
        assert server.values["wait_timeout"] == "32400"
        (tmp_path / "zz.cnf").write_bytes(ours)
    undone = undo(renamed, server.connect(), journal, overwrite=True)
    assert undone.state is ChangeState.UNDONE
    assert not (tmp_path / "zz.cnf").exists(), "the lines are not left where they are"


def test_a_missing_file_is_a_conflict_never_a_success(journal: Journal, tmp_path: Path) -> None:
    server = FakeServer(MARIADB)
    entry = applied_to(tmp_path / "zz.cnf", server, journal)
    (tmp_path / "zz.cnf").unlink()
    for session in (None, server.connect()):
        with pytest.raises(UndoRefused, match="not there any more"):
            undo(entry, session, journal)
    assert journal.entries()[-1].state is ChangeState.APPLIED
    assert server.values["wait_timeout"] == "32400"


def test_a_change_that_never_reached_its_file_is_taken_back(
    journal: Journal, tmp_path: Path
) -> None:
    journal.record(new_entry(in_file(tmp_path / "zz.cnf")))
    server = FakeServer(MARIADB)
    assert undo(journal.entries()[-1], server.connect(), journal).ok


def test_two_changes_undone_in_either_order_leave_no_empty_file(
    tmp_path: Path,
) -> None:
    drop_in = tmp_path / f"zz-{DROP_IN}"
    records = []
    for value in ("600", "700"):
        before = drop_in.read_bytes() if drop_in.exists() else None
        place = OptionFilePlace(drop_in, "mariadb", before)
        made = edit(place, [("wait_timeout", value)], "because")
        records.append(
            FileRecord(
                str(drop_in), made.block, made.existed, made.before_sha256, made.after_sha256
            )
        )
        add_block(records[-1])
    remove_block(records[0])
    assert "is removed" in remove_block(records[1])
    assert not drop_in.exists()


def test_a_second_wizard_waits_for_the_first_and_then_gives_up(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = FakeServer()
    server.is_locked = True
    with pytest.raises(NotAlone, match="another goneaway-wizard"):
        apply(planned(), server.connect(), server, journal)
    assert server.said == []
    assert journal.entries() == ()
    monkeypatch.setattr(alone, "PATIENCE", 0)
    place = OptionFilePlace(tmp_path / "zz.cnf", "mariadb", None)
    made = edit(place, [("wait_timeout", "600")], "because")
    record = FileRecord(
        str(place.path), made.block, made.existed, made.before_sha256, made.after_sha256
    )
    held = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(FileChangeError, match="another goneaway-wizard"):
            add_block(record)
    finally:
        os.close(held)
    add_block(record)
    assert place.path.exists()


def test_a_journal_that_is_no_file_is_told_at_once(journal: Journal) -> None:
    journal.path.parent.mkdir(parents=True)
    os.mkfifo(journal.path)
    with pytest.raises(JournalError, match="not a regular file"):
        journal.entries()
    with pytest.raises(JournalError, match="not a regular file"):
        journal.record(new_entry(planned()))


@pytest.mark.parametrize("line", ["[" * 100_000, "7", '"x"', "null", '{"id": "x", "changes": 1}'])
def test_a_line_of_another_kind_hides_no_change(journal: Journal, line: str) -> None:
    journal.record(new_entry(planned()))
    with journal.path.open("a") as file:
        file.write(line + "\n")
    assert len(journal.entries()) == 1


def test_a_umask_that_lets_everyone_write_hides_no_place(tmp_path: Path) -> None:
    main = tmp_path / "my.cnf"
    main.write_text("[mysqld]\nport=1\n")
    main.chmod(0o600)

    def read(root: Path) -> OptionSet:
        return server_options("mariadb", (10, 11), main, None, "", root)

    before = os.umask(0)
    try:
        (found,) = places(read(Path("/")), "mariadb", read)
    finally:
        os.umask(before)
    assert found.path == main


def test_a_restart_takes_back_what_nothing_keeps(journal: Journal) -> None:
    """Two changes, then a restart: neither old value is in force, and nobody changed anything."""
    server = FakeServer(MARIADB)
    for hours in ("9h", "10h"):
        where = replace(situation(MARIADB, wait_timeout=server.values["wait_timeout"]), place=FAR)
        wish = plan(REMEDY, where, {"wait_timeout": hours}, False)
        assert apply(wish, server.connect(), server, journal).ok
    old = [replace(e, at=e.at - timedelta(hours=1)) for e in journal.entries()]
    server.values["wait_timeout"] = "28800"
    with pytest.raises(UndoRefused, match="somebody changed it"):
        undo(old[1], server.connect(), journal)
    server.uptime = 60
    server.said.clear()
    undone = undo(old[1], server.connect(), journal)
    assert undone.ok
    assert "a restart took the change back" in " ".join(undone.lines)
    assert undo(old[0], server.connect(), journal).ok
    assert server.said == []
