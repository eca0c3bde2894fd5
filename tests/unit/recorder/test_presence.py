"""The notes by which recordings are found, and by which a second recorder knows of the first."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wizard.hosts.local.host import LocalHost
from wizard.logs.recorded.note import FOLDER, Note, from_text, notes_in, to_text
from wizard.recorder.presence import Presence

AT = datetime(2026, 11, 28, 2, 14, 7, tzinfo=UTC)
NOTE = Note("uid-1", "/run/my.sock", "mariadb", "10.11.6", 42, AT, ("/r/one",))


def test_a_note_is_read_back() -> None:
    assert from_text(to_text(NOTE)) == NOTE


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"since": 1}', "\x00"])
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        from_text(text)


def test_a_second_recorder_of_a_server_is_told_of_the_first(tmp_path: Path) -> None:
    first = Presence(NOTE, tmp_path / FOLDER)
    assert first.other is None
    second = Presence(replace(NOTE, pid=43, directories=("/r/two",)), tmp_path / FOLDER)
    assert second.other is not None
    assert (second.other.pid, second.other.directories) == (42, ("/r/one",))
    elsewhere = Presence(replace(NOTE, server="uid-2"), tmp_path / FOLDER)
    assert elsewhere.other is None
    first.close()
    second.close()
    assert Presence(NOTE, tmp_path / FOLDER).other is None


def test_every_directory_of_a_server_is_found_again(tmp_path: Path) -> None:
    for number in range(12):
        note = replace(NOTE, directories=(f"/r/{number}",))
        Presence(note, tmp_path / FOLDER).close()
    (found,) = notes_in(LocalHost(), str(tmp_path))
    assert found.directories[:2] == ("/r/11", "/r/10")
    assert len(found.directories) == 8


def test_a_note_is_of_its_server_however_that_is_reached() -> None:
    assert NOTE.is_of("uid-1", "127.0.0.1:3306")
    assert not NOTE.is_of("uid-2", "/run/my.sock")
    assert NOTE.is_of("", "/run/my.sock")
    assert not NOTE.is_of("", "127.0.0.1:3306")


def test_a_state_directory_that_cannot_be_made_costs_the_notice_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert Presence(NOTE, tmp_path / "file" / FOLDER).other is None
