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


def make_private(directory: Path) -> None:
    """Make it and what is missing above it, each for this account only, whatever the umask.

    Where others may write above it, they can put another directory in its place. One that is there
    stays as it is. Raises OSError.
    """
    missing = [directory, *directory.parents]
    while missing and os.path.lexists(missing[-1]):
        missing.pop()
    for place in reversed(missing):
        try:
            place.mkdir(mode=0o700)
        except FileExistsError:
            continue  # another was faster: what it made is not ours to change
        place.chmod(0o700)
    directory.mkdir(exist_ok=True)
