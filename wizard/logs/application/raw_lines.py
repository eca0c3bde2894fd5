"""The raw lines of a log, some thousand at a time, with very long ones cut.

What is cut is what `bounded` would leave out anyway, so that a line of any length takes no more
memory than a batch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

HEAD = 6144
TAIL = 2048
"""Characters of a very long line that are kept, from its beginning and from its end."""

BATCH = 256 << 10
_LONG = 64 << 10
_CUT = " … ".encode()


@dataclass(frozen=True, slots=True)
class Batch:
    """Whole lines, joined by line feeds; `number` is that of the first one, `last` of the last;
    `size` the bytes that they take in the file."""

    data: bytes
    number: int
    last: int
    size: int


def batches(stream: IO[bytes]) -> Iterator[Batch]:
    """The rest of the stream. What was read before an error comes first."""
    number, size, left = 1, 0, b""
    for chunk in _chunks(stream):
        size += len(chunk)
        data = left + chunk
        end = data.rfind(b"\n")
        left = data[end + 1 :]
        if len(left) > _LONG:
            left = left[:HEAD] + left[-4 * TAIL :]
        if end < 0:
            continue
        last = number + data.count(b"\n", 0, end)
        yield Batch(data[:end], number, last, size)
        number, size = last + 1, 0
    if left or size:
        yield Batch(left, number, number, size)


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """As large as there are, each as soon as it is there: an error in a packed file loses none."""
    read = getattr(stream, "read1", stream.read)
    while True:
        parts: list[bytes] = []
        size = 0
        try:
            while size < BATCH and (part := read(BATCH - size)):
                parts.append(part)
                size += len(part)
        except BaseException:
            if parts:
                yield b"".join(parts)
            raise
        if not parts:
            return
        yield b"".join(parts)


def text_of(raw: bytes, ended: bool = True) -> str:
    """A raw line as it is read; `ended` says that a line feed came behind it."""
    if len(raw) < HEAD:
        return raw.decode("utf-8", "replace").rstrip("\r\n")
    whole = raw + b"\n" if ended else raw
    if len(whole) > HEAD:
        whole = whole[:HEAD] + _CUT + whole[HEAD:][-TAIL:]
    return whole.decode("utf-8", "replace").rstrip("\r\n")


def bounded(line: str) -> str:
    """`line`, its middle left out where it is very long."""
    return line if len(line) <= HEAD + TAIL else f"{line[:HEAD]} … {line[-TAIL:]}"
