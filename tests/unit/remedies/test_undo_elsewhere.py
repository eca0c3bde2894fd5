"""Undo that is not asked says whether somebody changed it since, or this is another machine."""

from wizard.commands.undo import _hindrance
from wizard.remedies.journal_entry import FileRecord
from wizard.remedies.option_file_write import elsewhere, in_doubt
from wizard.remedies.place import Machine


def record(machine: Machine) -> FileRecord:
    return FileRecord("/etc/my.cnf", b"x", existed=True, before_sha256="a", after_sha256="b",
                      machine=machine)  # fmt: skip


def test_another_machine_is_named_and_nobody_is_said_to_have_changed_it() -> None:
    here = Machine("1" * 32, "web3")
    surely = elsewhere(record(Machine("2" * 32, "db1")), here)
    perhaps = in_doubt(record(Machine("", "db1")), here)
    for told in map(_hindrance, (surely, perhaps)):
        assert "db1" in told
        assert "web3" in told
        assert told.count("undo there") == 1
        assert "somebody" not in told


def test_two_machines_of_one_name_are_told_apart() -> None:
    told = elsewhere(record(Machine("2" * 32, "db1")), Machine("1" * 32, "db1"))
    assert "on db1 (222" in told
    assert "this is db1 (111" in told


def test_on_the_same_machine_somebody_else_changed_it() -> None:
    here = Machine("1" * 32, "db1")
    assert not elsewhere(record(here), here)
    assert not in_doubt(record(here), here)
    assert "somebody changed it since" in _hindrance("")
