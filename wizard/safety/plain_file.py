"""Files that end: what else a name may lead to is waited for, or fills the memory."""

import errno
import os
import stat
from pathlib import Path, PurePath
from typing import IO

PROC = "/proc"
"""What the kernel tells there calls itself a regular file, also where it has no end (kmsg) or is
as large as the address space (pagemap)."""


def is_plain(status: os.stat_result) -> bool:
    """Whether it is a regular file of a disk, and so ends."""
    return stat.S_ISREG(status.st_mode) and status.st_dev != _proc()


def open_plain(path: PurePath | str) -> IO[bytes]:
    """The file, for reading. Raises OSError, also for what is no plain file.

    /dev/null, by which none is named, is an empty one.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not is_plain(status) and not _is_null(status):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
    except OSError:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb")


def read_plain(path: PurePath | str, most: int) -> bytes:
    """Its first `most` bytes. Raises OSError, also for what is no plain file."""
    with open_plain(path) as stream:
        return stream.read(most)


def _is_null(status: os.stat_result) -> bool:
    return stat.S_ISCHR(status.st_mode) and status.st_rdev == Path(os.devnull).stat().st_rdev


def _proc() -> int:
    try:
        return Path(PROC).stat().st_dev
    except OSError:
        return -1
