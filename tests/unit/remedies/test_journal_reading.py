"""A journal that is large, foreign or edited: nothing in force is passed over in silence."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.load import load
from tests.unit.remedies.fakes import MARIADB, FakeServer, situation
from tests.unit.remedies.test_which_change import WAIT, changed
from wizard.remedies import journal as journal_module
from wizard.remedies.interrupted import interrupted_lines
from wizard.remedies.journal import Journal
from wizard.remedies.journal_entry import ChangeState, new_entry
from wizard.remedies.journal_lines import encoded
from wizard.remedies.journal_reading import reading
from wizard.remedies.plan import plan
from wizard.remedies.undo import undo
from wizard.remedies.which_change import in_force


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    made = Journal(tmp_path / "state" / "goneaway-wizard" / "journal.jsonl")
    changed(FakeServer(MARIADB), made, WAIT, "32400")
    return made


def edited(journal: Journal, edit: Callable[[dict[str, Any]], object]) -> None:
    lines = [json.loads(line) for line in journal.path.read_text().splitlines()]
    for line in lines:
        edit(line)
    journal.path.write_text("".join(json.dumps(line) + "\n" for line in lines))


EDITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "a field of a later version": lambda e: e.update(cluster={"nodes": 3}),
    "one within a field": lambda e: e["place"].update(tunnel=1),
    "a state of a later version": lambda e: e.update(state="adopted"),
    "a field is missing": lambda e: e.pop("flavor"),
    "a number as its id": lambda e: e.update(id=5),
    "no old value": lambda e: e["changes"][0].update(old=None),
    "a port in words": lambda e: e["place"].update(port="x"),
    "a name that is SQL": lambda e: e["changes"][0].update(name="wait_timeout; DROP"),
    "a value that is SQL": lambda e: e["changes"][0].update(old="1, GLOBAL general_log=1"),
    "a list as its state": lambda e: e.update(state=["undone"]),
    "a time without its zone": lambda e: e.update(at=e["at"].partition("+")[0]),
    "a file that is no path": lambda e: e.update(
        file={"path": 5, "block": "", "existed": True, "before_sha256": "", "after_sha256": ""}
    ),
    "a path with a NUL": lambda e: e.update(
        file={"path": "/a\0b", "block": "", "existed": True, "before_sha256": "",
              "after_sha256": ""}
    ),
    "nothing was changed": lambda e: e.update(changes=[]),
    "changes of another kind": lambda e: e.update(changes={}),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_what_is_not_understood_is_said_and_never_taken_for_nothing(
    journal: Journal, edit: Callable[[dict[str, Any]], object]
) -> None:
    edited(journal, edit)
    found = journal.reading()
    assert found.entries == ()
    assert len(found.unread) == 1
    (told,) = interrupted_lines(journal)
    assert found.unread[0] in told
    assert "not understand" in told


def test_what_is_over_need_not_be_understood(journal: Journal) -> None:
    edited(journal, EDITS["a field is missing"])
    number = journal.reading().unread[0]
    with journal.path.open("a") as file:
        file.write(json.dumps({"id": number, "state": "undone", "text": ""}) + "\n")
    assert journal.reading().unread == ()


def test_text_from_outside_is_clean(journal: Journal) -> None:
    def hostile(line: dict[str, Any]) -> None:
        line.update(label="\x1b[31m\u202eX:3306", remedy="\x1b]0;x\x07", text="\x9b2J")

    edited(journal, hostile)
    (entry,) = journal.entries()
    assert (entry.label, entry.remedy, entry.text) == ("[31mX:3306", "]0;x", "2J")


def test_a_change_in_force_is_found_behind_any_number_of_others(journal: Journal) -> None:
    (entry,) = journal.entries()
    line = json.dumps({**json.loads(journal.path.read_text().splitlines()[0]), "state": "undone"})
    with journal.path.open("a") as file:
        for number in range(8000):
            file.write(line.replace(entry.id, f"20260101-{number}") + "\n")
    assert journal.path.stat().st_size > journal_module.MAX_JOURNAL
    assert in_force(journal.entries()) == (entry,)
    assert 1 < len(journal.entries()) < 8000, "of the oldest only what is in force"
    assert len(journal.reading(most=0).entries) == 1


def test_what_is_over_and_old_is_no_riddle_by_a_later_note(journal: Journal) -> None:
    """A wizard that was still at its proof when another one took the change back."""
    (entry,) = journal.entries()
    journal.move(entry, ChangeState.UNDONE)
    journal.move(entry, ChangeState.VERIFIED, "changed, not proven")
    found = journal.reading(most=0)
    assert (found.entries, found.unread) == ((), ())
    assert list(interrupted_lines(journal)) == []


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from(["undone", "applied", "\0", "0001-01-01T00:00:00", "/dev/zero"]),
    st.just([]), st.just({}), st.just([[]]), st.just({"a": 1}),
)  # fmt: skip


def places(value: Any, before: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """The way to each value within `value`."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, found in inside:
        yield (*before, key)
        if isinstance(found, dict | list):
            yield from places(found, (*before, key))


@given(data=st.data())
def test_no_line_however_it_is_spoilt_breaks_the_reading(data: st.DataObject) -> None:
    """What is in force is understood, or said not to be."""
    planned = plan(
        load().remedies["raise-wait-timeout"], situation(MARIADB), {"wait_timeout": "9h"}
    )
    line = json.loads(json.dumps(encoded(new_entry(planned))))
    way = data.draw(st.sampled_from(list(places(line))))
    inner = line
    for key in way[:-1]:
        inner = inner[key]
    inner[way[-1]] = data.draw(ODD)
    moved = {"id": data.draw(ODD), "state": data.draw(ODD), "proof": data.draw(ODD)}
    texts = [json.dumps(line), json.dumps(moved), data.draw(st.text(max_size=20))]
    found = reading([(text.encode(), data.draw(st.booleans())) for text in texts])
    assert all(entry.summary is not None and entry.standing for entry in found.entries)
    if way[0] not in ("id", "state"):
        assert len(found.entries) + len(found.unread) >= 1


def test_what_is_in_the_way_of_the_journal_is_said(journal: Journal, tmp_path: Path) -> None:
    (entry,) = journal.entries()
    linked = Journal(tmp_path / "linked" / "journal.jsonl")
    linked.path.parent.mkdir()
    linked.path.symlink_to(journal.path)
    with pytest.raises(journal_module.JournalError, match="it is a symbolic link"):
        linked.record(entry)
    (tmp_path / "file").touch()
    with pytest.raises(journal_module.JournalError, match="file is no directory"):
        Journal(tmp_path / "file" / "journal.jsonl").record(entry)


class Full(Journal):
    """A journal on a disk that is full after so many lines."""

    left = 1

    def _append(self, data: object) -> None:
        if type(self).left <= 0:
            raise journal_module.JournalError(f"the journal {self.path} cannot be written")
        type(self).left -= 1
        super()._append(data)  # type: ignore[arg-type]


@pytest.mark.parametrize("left", [0, 1])
def test_what_was_taken_back_is_told_where_the_journal_cannot(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    server = FakeServer(MARIADB, wait_timeout="32400")
    (entry,) = journal.entries()
    monkeypatch.setattr(Full, "left", left)
    undone = undo(entry, server.connect(), Full(journal.path))
    assert undone.ok
    assert server.values[WAIT] == "28800"
    assert "SET GLOBAL wait_timeout = 28800" in undone.lines
    assert "cannot be written" in undone.lines[-1]
    (entry,) = journal.entries()
    assert entry.state.in_force
    assert undo(entry, server.connect(), journal).ok
    assert journal.entries()[0].state is ChangeState.UNDONE
