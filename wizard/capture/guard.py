"""Our end of the guard: starts it, speaks with it, and steps in where it was killed."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from wizard.capture.plan import CannotCapture, CapturePlan
from wizard.capture.target_line import to_json
from wizard.target.model import Target

_ANSWER_SECONDS = 60.0
_MEANWHILE = 0.002


class GuardGone(CannotCapture):
    """The guard was killed, or failed; the message is one line."""


class Guard:
    """A guard process for one capture on a server that this machine reaches by itself.

    Raises CannotCapture with the guard's own words. The process is in a session of its own, so
    that no signal to the terminal reaches it.
    """

    def __init__(self, target: Target, seconds: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "wizard.capture.guard_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(_package_path())},
        )
        self._buffer = b""
        self._off = ""
        self.why = ""
        self.connection_id = 0
        self.in_server = True
        try:
            self._say(target=to_json(target), seconds=seconds)
            self.connection_id = int(self._answer("locked")["connection_id"])
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def switch_on(
        self, plan: CapturePlan, journal: Path, entry_id: str, meanwhile: Callable[[], None]
    ) -> None:
        """`meanwhile` is called again and again until the log is on."""
        self._say(plan=asdict(plan), journal=str(journal), id=entry_id)
        give_up = time.monotonic() + _ANSWER_SECONDS
        while not self._hears(_MEANWHILE) and time.monotonic() < give_up:
            meanwhile()
        self.in_server = bool(self._answer("on")["in_server"])

    def watch(self, path: str) -> None:
        """The log's file, which has no name any more: the guard looks at its size, too."""
        if path:
            self._say(file=path)

    def ended(self, seconds: float) -> bool:
        """Wait up to `seconds`; whether the capture has ended without our word."""
        with suppress(_Silence):
            answer = self._answer("off", seconds)
            self._off, self.why = str(answer["text"]), str(answer["why"])
        return bool(self._off)

    def put_back(self) -> str:
        """Put the log back now; how it was done. Raises GuardGone where the guard cannot."""
        if not self._off:
            self._say(word="stop")
            self._off = str(self._answer("off")["text"])
        return self._off

    def clean_up(self) -> None:
        """The log has been read: nothing of the capture need stay on the server."""
        self._say(word="done")
        self._answer("clean")
        self.close()

    def close(self) -> None:
        """The end of its input is the guard's word to put everything back; it is waited for."""
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_ANSWER_SECONDS)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _say(self, **words: Any) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(words).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise GuardGone("the guard of the capture was killed") from None

    def _answer(self, event: str, seconds: float | None = None) -> dict[str, Any]:
        """The next line, which must be `event`. Raises _Silence only where `seconds` is given."""
        assert self._process.stdout is not None
        limit = _ANSWER_SECONDS if seconds is None else seconds
        give_up = time.monotonic() + limit
        while b"\n" not in self._buffer:
            if not self._hears(give_up - time.monotonic()):
                if seconds is not None:
                    raise _Silence
                raise GuardGone("the guard of the capture does not answer")
            data = os.read(self._process.stdout.fileno(), 1 << 16)
            if not data:
                raise GuardGone("the guard of the capture was killed")
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        if answer["event"] != event:
            text, advice = str(answer.get("text", answer["event"])), str(answer.get("advice") or "")
            raise CannotCapture(text if advice in text else f"{text}: {advice}")
        return answer

    def _hears(self, seconds: float) -> bool:
        """Wait up to `seconds`; whether the guard said something, or is gone."""
        assert self._process.stdout is not None
        return bool(select.select([self._process.stdout], [], [], max(0.0, seconds))[0])


class _Silence(Exception):
    """Nothing was said in time."""


def _package_path() -> list[str]:
    """Where `wizard` is imported from here, also when it is not installed."""
    import wizard

    own = str(Path(wizard.__file__).parents[1])
    known = os.environ.get("PYTHONPATH")
    return [own, *([known] if known else [])]
