"""`python -m tests.pty.soak --minutes N --seed S`: random keys through a pseudo-terminal.

`make soak` runs it for six minutes, each seed for about a minute; a seed alone is run once.
"""

import argparse
import os
import random
import tempfile
import time
from pathlib import Path

from tests.pty.test_key_order import storm


def main() -> int:
    """Fails at the first storm that types into a field, writes a file or ends the wizard."""
    parser = argparse.ArgumentParser(prog="python -m tests.pty.soak")
    parser.add_argument("--minutes", type=float, default=6.0)
    parser.add_argument("--seed", type=int)
    asked = parser.parse_args()
    if asked.seed is not None:
        _run(asked.seed)
        return 0
    end = time.monotonic() + asked.minutes * 60
    while time.monotonic() < end:
        _run(random.randrange(1_000_000))
    return 0


def _run(seed: int) -> None:
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as parent:
        directory = Path(parent) / "cwd"
        directory.mkdir()
        os.environ["XDG_STATE_HOME"] = parent
        storm(directory, seed, bursts=100)


if __name__ == "__main__":
    raise SystemExit(main())
