"""The recorder's files: whole lines, bounded, the oldest dropped; a torn last line costs one."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from wizard.diagnosis.model import Verdict
from wizard.hosts.local.host import LocalHost
from wizard.logs.recorded.note import BESIDE_EVENTS, Note, note_at
from wizard.recorder import recording
from wizard.recorder.event import EventKind, RecorderEvent, as_json, as_text
from wizard.recorder.recording import (
    FILE_AGE,
    KEPT,
    Recording,
    RecordingError,
    RecordingInUse,
    recorded_lines,
)
from wizard.recorder.sample import SessionSeen
from wizard.safety.private_file import CannotWriteError

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
    assert as_text(event(1)) == "2026-11-28 02:14:07 UTC  CONFIRMED idle-timeout: event 1"
    there = replace(event(1), at=AT.replace(hour=23).astimezone(timezone(timedelta(hours=2))))
    assert as_text(there).startswith("2026-11-28 23:14:07 UTC  ")


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


def test_a_line_after_a_torn_one_is_whole(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text('{"at": "2026-')
    kept = Recording(tmp_path)
    kept.add(event(1))
    kept.add(event(2))
    lines = (tmp_path / "events.jsonl").read_text().splitlines()
    assert [json.loads(line)["text"] for line in lines[1:]] == ["event 1", "event 2"]


def test_a_simulated_week_stays_within_its_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event an hour for five weeks: what is older than a month is dropped."""
    monkeypatch.setattr(recording, "FILE_BYTES", 40_000)
    kept = Recording(tmp_path)
    day = timedelta(days=1)
    for number in range(35 * 24):
        kept.add(replace(event(number), at=AT + number * day / 24))
    assert kept.failed == ""
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 9 * 41_000
    monkeypatch.setattr(recording, "FILE_BYTES", 8 << 20)
    for number in range(60):
        kept.add(replace(event(number), at=AT + (40 + number) * day))
    oldest = json.loads(next(recorded_lines(tmp_path)))["at"]
    newest = AT + 99 * day
    assert newest - datetime.fromisoformat(oldest) <= KEPT + FILE_AGE + day


def test_a_full_disk_ends_the_recording_until_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Recording(tmp_path)
    kept.add(event(1))
    room = [False]
    write = os.write

    def short(descriptor: int, data: bytes) -> int:
        return write(descriptor, data if room[0] else data[: len(data) // 2])

    monkeypatch.setattr(os, "write", short)
    assert not kept.add(event(2))
    assert "No space left" in kept.failed
    assert not kept.add(event(3))
    assert kept.lost == 2
    room[0] = True
    kept.reopen()
    assert kept.add(event(4))
    assert kept.failed == ""
    texts = [json.loads(line)["text"] for line in recorded_lines(tmp_path)]
    assert texts == ["event 1", "event 4"]


def test_a_directory_has_one_writer_at_a_time(tmp_path: Path) -> None:
    first = Recording(tmp_path)
    with pytest.raises(RecordingInUse, match="another recorder"):
        Recording(tmp_path)
    first.close()
    Recording(tmp_path).close()


def test_a_file_that_logrotate_moved_is_begun_anew(tmp_path: Path) -> None:
    kept = Recording(tmp_path)
    kept.add(event(1))
    (tmp_path / "events.jsonl").rename(tmp_path / "old")
    kept.add(event(2))
    assert [json.loads(line)["text"] for line in recorded_lines(tmp_path)] == ["event 2"]


def test_a_place_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(RecordingError, match="is no directory"):
        Recording(blocked / "r")


def test_a_note_that_a_full_disk_refused_is_told_and_written_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(path: Path, *_: object, **_more: object) -> Path:
        raise CannotWriteError(f"{path} cannot be written: No space left on device")

    kept = Recording(tmp_path)
    note = Note("db1", "127.0.0.1:3306", "mariadb", "10.11", 7, event(0).at, (str(tmp_path),))
    with monkeypatch.context() as full:
        full.setattr(recording, "write_private", no_room)
        assert "No space left" in kept.sign(note)
        kept.looked()
    path = str(tmp_path / BESIDE_EVENTS)
    assert note_at(LocalHost(), path) is None
    kept.looked()
    assert note_at(LocalHost(), path) == note
    kept.close()
