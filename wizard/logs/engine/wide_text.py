"""Tells a text of two bytes a character (UTF-16) by its beginning, and reads it as UTF-8.

PowerShell's `>` and Windows programs write such logs. Read as bytes no word in them is found, and
a log full of failures would look like a quiet one.
"""

import codecs
import io
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_LOOK = 4096
_SHARE = 0.6
"""Of the high bytes of a text without a byte order mark, as many are NUL in Western languages."""

_MARKED_SHARE = 0.2
"""The same after such a mark, in any language: times, numbers and blanks are Western."""

_STEP = 1 << 16


def wide_encoding(head: bytes) -> str:
    """The codec of a wide text with these first bytes; empty for any other text."""
    look = head[: min(len(head), _LOOK) // 2 * 2]
    even, odd = look[::2], look[1::2]
    # A mark alone may be the odd bytes with which a damaged log begins.
    if max(even.count(0), odd.count(0)) > _MARKED_SHARE * len(odd):
        if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
            return "utf-32"
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
    # A hole of NULs, as copytruncate leaves it, is NUL at both.
    if odd.count(0) > _SHARE * len(odd) and not even.count(0):
        return "utf-16-le"
    if even.count(0) > _SHARE * len(even) and not odd.count(0):
        return "utf-16-be"
    return ""


def why_wide(encoding: str) -> str:
    """What to do with a log in such an encoding where it is read by its bytes."""
    name = encoding.upper().replace("-LE", "LE").replace("-BE", "BE")
    return f"is written in {name}: make it UTF-8 first (iconv -f {name} -t UTF-8 FILE > COPY)"


class WideReader(io.BufferedReader):
    """A stream of wide text, as UTF-8, that can be sought as a compressed one can."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        super().__init__(_Recoding(file, encoding), 1 << 20)


class _Recoding(io.RawIOBase):
    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self._rewind()

    def _rewind(self) -> None:
        self._file.seek(0)
        self._decoder = codecs.getincrementaldecoder(self._encoding)("replace")
        self._left = b""
        self._at = 0
        self._ended = False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        while not self._left and not self._ended:
            raw = self._file.read(_STEP)
            self._ended = not raw
            self._left = self._decoder.decode(raw, final=self._ended).encode("utf-8", "replace")
        data, self._left = self._left[: len(view)], self._left[len(view) :]
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 1:
            offset += self._at
        if whence != 2 and offset < self._at:
            self._rewind()
        while whence == 2 or self._at < offset:
            wanted = _STEP if whence == 2 else min(_STEP, offset - self._at)
            if not self.read(wanted):
                break
        return self._at
