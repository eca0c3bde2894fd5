"""A file compressed with zstd, as a stream that can be read and sought."""

import io
import sys
from typing import IO, TYPE_CHECKING, Any

from wizard.hosts.protocol import HostError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_READ_AHEAD = 1 << 20


class ZstdReader(io.BufferedReader):
    """What is damaged ends with EOFError, as with other packers."""

    def __init__(self, file: IO[bytes]) -> None:
        """Raises HostError where this Python cannot unpack it."""
        super().__init__(_Unpacking(file), _READ_AHEAD)


class _Unpacking(io.RawIOBase):
    """By the standard library from Python 3.14 on, by its backport before it."""

    def __init__(self, file: IO[bytes]) -> None:
        zstd = _module()
        self._stream = zstd.ZstdFile(file)
        self._error: type[Exception] = zstd.ZstdError

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._stream.read1(len(view))
        except self._error as error:
            raise EOFError(str(error)) from None
        view[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return int(self._stream.seek(offset, whence))
        except self._error as error:
            raise EOFError(str(error)) from None


def _module() -> Any:
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError:
        raise HostError("this Python cannot unpack zstd") from None
    return zstd
