"""Whom the kernel killed for want of memory while the server went, by its ring and its count."""

from collections.abc import Sequence
from pathlib import PurePath

import pytest

from wizard.hosts.protocol import CommandResult, NotFound, Prefetch
from wizard.recorder.remains import RemainsOf

OURS = "Out of memory: Killed process 77 (mariadbd) total-vm:9kB"
ITS_NAME = "Memory cgroup out of memory: Killed process 9, UID 27, (mysqld) total-vm:9kB"
OTHER = "Out of memory: Killed process 12 (php-fpm) total-vm:9kB"


class Machine:
    """Process 77 is gone; the kernel has killed three since it started, one since it was seen.

    It knows the older count until it is asked anew, as a machine behind SSH does. In the first
    namespace its numbers are the kernel's.
    """

    def __init__(self, *ring: str, namespace: int = 4026532001) -> None:
        self.namespace = namespace
        self._count = 2
        self._ring = "".join(f"[ 1.0] {line}\n" for line in ring)

    def read(self, path: PurePath | str, _offset: int, _length: int) -> bytes:
        if str(path) == "/proc/vmstat":
            return b"oom_kill %d\n" % self._count
        raise NotFound(f"{path} is not there")

    def bring(self, _along: Prefetch) -> None:
        self._count = 3

    def run(self, words: Sequence[str], *_args: object) -> CommandResult:
        if words[0] == "readlink":
            return CommandResult(0, f"pid:[{self.namespace}]\n", "")
        return CommandResult(0, self._ring, "")


FIRST = 4026531836


def group(path: str) -> str:
    return (
        "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,"
        f"oom_memcg={path},task_memcg={path},task=mysqld,pid=9,uid=27"
    )


@pytest.mark.parametrize(
    ("ring", "namespace", "cause"),
    [
        ((OTHER, OURS), FIRST, "server-oom-killed"),
        ((OTHER, ITS_NAME), FIRST, None),
        ((OTHER, ITS_NAME), FIRST + 165, "server-oom-killed"),
        ((OTHER, group("/docker/db1"), ITS_NAME), FIRST + 165, "server-oom-killed"),
        ((OTHER, group("/docker/db2"), ITS_NAME), FIRST + 165, None),
        ((ITS_NAME, OTHER), FIRST + 165, None),
        ((), FIRST, "server-oom-killed"),
    ],
    ids=[
        "this one", "another server by its number", "a server in a container",
        "by its group", "another server by its group", "another program",
        "the ring tells nothing",
    ],
)  # fmt: skip
def test_whom_the_kernel_killed(ring: tuple[str, ...], namespace: int, cause: str | None) -> None:
    machine = Machine(*ring, namespace=namespace)
    words = RemainsOf(machine, 77, 2, None, "/docker/db1").look()  # type: ignore[arg-type]
    assert (words.cause if words is not None else None) == cause
