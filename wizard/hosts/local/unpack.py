"""Compressed files of this machine, read as if they were plain."""

import bz2
import errno
import gzip
import lzma
import os
import re
import stat as modes
import zlib
from collections.abc import Callable
from io import BufferedIOBase
from pathlib import PurePath
from typing import IO, Any

from wizard.hosts.local.zstd_stream import ZstdReader
from wizard.hosts.protocol import HostError
from wizard.hosts.sifting import CELL, CELL_LINE, MAX_CELLS, Cells
from wizard.safety.system_words import in_words

_OPENERS: dict[str, Callable[[Any], Any]] = {
    "gzip -dc": gzip.open,
    "xz -dc": lzma.open,
    "bzip2 -dc": bz2.open,
    "zstd -dcq": ZstdReader,
}
BROKEN = (EOFError, zlib.error, lzma.LZMAError)
_BLOCK = 1 << 20
_TIME = re.compile(rb"[0-9]:[0-9][0-9]:[0-9][0-9]")


class UnpackedFile:
    """Going on from where the last read ended costs nothing; going back unpacks anew."""

    def __init__(self, path: PurePath | str, unpack: str) -> None:
        """Raises OSError, and HostError where it is no file or nothing here unpacks it."""
        if unpack not in _OPENERS:
            raise HostError(f"{path}: this Python cannot unpack it ({unpack.split()[0]})")
        self.key = (str(path), unpack)
        self.complaint = ""
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        self._file: IO[bytes] = os.fdopen(descriptor, "rb")
        if not modes.S_ISREG(os.fstat(descriptor).st_mode):
            self._file.close()
            raise HostError(f"{path} is not a regular file")
        self._open = _OPENERS[unpack]
        self._stream: BufferedIOBase = self._open(self._file)
        self._at = 0

    def read(self, offset: int, length: int, checkpoint: Callable[[], None]) -> bytes:
        """Up to `length` bytes from `offset`; what is damaged ends it, see `complaint`."""
        if offset < self._at:
            self._file.seek(0)
            self._stream, self._at = self._open(self._file), 0
        while self._at < offset:
            checkpoint()
            if not self._next(min(_BLOCK, offset - self._at)):
                return b""
        parts: list[bytes] = []
        while length > 0 and (part := self._next(min(_BLOCK, length))):
            parts.append(part)
            length -= len(part)
        return b"".join(parts)

    def cells(self, checkpoint: Callable[[], None]) -> Cells:
        """Its size and one line with a time in each CELL, in larger ones of a very large file. Of
        a line only the head is kept, for it may be as long as the file."""
        lines: list[tuple[int, bytes]] = []
        at = begins = following = 0
        apart = CELL
        head = b""

        def note() -> None:
            nonlocal following, apart
            if begins >= following and _TIME.search(head):
                lines.append((begins, head))
                if len(lines) > MAX_CELLS:
                    del lines[1::2]
                    apart *= 2
                following = begins + apart

        while data := self.read(at, _BLOCK, checkpoint):
            checkpoint()
            position = 0
            while True:
                # Lines before the next cell are passed over all at once.
                sought = min(len(data), max(position, following - at))
                newline = data.find(b"\n", sought)
                if newline < 0:
                    newline = data.rfind(b"\n", position, sought)
                elif begins >= following:
                    head += data[position : min(newline, position + CELL_LINE - len(head))]
                    note()
                if newline < 0:
                    break
                position, head = newline + 1, b""
                begins = at + position
            head += data[position : position + CELL_LINE - len(head)]
            at += len(data)
        note()
        return Cells(at, tuple(lines), self.complaint)

    def _next(self, length: int) -> bytes:
        try:
            # read() would lose what came before the damage.
            part: bytes = self._stream.read1(length)
        except BROKEN as error:
            self.complaint = str(error) or type(error).__name__
            return b""
        except OSError as error:
            if error.errno in (errno.EIO, errno.ESTALE):
                raise
            self.complaint = in_words(str(error))
            return b""
        self._at += len(part)
        return part

    def close(self) -> None:
        self._file.close()
