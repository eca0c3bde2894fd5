"""`make soak`: a minute of random keys on each of several seeds, through a pseudo-terminal."""

import os
import random
import tempfile
import time
from pathlib import Path

from tests.pty.test_key_order import storm

MINUTES = 6


def main() -> int:
    """Fails at the first storm that types into a field, writes a file or ends the wizard."""
    end = time.monotonic() + MINUTES * 60
    while time.monotonic() < end:
        seed = random.randrange(1_000_000)
        print(f"seed {seed}", flush=True)
        with tempfile.TemporaryDirectory() as parent:
            directory = Path(parent) / "cwd"
            directory.mkdir()
            os.environ["XDG_STATE_HOME"] = parent
            storm(directory, seed, bursts=100)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
