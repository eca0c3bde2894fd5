"""`kill -9` at random moments of apply and undo: nothing is lost, and the server starts.

A few rounds here; `make soak` does 300 (`GONEAWAY_KILLS`).
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.servers.conftest import StartServer
from tests.servers.fix_engine import Engine, program
from tests.servers.harness.server import ServerUnderTest
from tests.servers.sshd.daemon import SshDaemon
from tests.servers.sshd.fixtures import client_home, start_sshd
from tests.servers.test_fix_over_ssh import WAIT, operator, seen, way_to, with_files
from wizard.remedies.which_change import in_force

__all__ = ["client_home", "operator", "start_sshd"]

pytestmark = pytest.mark.servers

ROUNDS = int(os.environ.get("GONEAWAY_KILLS", "6"))


@pytest.mark.parametrize("product", ["mariadb", "mysql"])
def test_a_wizard_killed_at_any_moment(
    product: str, start_server: StartServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = start_server(product, wait_timeout=4000, interactive_timeout=4000)
    directory = with_files(server, monkeypatch) if product == "mariadb" else None
    password = tmp_path / "password"
    password.write_text(server.passwords["admin"])
    seed = os.environ.get("GONEAWAY_SEED", str(int(time.time())))
    done = subprocess.run(
        [
            sys.executable, "-m", "tests.servers.kill_rounds", str(server.port), str(password),
            str(ROUNDS), seed, *([str(directory)] if directory else []),
        ],
        capture_output=True, text=True, timeout=60 + 60 * ROUNDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"seed {seed}: {done.stdout}{done.stderr}"
    server.restart()
    assert Engine(server).value("wait_timeout") == "4000"


def test_a_wizard_killed_while_it_edits_over_ssh(
    mariadb: ServerUnderTest,
    operator: SshDaemon,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """What runs on the other machine goes on without it: undo still brings everything back."""
    directory = with_files(mariadb, monkeypatch)
    before, engine = seen(directory), Engine(mariadb)
    way = way_to(mariadb, operator, tmp_path)
    dice = random.Random(os.environ.get("GONEAWAY_SEED"))
    fix, undo = ("fix", *way, *WAIT), ("undo", *way, "--yes")
    longest = [_took(words) * 1.1 for words in (fix, undo)]
    rounds, caught = max(2, ROUNDS // 6), 0
    for _ in range(rounds):
        for words, most in zip((fix, undo), longest, strict=True):
            caught += program(*words, killed_after=dice.uniform(0.0, most)).code == -9
            named = program("undo", "--list").out
            assert all(entry.id in named for entry in in_force(engine.journal.entries()))
        while in_force(engine.journal.entries()):
            undone = program(*undo)
            assert undone.code == 0, undone.out + undone.err
        assert seen(directory) == before
        assert engine.value("wait_timeout") == "4000"
    print(f"{rounds} rounds over SSH, {caught} of {2 * rounds} victims killed at work")
    mariadb.restart()
    assert engine.value("wait_timeout") == "4000"
    assert not list(directory.glob(".*"))


def _took(words: tuple[str, ...]) -> float:
    began = time.monotonic()
    done = program(*words)
    assert done.code == 0, done.out + done.err
    return time.monotonic() - began
