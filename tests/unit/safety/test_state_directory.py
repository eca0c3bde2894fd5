"""What the program remembers is in directories of its account's own, whatever the umask."""

import os
import stat
from pathlib import Path

import pytest

from wizard.safety.append_line import append_line
from wizard.safety.private_file import write_private
from wizard.safety.state_directory import make_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777])
def test_no_umask_opens_or_closes_what_is_made(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        append_line(tmp_path / "a" / "b" / "c" / "lines", "x")
        write_private(tmp_path / "answer", b"x")
    finally:
        os.umask(before)
    made = [tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / "c"]
    assert [mode(path) for path in made] == [0o700] * 3
    assert mode(made[-1] / "lines") == mode(tmp_path / "answer") == 0o600


def test_a_directory_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    (tmp_path / "link").symlink_to("open")
    make_private(tmp_path / "open")
    make_private(tmp_path / "link" / "new")
    assert mode(tmp_path / "open") == 0o755
    assert mode(tmp_path / "open" / "new") == 0o700


def test_a_directory_that_another_made_meanwhile_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where others may write, it can be a link to any directory of this account's."""
    (tmp_path / "other").mkdir(mode=0o755)
    (tmp_path / "link").symlink_to("other")
    (tmp_path / "link" / "mine").mkdir(mode=0o750)
    monkeypatch.setattr("os.path.lexists", lambda path: path == tmp_path)
    make_private(tmp_path / "link" / "mine")
    assert (mode(tmp_path / "other"), mode(tmp_path / "other" / "mine")) == (0o755, 0o750)


def test_what_is_no_directory_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "dangling").symlink_to("nowhere")
    for path in (tmp_path / "file", tmp_path / "file" / "x", tmp_path / "dangling"):
        with pytest.raises(OSError, match=r"exists|Not a directory"):
            make_private(path)
