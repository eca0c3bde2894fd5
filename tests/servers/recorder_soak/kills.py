"""Recorders that are killed at random moments, and whether their files hold what they printed."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.servers.harness.server import ServerUnderTest
from wizard.recorder.recording import recorded_lines


def kills(server: ServerUnderTest, rounds: int) -> int:
    """Events that a recorder had printed when it was killed, and that its files do not hold."""
    printed, chance = set[str](), random.Random()
    with tempfile.TemporaryDirectory() as state:
        for _ in range(rounds):
            process = subprocess.Popen(
                [sys.executable, "-m", "wizard.cli", "watch", "--format", "json", "-S",
                 str(server.socket), "-u", "root", "--dir", f"{state}/kept"],
                stdout=subprocess.PIPE, text=True, env={**os.environ, "XDG_STATE_HOME": state},
            )  # fmt: skip
            assert process.stdout is not None
            printed.add(process.stdout.readline())
            for _ in range(3):
                server.client()._force_close()  # type: ignore[attr-defined]
            time.sleep(chance.uniform(0.0, 2.0))
            process.send_signal(signal.SIGKILL)
            printed |= set(process.stdout)
            process.wait(60)
        kept = {json.loads(line)["at"] for line in _lines(Path(state) / "kept")}
    return sum(json.loads(line)["at"] not in kept for line in printed if line.endswith("\n"))


def _lines(directory: Path) -> list[str]:
    return list(recorded_lines(directory))
