"""A session's own socket, watched while the other side is quiet.

The packets are read here and not by the driver, which hides an ERR packet that waits in the
buffer: its sequence number is not the one that an answer would have.
Layout: MySQL Internals, "Protocol::Packet", "COM_QUERY" and "ERR_Packet".
"""

import contextlib
import select
import socket
import ssl
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wizard.safety.sanitize import sanitize
from wizard.server.connection_end import ConnectionEnd
from wizard.server.pymysql_session import TAG, PyMySqlSession
from wizard.server.session import ConnectionLost

_HEADER = 4
_ERROR = 0xFF
_COM_QUERY = b"\x03"
_MOST = 4096


@dataclass(frozen=True, slots=True)
class SocketEvent:
    """What came: a packet (`ending` is None), an ERR packet with its `number`, or an end."""

    ending: ConnectionEnd | None
    number: int | None = None
    text: str = ""


class QuietSocket:
    """The socket of a session that is at rest."""

    def __init__(self, session: PyMySqlSession) -> None:
        """Raises ConnectionLost where the session is closed."""
        line = session.raw_socket
        if line is None:
            raise ConnectionLost("the connection was closed at once")
        with contextlib.suppress(OSError):  # A Unix socket has none.
            line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 0)
        line.settimeout(0)
        self.line = line
        self._bytes = b""

    def ask(self, sql: str) -> SocketEvent | None:
        """Send a short statement, or hear that the connection is at its end."""
        question = _COM_QUERY + f"{TAG}{sql}".encode("ascii")
        try:
            self.line.sendall(struct.pack("<I", len(question)) + question)
        except OSError:
            return SocketEvent(ConnectionEnd.RESET)
        return None

    def hear(self) -> SocketEvent | None:
        """What the other side has sent or done until now, None where that is nothing; never
        waits. A packet counts once its first bytes are there, and all that came is taken."""
        while True:
            # Asked first: at an end of file the TLS layer may write, which a closed side resets.
            reset = _is_reset(self.line)
            try:
                more = self.line.recv(_MOST)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return self._packet()
            except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
                more = b""
            except OSError as error:
                timed_out = isinstance(error, TimeoutError)
                return self._packet() or SocketEvent(
                    ConnectionEnd.SILENT if timed_out else ConnectionEnd.RESET
                )
            if not more:
                return self._packet() or SocketEvent(
                    ConnectionEnd.RESET if reset else ConnectionEnd.CLOSED
                )
            self._bytes = (self._bytes + more)[:_MOST]

    def _packet(self) -> SocketEvent | None:
        """What the packets that have come say. An ERR packet may follow the columns of a result
        whose rows were not to be."""
        heard: SocketEvent | None = None
        for payload in _packets(self._bytes):
            heard = SocketEvent(None)
            if len(payload) >= 3 and payload[0] == _ERROR:
                (number,) = struct.unpack_from("<H", payload, 1)
                text = payload[9:] if payload[3:4] == b"#" else payload[3:]
                return SocketEvent(
                    ConnectionEnd.TOLD, number, sanitize(text.decode("utf-8", "replace"))
                )
        return heard


def _packets(heard: bytes) -> Iterator[bytes]:
    """The payloads of the packets that are there in full, or as far as anything is kept."""
    at = 0
    while len(heard) > at + _HEADER:
        end = at + _HEADER + int.from_bytes(heard[at : at + 3], "little")
        if end > len(heard) and len(heard) < _MOST:
            return
        yield heard[at + _HEADER : end]
        at = end


def wait_for_any(wires: Iterable[QuietSocket], seconds: float) -> None:
    """Until one of them has something to be read, at most so long."""
    poll = select.poll()
    for wire in wires:
        poll.register(wire.line.fileno(), select.POLLIN | select.POLLRDHUP)
    poll.poll(seconds * 1000)


def _is_reset(line: socket.socket) -> bool:
    """Whether a RST has come: it leaves both directions closed, a FIN only one. TLS shows both as
    an end of file."""
    if line.family == socket.AF_UNIX:
        return False
    poll = select.poll()
    poll.register(line.fileno(), select.POLLIN)
    return any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll(0))
