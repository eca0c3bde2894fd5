"""A program on a pseudo-terminal: what it writes, its keys, its exit."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]
LIMIT = 120.0
QUESTION, ANSWER = b"\x1b[?2026$p", "\x1b[?2026;2$y"
"""Whether it can draw at once, which every terminal in use answers."""


class Terminal:
    """Runs Python code on a pty of 80x24, in a session of its own.

    Its line is slow where each byte of a key takes some `byte_seconds`; what is at its end then
    answers no question, so that the first key is the first that the wizard knows of the line.
    """

    def __init__(
        self,
        code: str,
        environ: dict[str, str] | None = None,
        columns: int = 80,
        rows: int = 24,
        byte_seconds: float = 0.0,
    ) -> None:
        self._byte_seconds = byte_seconds
        self._mute, self._sending = bool(byte_seconds), False
        self._asked, self._last = 0, b""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            env={**os.environ, "TERM": "xterm-256color", **(environ or {})},
            start_new_session=True,
        )
        os.close(slave)
        self.output = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(LIMIT)
        if self._master >= 0:
            os.close(self._master)

    def read(self, seconds: float = 0.05) -> None:
        """Take what comes within `seconds`."""
        if self._master >= 0 and select.select([self._master], [], [], seconds)[0]:
            try:
                self._take(os.read(self._master, 65536))
            except OSError:
                time.sleep(seconds)
            # What was typed before is on its way before the answer.
            if self._asked and not (self._mute or self._sending):
                asked, self._asked = self._asked, 0
                self.keys(ANSWER * asked)

    def _read_what_is_left(self) -> None:
        """All that it wrote before it ended: one read brings 4 KiB of it."""
        while self._master >= 0 and select.select([self._master], [], [], 0.05)[0]:
            try:
                self._take(os.read(self._master, 65536))
            except OSError:  # nobody has the other side open any more
                return

    def _take(self, data: bytes) -> None:
        """A question may come in two reads, and a test may have emptied `output` between them."""
        self.output += data
        self._last += data
        self._asked += self._last.count(QUESTION)
        self._last = self._last[1 - len(QUESTION) :]

    def become_slow(self, byte_seconds: float) -> None:
        """From now on each byte takes so long, answers to questions as well."""
        self._byte_seconds = byte_seconds

    def until(self, text: str, since: int = 0) -> float:
        """Wait until `text` was written, after so many bytes; seconds since the start."""
        give_up = time.monotonic() + LIMIT
        while text.encode() not in self.output[since:]:
            if self.process.poll() is not None:
                self._read_what_is_left()
                assert text.encode() in self.output[since:], f"it ended: {self.output[-2000:]!r}"
                break
            assert time.monotonic() < give_up, f"no {text!r} in {self.output!r}"
            self.read()
        return time.monotonic() - self.began

    def keys(self, text: str) -> None:
        if not self._byte_seconds:
            os.write(self._master, text.encode())
            return
        before, self._sending = self._sending, True
        for byte in text.encode():
            os.write(self._master, bytes((byte,)))
            end = time.monotonic() + self._byte_seconds
            while (left := end - time.monotonic()) > 0:
                self.read(left)
        self._sending = before

    def answers(self, keys: str, text: str) -> None:
        """Send these keys, and wait until `text` was written after them."""
        since = len(self.output)
        self.keys(keys)
        self.until(text, since)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """Close the terminal, as a dropped SSH connection does."""
        os.close(self._master)
        self._master = -1

    def exit_code(self, limit: float = LIMIT) -> int:
        """The exit code; fails if it does not end within `limit` seconds."""
        end = time.monotonic() + limit
        while self.process.poll() is None:
            assert time.monotonic() < end, f"still running after {limit} s"
            self.read()
        self._read_what_is_left()
        return self.process.returncode
