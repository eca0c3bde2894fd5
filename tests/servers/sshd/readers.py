"""Which processes of this machine have a file open."""

import os
from contextlib import suppress
from pathlib import Path


def readers(path: Path) -> list[int]:
    """Other processes than this one."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with suppress(OSError):
            if any(link.resolve() == path for link in (entry / "fd").iterdir()):
                found.append(int(entry.name))
    return found
