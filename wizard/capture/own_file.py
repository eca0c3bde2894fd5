"""The file that the server makes for a capture: held open, and robbed of its name at once.

So that nothing of it is left, however the capture ends. Here it is opened; on a machine that is
reached over SSH a command there holds it (hosts/remote/held_log.py).
"""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from wizard.capture.reach import free_bytes
from wizard.hosts.protocol import Host, HostError
from wizard.hosts.remote.held_log import HeldLog
from wizard.hosts.remote.host import SshHost

_CHUNK = 1 << 20
_APPEARS_SECONDS = 45.0
"""How long the server may take to make it, and write its first line, on a disk that is busy."""


class OwnFile(Protocol):
    """`expect` comes before the log is on, `take` while it goes on, `taken` when it is."""

    def expect(self) -> None: ...

    def take(self) -> None: ...

    def taken(self) -> bool:
        """Takes the name away; whether the file is held. Raises HostError."""
        ...

    def size(self) -> int: ...

    @property
    def happened(self) -> str:
        """What became of the file meanwhile, where that costs lines; else empty."""
        ...

    @property
    def as_seen_by_others(self) -> str:
        """A path by which our own guard may open it; empty where it is not on this machine."""
        ...

    def free(self) -> int | None:
        """Bytes that are free on its disk."""
        ...

    def chunks(self) -> Iterator[bytes]: ...

    def forget_name(self) -> None:
        """Where the file still has its name, it goes."""
        ...

    def close(self) -> None: ...


def own_file(path: str, host: Host | None, most: int) -> OwnFile | None:
    """None for a capture that goes to a table; `most` bytes of a file are of use."""
    if not path:
        return None
    return FileThere(host, path, most) if isinstance(host, SshHost) else FileHere(path, most)


class FileHere:
    """A file of this machine."""

    def __init__(self, path: str, most: int) -> None:
        self._path, self._most = Path(path), most
        self._file: int | None = None
        self._closed: list[int] = []
        self.happened = ""

    def expect(self) -> None:
        """Nothing needs to be made ready."""

    def take(self) -> None:
        """Open the file as soon as it is there, and take its name away in time.

        That is once the server has written its first line: MySQL may fail to open a file that
        loses its name before. FLUSH LOGS has the server make another one: that is the next."""
        with suppress(FileNotFoundError):
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
            found = os.open(self._path, flags)
            if self._file is not None and os.path.sameopenfile(found, self._file):
                os.close(found)
            else:
                self._closed += [] if self._file is None else [self._file]
                self._file = found
        if self._is_written:
            self._path.unlink(missing_ok=True)

    def taken(self) -> bool:
        """MySQL says that the log is on a moment before it has made the file, and written to it."""
        give_up = time.monotonic() + _APPEARS_SECONDS
        self.take()
        while not self._is_written and time.monotonic() < give_up:
            time.sleep(0.02)
            self.take()
        self._path.unlink(missing_ok=True)
        return self._file is not None

    @property
    def _is_written(self) -> bool:
        return self._file is not None and os.fstat(self._file).st_size > 0

    def size(self) -> int:
        self.take()
        return sum(os.fstat(file).st_size for file in self._all())

    @property
    def as_seen_by_others(self) -> str:
        return f"/proc/{os.getpid()}/fd/{self._file}" if self._file is not None else ""

    def free(self) -> int | None:
        return free_bytes(str(self._path.parent))

    def chunks(self) -> Iterator[bytes]:
        self.take()
        left = self._most
        for file in self._all():
            offset = 0
            while left > 0 and (data := os.pread(file, _CHUNK, offset)):
                offset += len(data)
                left -= len(data)
                yield data

    def forget_name(self) -> None:
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        for file in self._all():
            os.close(file)
        self._file, self._closed = None, []

    def _all(self) -> list[int]:
        return [*self._closed, *([] if self._file is None else [self._file])]


class FileThere:
    """A file of the machine that is reached over SSH; what it holds is brought as it grows.

    So that what was captured until a connection is lost is not lost with it.
    """

    def __init__(self, host: SshHost, path: str, most: int) -> None:
        self._host, self._path, self._most = host, path, most
        self._held: HeldLog | None = None

    def expect(self) -> None:
        self._held = HeldLog(self._host.link, self._path)

    def take(self) -> None:
        """The command there does it by itself."""

    def taken(self) -> bool:
        if self._held is None:
            return False
        self._held.wait()
        return True

    def size(self) -> int:
        self._fetch()
        return 0 if self._held is None else self._held.size

    @property
    def happened(self) -> str:
        if self._held is None or not self._held.was_reopened:
            return ""
        return "the server closed its log meanwhile (FLUSH LOGS); what it wrote after is not here"

    as_seen_by_others = ""

    def free(self) -> int | None:
        return None if self._held is None else self._held.free

    def chunks(self) -> Iterator[bytes]:
        self._fetch()
        if self._held is not None:
            yield bytes(self._held.data)

    def forget_name(self) -> None:
        with suppress(HostError):
            self._host.run(("rm", "-f", "--", self._path))

    def close(self) -> None:
        if self._held is not None:
            self._held.close()

    def _fetch(self) -> None:
        """What has come before a loss is kept; the loss itself is told by the session."""
        if self._held is not None:
            with suppress(HostError):
                self._held.fetch(self._most)
