"""One statement and its answer over a session's own socket, watched byte by byte.

The driver reads nothing once a write failed, although the server's reason may wait in the
socket; it holds a large statement in memory several times; and it cannot be stopped. Layout:
MySQL Internals, "MySQL Packets", "COM_QUERY Response". A packet of 16 MiB - 1 goes on in the next.
"""

import contextlib
import fcntl
import select
import socket
import ssl
import struct
import termios
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from wizard.server.connection_end import ConnectionEnd

FULL = 0xFFFFFF
"""Bytes of a packet that goes on in another one."""

_QUERY = b"\x03"
_PIECE = 16 << 10
_READ = 256 << 10
_KEPT = 512
_POLL = 0.1
_ERROR, _END, _NULL = 0xFF, 0xFE, 0xFB
_WAITING = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class OutOfTime(Exception):
    """The time that the whole experiment may take is over."""


@dataclass(frozen=True, slots=True)
class PacketAnswer:
    """`ending` is None where the answer came in full; `number` and `text` are those of an error
    packet; `received` is the size of the one value in bytes, `value` its first bytes."""

    ending: ConnectionEnd | None
    seconds: float
    number: int | None = None
    text: str = ""
    received: int = 0
    value: bytes = b""


def exchange(
    opened: socket.socket,
    size: int,
    texts: Iterator[bytes],
    quiet: float,
    deadline: float,
    checkpoint: Callable[[], None],
) -> PacketAnswer:
    """Send a statement of `size` bytes, and read a result of one value.

    `texts` make up the statement; `size` includes its command byte. `quiet` is how many seconds may
    pass without a byte moving. The socket is left as it was, if it still lives. Raises OutOfTime at
    `deadline` (time.monotonic).
    """
    timeout = opened.gettimeout()
    opened.setblocking(False)
    began = time.monotonic()
    talk = _Talk(opened, _gathered(_framed(size, texts)))
    try:
        ending = _carry(talk, quiet, deadline, checkpoint)
    finally:
        with contextlib.suppress(OSError):
            opened.settimeout(timeout)
    return talk.result.answer(ending, time.monotonic() - began)


def _framed(size: int, texts: Iterator[bytes]) -> Iterator[bytes]:
    """The statement as packets, in small pieces."""
    pieces = _pieces(texts)
    sequence, left, held = 0, size, _QUERY
    while True:
        room = min(left, FULL)
        yield room.to_bytes(3, "little") + bytes([sequence % 256])
        sequence, left = sequence + 1, left - room
        full = room == FULL
        while room > 0:
            held = held or next(pieces)
            yield held[:room]
            room, held = room - len(held[:room]), held[room:]
        if not full:
            return


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces that fill a segment: a header does not travel alone."""
    held = bytearray()
    for piece in pieces:
        held += piece
        if len(held) >= _PIECE:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


def _pieces(texts: Iterator[bytes]) -> Iterator[bytes]:
    for text in texts:
        for start in range(0, len(text), _PIECE):
            yield text[start : start + _PIECE]


class _Result:
    """Reads a result set of one column and one row without keeping it."""

    def __init__(self) -> None:
        self.done = False
        self._error = b""
        self._ends = 0
        self._head = b""
        self._left = 0
        self._start = b""
        self._length = 0
        self._value = b""
        self._received = 0

    def feed(self, data: bytes) -> None:
        view = memoryview(data)
        while len(view) and not self.done:
            if self._left == 0 and len(self._head) < 4:
                taken = min(4 - len(self._head), len(view))
                self._head += bytes(view[:taken])
                view = view[taken:]
                if len(self._head) < 4:
                    return
                self._left = int.from_bytes(self._head[:3], "little")
            taken = min(self._left, len(view))
            if len(self._start) < _KEPT:
                self._start += bytes(view[: min(taken, _KEPT - len(self._start))])
            self._length += taken
            self._left -= taken
            view = view[taken:]
            if self._left == 0:
                whole = int.from_bytes(self._head[:3], "little") < FULL
                self._head = b""
                if whole:
                    self._packet()

    def answer(self, ending: ConnectionEnd | None, seconds: float) -> PacketAnswer:
        if self._error:
            (number,) = struct.unpack_from("<H", self._error.ljust(3, b"\0"), 1)
            text = self._error[9:] if self._error[3:4] == b"#" else self._error[3:]
            return PacketAnswer(
                ConnectionEnd.TOLD, seconds, number, text.decode("utf-8", "replace")
            )
        return PacketAnswer(ending, seconds, received=self._received, value=self._value)

    def _packet(self) -> None:
        start, length = self._start, self._length
        self._start, self._length = b"", 0
        if start[:1] == bytes([_ERROR]):
            self._error, self.done = start, True
        elif start[:1] == bytes([_END]) and length < 9:
            self._ends += 1
            self.done = self._ends == 2
        elif self._ends == 1:
            self._value, self._received = _value(start, length)


def _value(start: bytes, length: int) -> tuple[bytes, int]:
    """The first bytes and the size of a row's one length-encoded string; none for NULL."""
    first = start[0] if start else _NULL
    if first == _NULL:
        return b"", 0
    prefix = {0xFC: 3, 0xFD: 4, 0xFE: 9}.get(first, 1)
    return start[prefix:], length - prefix


class _Talk:
    """What is still to be sent, and what has come."""

    def __init__(self, opened: socket.socket, packets: Iterator[bytes]) -> None:
        self.opened = opened
        self.result = _Result()
        self._packets = packets
        self._held = next(packets)

    @property
    def wants_to_send(self) -> bool:
        return bool(self._held)

    def send(self) -> int:
        """Bytes that the kernel took. Raises OSError."""
        with contextlib.suppress(*_WAITING):
            sent = self.opened.send(self._held)
            self._held = self._held[sent:] or next(self._packets, b"")
            return sent
        return 0

    def receive(self) -> int | None:
        """Bytes that came; None after the other side's end. Raises OSError."""
        with contextlib.suppress(*_WAITING):
            data = self.opened.recv(_READ)
            self.result.feed(data)
            return len(data) or None
        return 0

    def in_flight(self) -> int:
        """Bytes that the kernel holds until they are acknowledged (tcp(7), SIOCOUTQ)."""
        with contextlib.suppress(OSError):
            held = fcntl.ioctl(self.opened.fileno(), termios.TIOCOUTQ, b"\0\0\0\0")
            return int(struct.unpack("i", held)[0])
        return 0


def _carry(
    talk: _Talk, quiet: float, deadline: float, checkpoint: Callable[[], None]
) -> ConnectionEnd | None:
    moved, flying = time.monotonic(), 0
    refused = False
    while not talk.result.done:
        checkpoint()
        try:
            progress = _once(talk, refused)
        except ssl.SSLEOFError:
            return ConnectionEnd.CLOSED
        except OSError:
            # What the other side said before it hung up can still be read.
            if refused or not talk.wants_to_send:
                return ConnectionEnd.RESET
            refused = True
            continue
        if progress is None:
            return ConnectionEnd.RESET if refused else ConnectionEnd.CLOSED
        now, before, flying = time.monotonic(), flying, talk.in_flight()
        if progress or flying < before:
            moved = now
        elif now - moved > quiet:
            return ConnectionEnd.SILENT
        if now > deadline:
            raise OutOfTime
    return None


def _once(talk: _Talk, refused: bool) -> int | None:
    """Bytes that moved; None after the other side's end."""
    sending = talk.wants_to_send and not refused
    waiting = isinstance(talk.opened, ssl.SSLSocket) and talk.opened.pending()
    if not waiting:
        readable, writable, _ = select.select(
            [talk.opened], [talk.opened] if sending else [], [], _POLL
        )
    else:
        readable, writable = [talk.opened], []
    moved = 0
    if readable:
        received = talk.receive()
        if received is None:
            return None
        moved += received
    if writable and not talk.result.done:
        moved += talk.send()
    return moved
