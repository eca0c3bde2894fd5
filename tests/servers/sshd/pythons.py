"""Which Python the other side of a connection has: none, this machine's, or the oldest at hand."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

OLDEST = (3, 6)
"""The oldest Python that the readers of logs are turned into."""


def commands(place: Path, python: str = "") -> str:
    """A PATH below `place` with this machine's commands, and as python3 that one or none."""
    place.mkdir()
    for directory in ("/usr/bin", "/bin"):
        for command in Path(directory).iterdir():
            link = place / command.name
            if not command.name.startswith("python") and not link.is_symlink():
                link.symlink_to(command)
    if python:
        (place / "python3").symlink_to(python)
    return str(place)


def oldest() -> str:
    """The oldest Python of this machine that is new enough; at last the one that runs this."""
    return min(_versions(), default=((sys.version_info[:2]), sys.executable))[1]


def _versions() -> Iterator[tuple[tuple[int, int], str]]:
    for minor in range(OLDEST[1], sys.version_info.minor):
        for path in _places(minor):
            asked = "import sys; print(sys.version_info[1])"
            done = subprocess.run([path, "-c", asked], capture_output=True, check=False)
            if done.stdout.strip() == str(minor).encode():
                yield (3, minor), path


def _places(minor: int) -> Iterator[str]:
    if found := shutil.which(f"python3.{minor}"):
        yield found
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    yield from (str(path) for path in sorted(versions.glob(f"3.{minor}.*/bin/python3")))
