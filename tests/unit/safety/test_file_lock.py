"""A lock that another process keeps is waited for, but not without limit, and it is told."""

import fcntl
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.safety.test_hostile_files import in_time
from wizard.case.own_traces import OwnTraces, Trace
from wizard.remedies.alone import NotAlone, alone_in_folder
from wizard.remedies.journal import Journal, JournalError
from wizard.safety import file_lock
from wizard.safety.append_line import append_line
from wizard.safety.private_file import CannotWriteError

NOW = datetime(2026, 8, 5, 13, 0, tzinfo=UTC)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder and a file in it whose locks somebody keeps, as a stopped wizard does."""
    monkeypatch.setattr(file_lock, "PATIENCE", 0.2)
    tmp_path.chmod(0o700)
    file = tmp_path / "kept.jsonl"
    file.touch(0o600)
    held = [os.open(path, os.O_RDONLY) for path in (tmp_path, file)]
    for descriptor in held:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    yield file
    for descriptor in held:
        os.close(descriptor)


def _traces(file: Path) -> None:
    OwnTraces(file).add(Trace("db1:3306", "app", NOW, NOW, (7,)))


def _journal(file: Path) -> None:
    with Journal(file)._opened():
        raise AssertionError("the lock is another's")


def _line(file: Path) -> None:
    append_line(file, "a capture")


def _folder(file: Path) -> None:
    with alone_in_folder(file.parent):
        raise AssertionError("the lock is another's")


@pytest.mark.parametrize("write", [_traces, _journal, _line, _folder])
def test_a_lock_that_is_kept_is_not_waited_for_without_limit(write: object, kept: Path) -> None:
    said: list[str] = []

    def try_it() -> None:
        try:
            write(kept)  # type: ignore[operator]
        except (CannotWriteError, JournalError, NotAlone, TimeoutError) as error:
            said.append(str(error))

    in_time(try_it)
    assert len(said) == 1
    assert "another" in said[0]
    assert kept.read_bytes() == b""
