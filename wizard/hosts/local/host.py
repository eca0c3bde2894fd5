"""The machine that the wizard runs on."""

import errno
import os
import stat as modes
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from wizard.hosts.local.held_file import HeldFile
from wizard.hosts.local.run import run_bounded
from wizard.hosts.protocol import (
    NOTHING_ALONG,
    CommandResult,
    FileStat,
    HostError,
    HostMetrics,
    NotFound,
    NotPermitted,
    Prefetch,
    ServerProcess,
)
from wizard.hosts.sifting import Cells, Stretch, Wanted

if TYPE_CHECKING:
    from wizard.hosts.local.unpack import UnpackedFile

MAX_READ = 64 << 20
"""Bytes that one read may return."""

MAX_ENTRIES = 10_000
"""Names that one directory listing may return."""


class LocalHost:
    """Answers a Host's calls with the operating system and psutil."""

    label = "this host"

    def __init__(self) -> None:
        self._open: UnpackedFile | None = None

    def run(
        self, command: Sequence[str], timeout: float = 10.0, limit: int = 1 << 20
    ) -> CommandResult:
        return run_bounded(command, timeout, limit, _environment())

    def stat(self, path: PurePath | str) -> FileStat:
        try:
            found = Path(path).stat()
        except (OSError, ValueError) as error:
            raise _refusal(path, error) from None
        return FileStat(found.st_size, found.st_mtime, modes.S_ISDIR(found.st_mode))

    def list_dir(self, path: PurePath | str) -> tuple[str, ...]:
        """Names in the directory, sorted; raises HostError above MAX_ENTRIES."""
        names: list[str] = []
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    names.append(entry.name)
                    if len(names) > MAX_ENTRIES:
                        raise HostError(f"{path} holds more than {MAX_ENTRIES} names")
        except (OSError, ValueError) as error:
            raise _refusal(path, error) from None
        return tuple(sorted(names))

    def read(self, path: PurePath | str, offset: int = 0, length: int = 1 << 20) -> bytes:
        """Up to `length` bytes from `offset`. Only regular files: a FIFO or device could block
        for ever."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            raise _refusal(path, error) from None
        try:
            if not modes.S_ISREG(os.fstat(descriptor).st_mode):
                raise HostError(f"{path} is not a regular file")
            return _read_fully(descriptor, offset, min(length, MAX_READ))
        except OSError as error:
            raise _refusal(path, error) from None
        finally:
            os.close(descriptor)

    def hold(self, path: PurePath | str) -> HeldFile:
        """The file behind a name, for a long reading. Raises HostError."""
        try:
            return HeldFile(path)
        except (OSError, ValueError) as error:
            raise _refusal(path, error) from None

    def read_blocks(
        self, path: PurePath | str, offsets: Sequence[int], length: int
    ) -> tuple[bytes, ...]:
        return tuple(self.read(path, offset, length) for offset in offsets)

    def cells(
        self, path: PurePath | str, unpack: str, checkpoint: Callable[[], None] = lambda: None
    ) -> Cells:
        try:
            return self._unpacked(path, unpack).cells(checkpoint)
        except (OSError, ValueError) as error:
            raise _refusal(path, error) from None

    def read_unpacked(
        self,
        path: PurePath | str,
        unpack: str,
        offset: int,
        length: int,
        checkpoint: Callable[[], None] = lambda: None,
    ) -> bytes:
        try:
            file = self._unpacked(path, unpack)
            return file.read(offset, min(length, MAX_READ), checkpoint)
        except (OSError, ValueError) as error:
            raise _refusal(path, error) from None

    def _unpacked(self, path: PurePath | str, unpack: str) -> "UnpackedFile":
        """The file, open since it was last read, so that reading on costs nothing."""
        from wizard.hosts.local.unpack import UnpackedFile

        if self._open is None or self._open.key != (str(path), unpack):
            if self._open is not None:
                self._open.close()
            self._open = UnpackedFile(path, unpack)
        return self._open

    def sift(self, stretch: Stretch, wanted: Wanted) -> None:
        """Nothing crosses a wire here: all of the log may be read."""

    def sift_output(self, command: Sequence[str], earlier: bool, wanted: Wanted) -> None:
        """As `sift`."""

    def run_python(
        self, path: PurePath | str, code: str, given: bytes, say: Callable[[str], None]
    ) -> None:
        """Nothing is far away here."""

    def server_processes(self) -> tuple[ServerProcess, ...]:
        from wizard.hosts.local.processes import local_server_processes

        return local_server_processes()

    def metrics(
        self,
        paths: Sequence[PurePath | str] = (),
        along: Prefetch = NOTHING_ALONG,  # noqa: ARG002 - nothing is far away here
    ) -> HostMetrics:
        from wizard.hosts.local.metrics import local_metrics

        try:
            return local_metrics(paths)
        except OSError as error:
            raise HostError(f"the host's metrics could not be read: {error.strerror}") from None

    def bring(self, along: Prefetch) -> None:
        """Nothing is far away here."""


def _environment() -> dict[str, str]:
    """Only what a command needs: stable output, and sbin for an ordinary account."""
    path = os.environ.get("PATH", os.defpath)
    return {
        "PATH": f"{path}:/usr/local/sbin:/usr/sbin:/sbin",
        "HOME": os.environ.get("HOME", "/"),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }


def _read_fully(descriptor: int, offset: int, length: int) -> bytes:
    """`length` bytes or all that there are: /proc files return less than is asked for."""
    parts: list[bytes] = []
    while length > 0:
        part = os.pread(descriptor, length, offset)
        if not part:
            break
        parts.append(part)
        offset += len(part)
        length -= len(part)
    return b"".join(parts)


def _refusal(path: PurePath | str, error: OSError | ValueError) -> HostError:
    if isinstance(error, OSError):
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return NotFound(f"{path} does not exist")
        if error.errno in (errno.EACCES, errno.EPERM):
            return NotPermitted(f"{path} may not be read by this account; run as root")
        return HostError(f"{path}: {error.strerror}")
    return HostError(f"{str(path)!r} is no valid path")
