"""A memory control group of our own, to have the kernel itself kill a server."""

import contextlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.harness.requirement import unavailable

_V1 = Path("/sys/fs/cgroup/memory")
_V2 = Path("/sys/fs/cgroup")
_LEAVE_SECONDS = 60.0


@contextmanager
def limited_memory(pid: int, headroom: int) -> Iterator[Path]:
    """Move process `pid` into a new group which may charge `headroom` bytes more.

    What the process holds already stays charged where it was (cgroups(7), memory controller).
    Skips where this machine lets us make no group.
    """
    group, limit = _new_group(pid)
    try:
        limit.write_text(str(headroom))
        (group / "cgroup.procs").write_text(str(pid))
        yield group
    finally:
        _remove(group)


def oom_kills(group: Path) -> int:
    """How many processes the kernel has killed in the group."""
    for name in ("memory.events", "memory.oom_control"):
        file = group / name
        if file.exists():
            counts = dict(line.split() for line in file.read_text().splitlines())
            return int(counts.get("oom_kill", 0))
    return 0


def _new_group(pid: int) -> tuple[Path, Path]:
    name = f"goneaway-{pid}"
    first = _V1 / name
    second = _V2 / name
    try:
        if _V1.is_dir():
            first.mkdir()
            return first, first / "memory.limit_in_bytes"
        (_V2 / "cgroup.subtree_control").write_text("+memory")
        second.mkdir()
        (second / "memory.swap.max").write_text("0")
    except OSError as error:
        unavailable(f"no memory control group can be made here: {error.strerror}")
    return second, second / "memory.max"


def _remove(group: Path) -> None:
    """A group can go once the kernel has taken leave of its last process."""
    give_up = time.monotonic() + _LEAVE_SECONDS
    while group.exists() and time.monotonic() < give_up:
        with contextlib.suppress(OSError):
            group.rmdir()
            return
        time.sleep(0.05)
