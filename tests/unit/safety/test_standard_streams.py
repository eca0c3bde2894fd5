"""A program that is started with closed standard streams ends as with open ones."""

import subprocess
import sys

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
