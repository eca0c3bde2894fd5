"""The numbered lines of an application's log, bounded in length: all, or those that matter."""

import io
from collections.abc import Callable, Iterator
from typing import IO

from wizard.logs.application.backward import backward
from wizard.logs.application.open_file import BROKEN, PACKED
from wizard.logs.application.raw_lines import HEAD, TAIL, Batch, batches, text_of
from wizard.logs.application.skim import Skim

MAX_PACKED_BACKWARD = 256 << 20
"""A compressed log with its newest line first is put in order up to this size, in memory."""

_CHECK_EVERY = 2_000
_BLOCK = 1 << 20


class SkimmedLines:
    """Those lines of a stream that can matter, with the bytes and lines taken of it."""

    def __init__(self, stream: IO[bytes], checkpoint: Callable[[], None], skim: Skim) -> None:
        self.number = 0
        self.taken = 0
        self.truncated = ""
        self._stream = stream
        self._checkpoint = checkpoint
        self._skim = skim

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return self._skim.lines(self._counted())

    def _counted(self) -> Iterator[Batch]:
        try:
            for batch in batches(self._stream):
                self._checkpoint()
                yield batch
                self.taken += batch.size
                self.number = batch.last
        except BROKEN as error:
            self.truncated = f"reading stopped at line {self.number}: {error}"


class Lines:
    """The numbered lines of a stream, each bounded in length, with the bytes taken."""

    def __init__(self, stream: IO[bytes], checkpoint: Callable[[], None]) -> None:
        self.number = 0
        self.taken = 0
        self.truncated = ""
        self._stream = stream
        self._checkpoint = checkpoint

    def __iter__(self) -> Iterator[tuple[int, str]]:
        try:
            while raw := self._next():
                self.number += 1
                if self.number % _CHECK_EVERY == 0:
                    self._checkpoint()
                yield self.number, raw.decode("utf-8", "replace").rstrip("\r\n")
        except BROKEN as error:
            self.truncated = f"reading stopped at line {self.number}: {error}"

    def backward(self) -> Iterator[tuple[int, str]]:
        """The same lines, the last one first."""
        try:
            size = self._stream.seek(0, 2)
            if isinstance(self._stream, PACKED) and size > MAX_PACKED_BACKWARD:
                self._stream.seek(0)
                yield from self
                return
            stream: IO[bytes] = self._stream
            if isinstance(stream, PACKED):
                stream.seek(0)
                stream = io.BytesIO(stream.read())

            def passed() -> None:
                # Each block is read twice: once to count its lines.
                self.taken = min(size, self.taken + _BLOCK // 2)
                self._checkpoint()

            for number, line in backward(stream, size, text_of, passed):
                self.number = max(self.number, number)
                yield number, line
            self.taken = size
        except BROKEN as error:
            self.truncated = f"reading stopped at line {self.number}: {error}"

    def _next(self) -> bytes:
        head = self._stream.readline(HEAD)
        self.taken += len(head)
        if len(head) < HEAD or head.endswith(b"\n"):
            return head
        tail = b""
        while piece := self._stream.readline(_BLOCK):
            self.taken += len(piece)
            tail = (tail + piece)[-TAIL:]
            if piece.endswith(b"\n"):
                break
            self._checkpoint()
        return head + " … ".encode() + tail if tail else head
