"""The lock by which one wizard at a time writes: whoever holds it may be stopped, or hang."""

import errno
import fcntl
import time
from collections.abc import Callable

PATIENCE = 8
"""Seconds that another wizard is waited for; less than the silence after which a session ends."""


def take_lock(descriptor: int, clock: Callable[[], float] = time.monotonic) -> None:
    """Take flock(2), which goes with the descriptor.

    Raises TimeoutError where another keeps it, OSError where the file system has no locks.
    """
    deadline = clock() + PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if clock() > deadline:
                told = f"another process has kept its lock for {PATIENCE} s: try again"
                raise TimeoutError(errno.ETIMEDOUT, told) from None
        time.sleep(0.05)
