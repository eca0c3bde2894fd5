"""The recorder's files: whole lines, bounded, the oldest dropped; a torn last line costs one."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wizard.diagnosis.model import Verdict
from wizard.recorder import recording
from wizard.recorder.event import EventKind, RecorderEvent, as_json, as_text
from wizard.recorder.recording import Recording, RecordingError, recorded_lines
from wizard.recorder.sample import SessionSeen

AT = datetime(2026, 11, 28, 2, 14, 7, tzinfo=UTC)
SESSION = SessionSeen(7, "app", "web3", "", "Sleep", 41)


def event(number: int) -> RecorderEvent:
    text = f"event {number}"
    return RecorderEvent(
        AT, EventKind.SESSION_ENDED, text, SESSION, "idle-timeout", Verdict.CONFIRMED
    )


def test_an_event_is_one_line_with_the_fields_of_the_contract() -> None:
    told = json.loads(as_json(event(1)))
    assert {"at", "event", "session", "cause", "verdict", "text"} <= set(told)
    assert told["session"]["user"] == "app"
    assert told["verdict"] == "confirmed"
    assert as_text(event(1)) == "02:14:07  CONFIRMED idle-timeout: event 1"


def test_what_was_added_is_read_back_in_order(tmp_path: Path) -> None:
    kept = Recording(tmp_path / "r")
    for number in range(5):
        kept.add(event(number))
    texts = [json.loads(line)["text"] for line in recorded_lines(kept.directory)]
    assert texts == [f"event {number}" for number in range(5)]
    assert (kept.directory.stat().st_mode & 0o777) == 0o700


def test_a_torn_last_line_costs_that_event_alone(tmp_path: Path) -> None:
    kept = Recording(tmp_path)
    kept.add(event(1))
    with (tmp_path / "events.jsonl").open("a") as stream:
        stream.write('{"at": "2026-')
    assert [json.loads(line)["text"] for line in recorded_lines(tmp_path)] == ["event 1"]


def test_the_files_are_bounded_and_the_newest_events_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "FILE_BYTES", 2000)
    monkeypatch.setattr(recording, "FILES", 3)
    kept = Recording(tmp_path)
    for number in range(200):
        kept.add(event(number))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 4 * 2000
    texts = [json.loads(line)["text"] for line in recorded_lines(tmp_path)]
    assert texts == [f"event {number}" for number in range(200)][-len(texts) :]
    assert len(texts) > 10


def test_a_place_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(RecordingError, match=r"Not a directory|File exists"):
        Recording(blocked / "r")
