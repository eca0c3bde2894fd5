"""What the scripts of ssh_logs answer."""

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from wizard.hosts.protocol import HostError
from wizard.hosts.sifting import Cells, PickedLine, Sifted, Stretch
from wizard.safety.sanitize import sanitize

if TYPE_CHECKING:
    from wizard.hosts.ssh.command import Output

MAX_ANSWER = 32 << 20
"""Bytes of an answer, unpacked, that are taken."""

_PACKED = b"\x1f\x8b"


def unpacked(data: bytes) -> bytes:
    """An answer that the other side may have packed. Raises HostError."""
    if not data.startswith(_PACKED):
        return data
    packer = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        plain = packer.decompress(data, MAX_ANSWER)
    except zlib.error as error:
        raise HostError(f"what was sent cannot be unpacked: {error}") from None
    if not packer.eof:
        raise HostError("what was sent is cut, or too large")
    return plain


def parse_blocks(answer: bytes, mark: str, count: int) -> tuple[bytes, ...]:
    """The blocks that BLOCKS sent. Raises HostError where one is missing."""
    parts = unpacked(answer).split(b"\n" + mark.encode() + b"\n")
    if len(parts) != count + 1:
        raise HostError("not all of the blocks were sent")
    return tuple(parts[:-1])


def parse_cells(answer: "Output") -> Cells:
    """What CELLS sent. Raises HostError where its end is missing."""
    lines: list[tuple[int, bytes]] = []
    size = -1
    try:
        for line in unpacked(answer.stdout).split(b"\n"):
            offset, _, text = line.partition(b":")
            if offset == b"end":
                size = int(text)
            elif offset:
                lines.append((int(offset), text))
    except ValueError:
        size = -1
    if size < 0:
        raise HostError("it could not be unpacked where it lies")
    said = answer.stderr.decode("utf-8", "replace").strip()
    return Cells(size, tuple(lines), sanitize(said, 200))


def parse_sifted(answer: bytes, stretch: Stretch) -> Sifted:
    """What SIFT sent. Raises HostError where its end is missing."""
    try:
        return _sifted(unpacked(answer), stretch)
    except (ValueError, IndexError):
        raise HostError(f"{stretch.path}: its lines could not be picked out there") from None


def _sifted(answer: bytes, stretch: Stretch) -> Sifted:
    picked: dict[int, PickedLine] = {}
    counts: dict[str, int] = {}
    end: Sequence[bytes] = ()
    left_out = 0
    for told in answer.split(b"\n"):
        tag, _, rest = told.partition(b":")
        match tag:
            case b"e":
                end = rest.split()
            case b"f":
                code, _, said = rest.partition(b" ")
                why = sanitize(said.decode("utf-8", "replace").strip(), 300)
                raise HostError(f"{stretch.path} ended with exit code {int(code)}: {why}")
            case b"x":
                left_out = int(rest)
            case b"n":
                kind, _, number = rest.partition(b":")
                counts[kind.decode()] = int(number)
            case b"h":
                line = _picked_line(rest, stretch.start)
                picked[line.offset] = line
    lines = tuple(picked[offset] for offset in sorted(picked))
    return Sifted(lines, counts, int(end[1]), left_out, int(end[2]))


def _picked_line(told: bytes, start: int) -> PickedLine:
    """From `kind:number:offset:text`, the offset counted from `start`."""
    kind, number, offset, text = told.split(b":", 3)
    return PickedLine(int(number), start + int(offset), kind.decode(), text)
