"""Where the answer goes that `check` gives."""

from pathlib import Path

import pytest

from wizard.commands.check import deliver
from wizard.safety.private_file import CannotWriteError


def test_an_answer_that_cannot_be_written_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CannotWriteError):
        deliver("CONFIRMED  idle-timeout", tmp_path / "gone" / "answer.txt")
    assert capsys.readouterr().out == "CONFIRMED  idle-timeout"


def test_an_answer_that_was_written_is_not_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "answer.txt"
    deliver("CONFIRMED  idle-timeout", place)
    told = capsys.readouterr()
    assert place.read_text(encoding="utf-8") == "CONFIRMED  idle-timeout"
    assert (told.out, str(place) in told.err) == ("", True)
