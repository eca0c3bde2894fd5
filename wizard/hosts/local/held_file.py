"""A local file that stays the same file while it is read, whatever becomes of its name.

logrotate renames a log while it is read; what is read on by name would be another file's bytes.
"""

import os
import weakref
from collections.abc import Sequence
from pathlib import PurePath

from wizard.hosts.protocol import HostError
from wizard.safety.plain_file import is_plain


class HeldFile:
    """Reads as a host does, whatever path is named; closed when nobody refers to it."""

    def __init__(self, path: PurePath | str) -> None:
        """Raises OSError, ValueError, and HostError where it is no regular file."""
        self.descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self.descriptor)
        status = os.fstat(self.descriptor)
        if not is_plain(status):
            raise HostError(f"{path} is not a regular file")
        self.size = status.st_size

    def read(self, path: PurePath | str, offset: int = 0, length: int = 1 << 20) -> bytes:
        """Raises HostError."""
        parts: list[bytes] = []
        try:
            while length > 0 and (part := os.pread(self.descriptor, length, offset)):
                parts.append(part)
                offset += len(part)
                length -= len(part)
        except OSError as error:
            raise HostError(f"{path}: {error.strerror}") from None
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read_blocks(
        self, path: PurePath | str, offsets: Sequence[int], length: int
    ) -> tuple[bytes, ...]:
        return tuple(self.read(path, offset, length) for offset in offsets)
