"""Whom the kernel killed for want of memory while the server went, by its ring and its count."""

from pathlib import PurePath

import pytest

from wizard.hosts.protocol import CommandResult, NotFound, Prefetch
from wizard.recorder.remains import RemainsOf

OURS = "Out of memory: Killed process 77 (mariadbd) total-vm:9kB"
ITS_NAME = "Memory cgroup out of memory: Killed process 9, UID 27, (mysqld) total-vm:9kB"
OTHER = "Out of memory: Killed process 12 (php-fpm) total-vm:9kB"


class Machine:
    """Process 77 is gone; the kernel has killed three since it started, one since it was seen.

    It knows the older count until it is asked anew, as a machine behind SSH does.
    """

    def __init__(self, *ring: str) -> None:
        self._count = 2
        self._ring = "".join(f"[ 1.0] {line}\n" for line in ring)

    def read(self, path: PurePath | str, _offset: int, _length: int) -> bytes:
        if str(path) == "/proc/vmstat":
            return b"oom_kill %d\n" % self._count
        raise NotFound(f"{path} is not there")

    def bring(self, _along: Prefetch) -> None:
        self._count = 3

    def run(self, *_args: object) -> CommandResult:
        return CommandResult(0, self._ring, "")


@pytest.mark.parametrize(
    ("ring", "cause"),
    [
        ((OURS,), "server-oom-killed"),
        ((OTHER, ITS_NAME), "server-oom-killed"),
        ((ITS_NAME, OTHER), None),
        ((), "server-oom-killed"),
    ],
    ids=["this one", "a server in a container", "another program", "the ring tells nothing"],
)
def test_whom_the_kernel_killed(ring: tuple[str, ...], cause: str | None) -> None:
    words = RemainsOf(Machine(*ring), 77, 2, None).look()  # type: ignore[arg-type]
    assert (words.cause if words is not None else None) == cause
