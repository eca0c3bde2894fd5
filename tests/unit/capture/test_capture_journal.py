"""The journal of captures: whole lines, on disk, and what is left over of them."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.capture.test_capture_plan import plan, state
from wizard.capture.journal import (
    CaptureEntry,
    CaptureJournal,
    CaptureJournalError,
    CaptureState,
    left_over_line,
    leftovers,
    new_capture,
    still_runs,
)

PAST = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture
def journal(tmp_path: Path) -> CaptureJournal:
    return CaptureJournal(tmp_path / "state" / "captures.jsonl")


def entry(ends: datetime = PAST, **changes: object) -> CaptureEntry:
    made = new_capture(plan(state()), "db1:3306", "server-1", "root", ends)
    return replace(made, **changes)  # type: ignore[arg-type]


def test_an_entry_comes_back_as_it_was_written_for_its_owner_only(
    journal: CaptureJournal,
) -> None:
    written = entry()
    journal.record(written)
    assert journal.entries() == (written,)
    assert journal.path.stat().st_mode & 0o777 == 0o600


def test_what_was_put_back_is_not_left_over(journal: CaptureJournal) -> None:
    first, second = entry(pid=1, pid_started="-"), entry(pid=1, pid_started="-")
    journal.record(first)
    journal.record(second)
    journal.move(first.id, CaptureState.RESTORED)
    assert [e.id for e in leftovers(journal)] == [second.id]
    assert leftovers(journal, "another-server") == ()
    assert "capture restore" in left_over_line(second)


def test_a_capture_whose_wizard_runs_or_whose_time_is_not_over_is_no_leftover(
    journal: CaptureJournal,
) -> None:
    running = entry()
    assert still_runs(running)
    assert not still_runs(replace(running, boot="of another day"))
    journal.record(running)
    journal.record(entry(datetime.now(UTC) + timedelta(hours=1), pid=1, pid_started="-"))
    assert leftovers(journal) == ()


def test_a_line_that_was_cut_short_swallows_no_other(journal: CaptureJournal) -> None:
    journal.record(entry())
    with journal.path.open("ab") as file:
        file.write(b'{"id": "cut')
    last = entry()
    journal.record(last)
    assert journal.entries()[-1] == last


def test_no_log_is_switched_on_without_a_journal(journal: CaptureJournal) -> None:
    journal.path.parent.mkdir()
    journal.path.symlink_to("/dev/null")
    with pytest.raises(CaptureJournalError, match="no log is switched on"):
        journal.record(entry())
    assert os.path.lexists(journal.path)
