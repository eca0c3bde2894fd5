"""A journal cut at each byte of its last line: what is in force is named, and taken back."""

import copy
from pathlib import Path

import pytest

from knowledge.load import load
from tests.unit.remedies.fakes import FakeServer, situation
from wizard.remedies.apply import apply
from wizard.remedies.interrupted import interrupted_lines
from wizard.remedies.journal import Journal
from wizard.remedies.journal_entry import ChangeState
from wizard.remedies.plan import plan
from wizard.remedies.undo import undo
from wizard.remedies.verify import verify
from wizard.remedies.which_change import in_force

RECORDS = ("planned", "applied", "verified", "undoing", "undone")


@pytest.fixture
def moments(tmp_path: Path) -> list[tuple[bytes, dict[str, str]]]:
    """The journal and the server's values after each record of a change and its undo, behind
    another change that stays in force."""
    seen: list[tuple[bytes, dict[str, str]]] = []
    server = FakeServer()

    class Watched(Journal):
        def _append(self, data: object) -> None:
            super()._append(data)  # type: ignore[arg-type]
            seen.append((self.path.read_bytes(), copy.copy(server.values)))

    journal = Watched(tmp_path / "whole" / "journal.jsonl")
    remedies = load().remedies
    wanted = {"max_connections": "300"}
    stays = plan(remedies["raise-max-connections"], situation(), wanted)
    assert apply(stays, server.connect(), server, journal).ok
    del seen[:]
    goes = plan(remedies["raise-wait-timeout"], situation(), {"wait_timeout": "9h"})
    applied = apply(goes, server.connect(), server, journal)
    verify(applied.entry, server.connect(), server, journal)
    (newest, _stays) = in_force(journal.entries())
    undo(newest, server.connect(), journal)
    assert len(seen) == len(RECORDS)
    return seen


@pytest.mark.parametrize("number", range(len(RECORDS)), ids=RECORDS)
def test_cut_at_each_byte_of_the_last_line(
    number: int, moments: list[tuple[bytes, dict[str, str]]], tmp_path: Path
) -> None:
    """Nothing is changed before the first line is on disk, so without it nothing is in force;
    without any later one the change is."""
    whole, values = moments[number]
    start = whole[:-1].rfind(b"\n") + 1
    path = tmp_path / "journal.jsonl"
    is_first, is_last = number == 0, number == len(RECORDS) - 1
    for cut in range(start, len(whole)):
        path.write_bytes(whole[:cut])
        journal = Journal(path)
        # All but the end of the line is there: it counts.
        counts = cut == len(whole) - 1
        left = [entry.remedy for entry in in_force(journal.entries())]
        is_left = counts if is_first else not (is_last and counts)
        assert left == ["raise-wait-timeout"] * is_left + ["raise-max-connections"], cut
        named = " ".join(interrupted_lines(journal))
        state = RECORDS[number if counts else number - 1] if not (is_first and not counts) else ""
        assert ("raise-wait-timeout" in named) is (state in ("planned", "undoing")), cut
        if cut % 40 == 0 or counts:
            _takes_back(journal, values)


def _takes_back(journal: Journal, values: dict[str, str]) -> None:
    """A line that was cut swallows none of those that follow."""
    server = FakeServer()
    server.values = copy.copy(values)
    for entry in in_force(journal.entries()):
        assert undo(entry, server.connect(), journal).ok
    assert in_force(journal.entries()) == ()
    assert {entry.state for entry in journal.entries()} == {ChangeState.UNDONE}
    assert (server.values["wait_timeout"], server.values["max_connections"]) == ("28800", "151")
