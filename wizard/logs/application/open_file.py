"""Opens an application's log, plain or compressed, by its first bytes."""

import bz2
import gzip
import lzma
import zlib
from pathlib import Path
from typing import IO

from wizard.hosts.local.zstd_stream import ZstdReader
from wizard.hosts.protocol import HostError, NotFound, NotPermitted
from wizard.logs.engine.line_ends import ReturnsReader, ends_in_returns
from wizard.logs.engine.wide_text import WideReader, wide_encoding
from wizard.logs.not_text import packed_otherwise
from wizard.safety.plain_file import is_plain, open_plain

PACKED = (gzip.GzipFile, lzma.LZMAFile, bz2.BZ2File, ZstdReader, WideReader, ReturnsReader)
"""Streams whose size only reading them tells."""

BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError)
"""What reading raises where a file is damaged or cut."""

_HEAD = 4096


def open_log(path: Path) -> IO[bytes]:
    """A plain or compressed local file. Raises HostError where it cannot be read."""
    try:
        if path.is_dir():
            raise HostError(f"{path} is a directory; name the log file in it")
        if not path.exists() or not is_plain(path.stat()):
            # A pipe or device has no end to wait for.
            raise NotFound(
                f"{path}: no such file" if not path.exists() else f"{path} is no regular file"
            )
        stream = open_plain(path)
        magic = stream.read(6)
        stream.seek(0)
        return _narrow(_unpacked(stream, magic, path))
    except PermissionError:
        raise NotPermitted(f"{path} cannot be read: permission denied") from None
    except OSError as error:
        raise HostError(f"{path} cannot be read: {error.strerror or error}") from None


def _narrow(stream: IO[bytes]) -> IO[bytes]:
    """As UTF-8 where it is a wide text, and with line feeds where it has none."""
    if encoding := wide_encoding(_head(stream)):
        stream = WideReader(stream, encoding)
    return ReturnsReader(stream) if ends_in_returns(_head(stream)) else stream


def _head(stream: IO[bytes]) -> bytes:
    """Its first bytes; it is at its start again afterwards."""
    try:
        return stream.read(_HEAD)
    except BROKEN:
        return b""
    finally:
        stream.seek(0)


def _unpacked(stream: IO[bytes], magic: bytes, path: Path) -> IO[bytes]:
    """By its first bytes: a name says nothing. Raises HostError for what Python cannot unpack."""
    if magic.startswith(b"\x1f\x8b"):
        return gzip.open(stream)  # type: ignore[return-value]
    if magic.startswith(b"\xfd7zXZ\x00"):
        return lzma.open(stream)
    if magic.startswith(b"BZh"):
        return bz2.open(stream)
    if magic.startswith(b"\x28\xb5\x2f\xfd"):
        return ZstdReader(stream)
    if told := packed_otherwise(magic):
        stream.close()
        raise HostError(f"{path} {told}")
    return stream
