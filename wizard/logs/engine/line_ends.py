"""Line ends other than line feeds: a carriage return alone, or one before each line feed.

Exports and old programs write such logs. What reads logs knows line feeds only.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Protocol

from wizard.logs.engine.block import Block

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


WHY_RETURNS = (
    "ends its lines in carriage returns alone, and no Python on its host may read it: it is too "
    "large to be fetched; make them line feeds first (tr '\\r' '\\n' < FILE > COPY)"
)
"""What to do with such a log where a host's own programs would have to search it."""


class Readable(Protocol):
    """What a search needs of a Host."""

    def read(self, path: PurePath | str, offset: int = 0, length: int = 1 << 20) -> bytes: ...

    def read_blocks(
        self, path: PurePath | str, offsets: Sequence[int], length: int
    ) -> tuple[bytes, ...]: ...


def ends_in_returns(data: bytes) -> bool:
    """Whether these first bytes of a log hold lines that end in a carriage return alone."""
    return b"\r" in data and b"\n" not in data


def as_line_feeds(data: bytes) -> bytes:
    """Lines of a log that `ends_in_returns`; every byte stays where it was."""
    return data.replace(b"\r", b"\n")


@dataclass(frozen=True, slots=True)
class ReturnsAsFeeds:
    """Reads such a log through `inner`."""

    inner: Readable

    def read(self, path: PurePath | str, offset: int = 0, length: int = 1 << 20) -> bytes:
        return as_line_feeds(self.inner.read(path, offset, length))

    def read_blocks(
        self, path: PurePath | str, offsets: Sequence[int], length: int
    ) -> tuple[bytes, ...]:
        return tuple(map(as_line_feeds, self.inner.read_blocks(path, offsets, length)))


def without_returns(blocks: Iterable[Block]) -> Iterator[Block]:
    """Blocks of a log with a carriage return before each line feed, without those.

    A statement may hold some in a log that ends its lines otherwise: there they stay.
    """
    ends: bool | None = None
    for block in blocks:
        data = block.data
        if ends is None and b"\n" in data:
            ends = data.count(b"\r\n") == data.count(b"\n")
        yield replace(block, data=data.replace(b"\r\n", b"\n")) if ends else block


class ReturnsReader(io.BufferedReader):
    """A stream of such a log; it can be sought as `file` can."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(_Feeding(file), 1 << 20)


class _Feeding(io.RawIOBase):
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        data = as_line_feeds(self._file.read(len(view)))
        view[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()
