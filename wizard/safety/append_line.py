"""A line appended to a private file, and on disk when the call returns."""

import errno
import os
import stat
from pathlib import Path

from wizard.safety.file_lock import take_lock
from wizard.safety.state_directory import make_private


def append_line(path: Path, line: str) -> None:
    """Append `line` (without its end) and sync it; its directory is made with mode 0700. A line
    that a crash cut short does not swallow this one. Raises OSError."""
    directory = path.parent
    make_private(directory)
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
        take_lock(descriptor)
        data = line.encode("ascii", "backslashreplace") + b"\n"
        if not _ends_with_newline(descriptor):
            data = b"\n" + data
        while data:
            data = data[os.write(descriptor, data) :]
        os.fsync(descriptor)
        _sync_directory(directory)
    finally:
        os.close(descriptor)


def read_tail(path: Path, limit: int) -> list[str]:
    """The lines in the last `limit` bytes; none where there is no file.

    Raises OSError, also for what is no plain file: a FIFO would be waited for.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "is no plain file", str(path))
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - limit))
            return stream.read(limit).decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _ends_with_newline(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"
