"""A log file that grows by somebody else's doing: what is written to it from a moment on.

It is kept as it grows, since the file may be emptied or renamed at any moment (logrotate(8)).
"""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Protocol

from wizard.hosts.protocol import Host, NotFound
from wizard.hosts.remote.host import SshHost

_CHUNK = 1 << 20
_IN_MEMORY = 64 << 20
"""What is kept beyond that goes to a file without a name."""

_TAIL = 64
"""Bytes before the place that was read: they tell a file that was emptied and has grown since."""

EMPTIED = "the log's file was emptied meanwhile (copytruncate?), and read on from its beginning"
RENAMED = "the log's file was renamed meanwhile, and the new one was read on"
REPLACED = (
    "the log's file was emptied or renamed meanwhile, and what stands there was read on; what was"
    " written in the second before may be missing"
)


class Growing(Protocol):
    """Its beginning is when it is made; `size` also takes in what was written until now, up to the
    bound. `happened` says what became of the file meanwhile. Raises HostError, OSError."""

    @property
    def happened(self) -> tuple[str, ...]: ...

    def size(self) -> int:
        """Bytes that were written since."""
        ...

    def chunks(self) -> Iterator[bytes]: ...

    def close(self) -> None: ...


def growing(path: str, host: Host | None, most: int) -> Growing:
    return GrowingThere(host, path, most) if isinstance(host, SshHost) else GrowingHere(path, most)


class _Kept:
    """What was read so far, at most `most` bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._spool = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        self.size = 0
        self.happened: tuple[str, ...] = ()

    @property
    def room(self) -> int:
        return self._most - self.size

    def add(self, data: bytes) -> None:
        self._spool.write(data)
        self.size += len(data)

    def say(self, text: str) -> None:
        if text not in self.happened:
            self.happened = (*self.happened, text)

    def chunks(self) -> Iterator[bytes]:
        self._spool.seek(0)
        while data := self._spool.read(_CHUNK):
            yield data
        self._spool.seek(0, os.SEEK_END)

    def close(self) -> None:
        self._spool.close()


class _OpenFile:
    """One file of this machine, from a place on."""

    def __init__(self, path: str, from_end: bool) -> None:
        self.descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        found = os.fstat(self.descriptor)
        self.identity = found.st_dev, found.st_ino
        self._offset = found.st_size if from_end else 0
        self._tail = self._before()

    def was_emptied(self) -> bool:
        """Whether it is shorter than what was read, or begins anew. Then the next is its first."""
        emptied = os.fstat(self.descriptor).st_size < self._offset or self._before() != self._tail
        if emptied:
            self._offset, self._tail = 0, b""
        return emptied

    def read_into(self, kept: _Kept) -> None:
        while data := os.pread(self.descriptor, min(_CHUNK, kept.room), self._offset):
            kept.add(data)
            self._offset += len(data)
        self._tail = self._before()

    def _before(self) -> bytes:
        begin = max(0, self._offset - _TAIL)
        return os.pread(self.descriptor, self._offset - begin, begin)


class GrowingHere:
    """A file of this machine, held open, and whatever has its name afterwards."""

    def __init__(self, path: str, most: int) -> None:
        self._path = path
        self._kept = _Kept(most)
        self._files = [_OpenFile(path, from_end=True)]

    @property
    def happened(self) -> tuple[str, ...]:
        return self._kept.happened

    def size(self) -> int:
        for file in self._files:
            if file.was_emptied():
                self._kept.say(EMPTIED)
            file.read_into(self._kept)
        if (renamed := self._new_one()) is not None:
            # Until the server opens it, it writes on to the one before (FLUSH LOGS).
            self._kept.say(RENAMED)
            self._files[-1].read_into(self._kept)
            for done in self._files[:-1]:
                os.close(done.descriptor)
            self._files = [self._files[-1], renamed]
            renamed.read_into(self._kept)
        return self._kept.size

    def chunks(self) -> Iterator[bytes]:
        self.size()
        yield from self._kept.chunks()

    def close(self) -> None:
        for file in self._files:
            os.close(file.descriptor)
        self._files.clear()
        self._kept.close()

    def _new_one(self) -> _OpenFile | None:
        """What stands under the name now, where that is another file."""
        with suppress(OSError):
            found = Path(self._path).stat()
            known = [file.identity for file in self._files]
            if (found.st_dev, found.st_ino) not in known and stat.S_ISREG(found.st_mode):
                return _OpenFile(self._path, from_end=False)
        return None


class GrowingThere:
    """A file of the machine that is reached over SSH, by its name."""

    def __init__(self, host: SshHost, path: str, most: int) -> None:
        self._host, self._path = host, path
        self._kept = _Kept(most)
        self._offset = host.stat(path).size
        self._tail = self._before()

    @property
    def happened(self) -> tuple[str, ...]:
        return self._kept.happened

    def size(self) -> int:
        """A file that is out of sight for the moment has just been renamed."""
        with suppress(NotFound):
            size = self._host.stat(self._path).size
            if size < self._offset or (size > self._offset and self._before() != self._tail):
                self._kept.say(REPLACED)
                self._offset, self._tail = 0, b""
            while self._offset < size and self._kept.room:
                length = min(_CHUNK, self._kept.room, size - self._offset)
                if not (data := self._host.read(self._path, self._offset, length)):
                    break
                self._kept.add(data)
                self._offset += len(data)
                self._tail = (self._tail + data)[-_TAIL:]
        return self._kept.size

    def chunks(self) -> Iterator[bytes]:
        self.size()
        yield from self._kept.chunks()

    def close(self) -> None:
        self._kept.close()

    def _before(self) -> bytes:
        begin = max(0, self._offset - _TAIL)
        return self._host.read(self._path, begin, self._offset - begin)
