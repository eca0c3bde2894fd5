"""`kill -9` at random moments of apply and undo: nothing is lost, and the server starts.

A few rounds here; `make soak` does 300 (`GONEAWAY_KILLS`).
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.servers.conftest import StartServer
from tests.servers.fix_engine import Engine
from tests.servers.test_fix_over_ssh import with_files

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
