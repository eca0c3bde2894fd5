"""Folders that this account may not enter: a home or a file of somebody else.

A name that no file system takes stands for them, as root may enter all.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ODD = "x" * 300


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("logs", f"{ODD}/a.log"), 2, "File name too long"),
        (("open", f"{ODD}/a.json"), 2, "File name too long"),
        (("check", "-h", "127.0.0.1", "-P", "1", "--output", f"{ODD}/a"), 2, "File name too long"),
        (("check", "-h", "127.0.0.1", "-P", "1"), 3, ""),
    ],
)
def test_a_line_says_it_and_nothing_fails_in_the_wizard(
    words: tuple[str, ...], code: int, told: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wizard.cli", *words],
        env={**os.environ, "HOME": str(tmp_path / ODD), "XDG_STATE_HOME": ""},
        capture_output=True, text=True, timeout=120, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
