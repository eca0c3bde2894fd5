"""A child of the guard that removes the server's file where the guard is killed too early.

Between the packet that switches the log on and the moment in which the server has made its file,
nobody can take the file's name away. Who kills wizard and guard just then would leave it behind.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

_APPEARS_SECONDS = 40.0
"""How long the server may take to make the file, on a disk that may be busy."""

_POLL = 0.02


class Sweeper:
    """Forked before the guard has any connection: none may stay open when the guard is gone."""

    def __init__(self) -> None:
        heard, told = os.pipe()
        self._child = os.fork()
        if self._child == 0:
            os.close(told)
            _sweep(heard)
        os.close(heard)
        self._told = told

    def expect(self, path: str) -> None:
        """The server is about to make this file."""
        self._say(os.fsencode(path) + b"\0")

    def came(self) -> None:
        """It was made; where it still has a name when we end, the name goes at once."""
        self._say(b"\0")

    def close(self) -> None:
        self.came()
        os.close(self._told)
        with suppress(OSError):
            os.waitpid(self._child, 0)

    def _say(self, word: bytes) -> None:
        with suppress(OSError):
            os.write(self._told, word)


def _sweep(heard: int) -> None:
    """The child's whole life; never returns."""
    try:
        # Whoever waits for the guard's end waits for these to be closed.
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        said = b""
        while data := os.read(heard, 1 << 16):
            said += data
        path, _, came = said.partition(b"\0")
        if path:
            _remove(Path(os.fsdecode(path)), 0.0 if came else _APPEARS_SECONDS)
    finally:
        os._exit(0)


def _remove(path: Path, seconds: float) -> None:
    """As soon as it is there, and within `seconds`."""
    give_up = time.monotonic() + seconds
    while True:
        with suppress(OSError):
            path.unlink()
            return
        if time.monotonic() >= give_up:
            return
        time.sleep(_POLL)
