"""Fix and undo where somebody sits at a terminal: nothing happens without the typed word."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.fix_engine import TIME_LIMIT, Engine
from tests.servers.harness.server import ServerUnderTest

pytestmark = [pytest.mark.servers, pytest.mark.pty]


def answered(server: ServerUnderTest, directory: Path, answer: str, *words: str) -> int:
    """Run the command on a terminal and type `answer`; its exit code."""
    password = directory / "password"
    password.write_text(server.passwords["admin"])
    target = ("-h", server.host, "-P", str(server.port), "-u", "admin")
    ours, theirs = pty.openpty()
    try:
        os.write(ours, f"{answer}\n".encode())
        return subprocess.run(
            [
                sys.executable, "-m", "wizard.cli", words[0], *target,
                "--password-file", str(password), *words[1:],
            ],
            stdin=theirs,
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            timeout=TIME_LIMIT,
            check=False,
        ).returncode  # fmt: skip
    finally:
        os.close(ours)
        os.close(theirs)


def test_only_the_typed_word_makes_a_change(lent_mariadb: ServerUnderTest, tmp_path: Path) -> None:
    engine = Engine(lent_mariadb)
    fix = ("fix", "raise-wait-timeout", "--set", "wait_timeout=9h")
    for answer in ("", "y", "no"):
        assert answered(lent_mariadb, tmp_path, answer, *fix) == 0
        assert engine.value("wait_timeout") == "28800"
    assert answered(lent_mariadb, tmp_path, "apply", *fix) == 0
    assert engine.value("wait_timeout") == "32400"
    assert answered(lent_mariadb, tmp_path, "no", "undo") == 0
    assert engine.value("wait_timeout") == "32400"
    lent_mariadb.set_global("wait_timeout", 5000)
    assert answered(lent_mariadb, tmp_path, "undo", "undo") == 1
    assert engine.value("wait_timeout") == "5000"
    assert answered(lent_mariadb, tmp_path, "overwrite", "undo") == 0
    assert engine.value("wait_timeout") == "28800"
