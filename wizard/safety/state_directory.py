"""The directory for what the program has to remember.

Per account (XDG Base Directory Specification).
"""

import os
from collections.abc import Mapping
from pathlib import Path


def state_file(name: str, environ: Mapping[str, str] = os.environ) -> Path:
    base = environ.get("XDG_STATE_HOME", "")
    root = Path(base) if base.startswith("/") else Path.home() / ".local" / "state"
    return root / "goneaway-wizard" / name
