"""A log file that grows by somebody else's doing: what is written to it from a moment on."""

import os
from collections.abc import Iterator
from typing import Protocol

from wizard.hosts.protocol import Host
from wizard.hosts.remote.host import SshHost

_CHUNK = 1 << 20


class Growing(Protocol):
    """Its beginning is when it is made. Raises HostError, OSError."""

    def size(self) -> int:
        """Bytes that were written since."""
        ...

    def chunks(self, most: int) -> Iterator[bytes]: ...

    def close(self) -> None: ...


def growing(path: str, host: Host | None) -> Growing:
    return GrowingThere(host, path) if isinstance(host, SshHost) else GrowingHere(path)


class GrowingHere:
    """A file of this machine, held open: it may be rotated meanwhile."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._begin = os.fstat(self._file).st_size

    def size(self) -> int:
        return max(0, os.fstat(self._file).st_size - self._begin)

    def chunks(self, most: int) -> Iterator[bytes]:
        offset, end = self._begin, self._begin + most
        while offset < end:
            data = os.pread(self._file, min(_CHUNK, end - offset), offset)
            if not data:
                return
            offset += len(data)
            yield data

    def close(self) -> None:
        os.close(self._file)


class GrowingThere:
    """A file of the machine that is reached over SSH."""

    def __init__(self, host: SshHost, path: str) -> None:
        self._host, self._path = host, path
        self._begin = host.stat(path).size

    def size(self) -> int:
        return max(0, self._host.stat(self._path).size - self._begin)

    def chunks(self, most: int) -> Iterator[bytes]:
        offset, end = self._begin, self._begin + most
        while offset < end:
            data = self._host.read(self._path, offset, min(_CHUNK, end - offset))
            if not data:
                return
            offset += len(data)
            yield data

    def close(self) -> None:
        """Nothing is held."""
