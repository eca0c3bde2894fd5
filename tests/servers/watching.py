"""`goneaway-wizard watch` as an operator runs it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers.harness.server import ServerUnderTest

PATIENCE = 180.0


class Watching:
    """`goneaway-wizard watch` as a process, with a state directory of its own."""

    def __init__(
        self, server: ServerUnderTest, state: Path, *more: str, way: Sequence[str] = ()
    ) -> None:
        """By the server's socket, or by another `way`."""
        self.server = server
        self.state = state
        self.process = subprocess.Popen(
            command(server, "watch", "--format", "json", *more, way=way),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(state),
        )  # fmt: skip
        self._events: list[Mapping[str, Any]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._events.append(json.loads(line))

    def next(self, kind: str, text: str = "") -> Mapping[str, Any]:
        """The first event of that kind, with that in its text, that was not asked for before."""
        if (event := self._told(kind, text, PATIENCE)) is None:
            raise AssertionError(f"no {kind} {text}: {self._events}")
        return event

    def _told(self, kind: str, text: str, seconds: float) -> Mapping[str, Any] | None:
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            for event in list(self._events):
                if event["event"] == kind and text in event["text"]:
                    self._events.remove(event)
                    return event
            time.sleep(0.05)
        return None

    def lose_one(self) -> Mapping[str, Any]:
        """Kill a session that has been seen, and wait until that is told.

        What was not there for a whole look is told by nobody: where looks take long, as on a busy
        machine, another is lost that was there for longer.
        """
        for rests in (2.5, 5.0, 10.0, 20.0):
            victim: Any = self.server.client()
            number = int(victim.thread_id())
            time.sleep(rests)
            self.server.sql(f"KILL {number}")
            event = self._told("session-ended", "", 15.0 + rests)
            victim._force_close()
            if event is not None:
                assert event["session"]["id"] == number
                return event
        raise AssertionError(f"no session's end was told: {self._events}")

    def end(self, number: int = signal.SIGTERM) -> str:
        """Send that signal, wait until it has ended; what it said on stderr."""
        self.process.send_signal(number)
        assert self.process.stderr is not None
        err = self.process.stderr.read()
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return err


def command(server: ServerUnderTest, name: str, *more: str, way: Sequence[str] = ()) -> list[str]:
    target = way or ("-S", str(server.socket), "-u", "root")
    return [sys.executable, "-m", "wizard.cli", name, *target, *more]


def environment(state: Path) -> dict[str, str]:
    return {**os.environ, "XDG_STATE_HOME": str(state)}


def answer(state: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        words, capture_output=True, text=True, timeout=PATIENCE, check=False,
        env=environment(state),
    )  # fmt: skip


@contextmanager
def watching(
    server: ServerUnderTest, state: Path, *more: str, way: Sequence[str] = ()
) -> Iterator[Watching]:
    made = Watching(server, state, *more, way=way)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.end(signal.SIGKILL)
