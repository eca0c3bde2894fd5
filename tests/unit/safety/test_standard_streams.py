"""A program that is started with closed standard streams ends as with open ones."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_error_of_the_wizard(closed: str) -> None:
    line = f'"{sys.executable}" -m wizard explain 2006 {closed}'
    done = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0
    assert not done.stderr
    assert ("2006" in done.stdout) is (" >&-" not in f" {closed}")


@pytest.mark.parametrize("words", [("explain", "2006"), ("undo", "--list"), ("schema", "check")])
def test_a_full_disk_behind_the_answer_is_no_fault_of_the_wizard(words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "wizard.cli", *words],
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    told = "goneaway-wizard: standard output cannot be written: No space left on device\n"
    assert done.stderr == told
