"""Joins what is read of a log, piece by piece, into blocks of whole lines."""

from collections.abc import Callable, Iterator

from wizard.logs.engine.block import Block

LONGEST = 1 << 20
"""Bytes of one line that are kept; the rest of it is passed over."""


Count = Callable[[bytes], int]
"""How many line feeds some bytes hold."""


def line_feeds(data: bytes) -> int:
    return data.count(b"\n")


_HOLE = b"\0"


class WholeLines:
    """Takes the pieces in order; `last` gives what has no line feed behind it.

    NULs at a line's beginning are no part of it: a program that writes on where its file was
    emptied (copytruncate) leaves them. The block behind such a hole counts its bytes.
    """

    def __init__(self, path: str, offset: int, line: int | None, count: Count = line_feeds) -> None:
        self._count = count
        self._path, self._offset, self._line = path, offset, line
        self._rest: list[bytes] = []
        self._kept = self._size = self._hole = 0

    def add(self, data: bytes) -> Iterator[Block]:
        if _HOLE not in data:
            yield from self._add(data)
            return
        while data:
            if not self._size:
                text = data.lstrip(_HOLE)
                self._hole += len(data) - len(text)
                data = text
            end = data.find(b"\n" + _HOLE) + 1 or len(data)
            if data:
                yield from self._add(data[:end])
            data = data[end:]

    def _add(self, data: bytes) -> Iterator[Block]:
        end = data.rfind(b"\n") + 1
        if not end:
            self._keep(data)
            return
        begin = 0
        if self._size > self._kept:
            begin = data.find(b"\n") + 1
            self._size += begin
            yield self._block(b"".join((*self._rest, b"\n")), self._size)
            self._rest = []
            self._kept = self._size = 0
        if begin < end:
            whole = b"".join((*self._rest, data[begin:end]))
            yield self._block(whole, len(whole))
        self._rest = []
        self._kept = self._size = 0
        if end < len(data):
            self._keep(data[end:])

    def last(self) -> Iterator[Block]:
        if self._rest:
            yield self._block(b"".join(self._rest), self._size)

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if self._kept < LONGEST:
            self._rest.append(data[: LONGEST - self._kept])
            self._kept += len(self._rest[-1])

    def _block(self, data: bytes, size: int) -> Block:
        self._offset += self._hole
        block = Block(data, self._path, self._offset, self._line, size + self._hole)
        self._offset += size
        self._hole = 0
        if self._line is not None:
            self._line += self._count(data)
        return block
