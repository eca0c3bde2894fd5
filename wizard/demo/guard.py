"""Ends a private server and removes its files when the program that started it is gone.

Runs as a program of its own (`python guard.py DIRECTORY`), so that it outlives a program that
is killed with SIGKILL. It reads `watch PID` and `forget` lines; the end of its input, however
that comes about, is the word to clean up.
"""

import os
import select
import shutil
import signal
import sys
from pathlib import Path

_EXIT_SECONDS = 20.0


def main(directory: Path) -> None:
    for quiet in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(quiet, signal.SIG_IGN)
    server: int | None = None
    for line in sys.stdin:
        word, _, pid = line.strip().partition(" ")
        if server is not None:
            os.close(server)
        server = _handle(int(pid)) if word == "watch" else None
        print("ok", flush=True)
    if server is not None:
        _end(server)
    shutil.rmtree(directory, ignore_errors=True)


def _handle(pid: int) -> int | None:
    """A pidfd: unlike a number it never comes to mean another process (pidfd_open(2))."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None


def _end(server: int) -> None:
    try:
        signal.pidfd_send_signal(server, signal.SIGKILL)
    except ProcessLookupError:
        return
    select.select([server], [], [], _EXIT_SECONDS)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
