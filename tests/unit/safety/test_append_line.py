"""Lines appended to private files, and read back."""

import os
from pathlib import Path

import pytest

from wizard.safety.append_line import append_line, read_tail


def test_a_line_that_a_crash_cut_short_does_not_swallow_the_next(tmp_path: Path) -> None:
    path = tmp_path / "state" / "lines"
    append_line(path, "one")
    with path.open("ab") as stream:
        stream.write(b"cut")
    append_line(path, "two")
    assert read_tail(path, 1 << 10) == ["one", "cut", "two"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_file_has_no_lines(tmp_path: Path) -> None:
    assert read_tail(tmp_path / "none", 10) == []


def test_a_fifo_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    with pytest.raises(OSError, match="no plain file"):
        read_tail(path, 10)
