"""Who answers a port: what comes of itself, and what comes when it is spoken to."""

import contextlib
import select
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass

from wizard.server.connection_end import ConnectionEnd
from wizard.server.greeting import AttemptFailed
from wizard.server.pymysql_session import PyMySqlConnector

SPEAKS_FIRST = 3.0
"""Seconds of silence after which a service is taken to wait for its client to begin. A MySQL
server greets first, unless it looks up the client's name before."""

_ANSWER = 3.0
_POLL = 0.1
_HEARD = 512
_REQUEST = b"GET / HTTP/1.0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class PortAnswer:
    """`first` is what came of itself (at most 512 bytes), `reply` what came of being spoken to;
    `ending` how it ended, SILENT where nothing came in `seconds`, None where something came."""

    first: bytes = b""
    reply: bytes = b""
    ending: ConnectionEnd | None = None
    seconds: float = 0.0

    @property
    def is_greeting(self) -> bool:
        """Of a MySQL server or of a proxy for one: protocol 10, or an error before any login."""
        return len(self.first) > 4 and self.first[3] == 0 and self.first[4] in (10, 0xFF)


def listen(opened: socket.socket, patience: float, checkpoint: Callable[[], None]) -> PortAnswer:
    """What comes of itself within `patience` seconds; it is left in the socket."""
    began = time.monotonic()
    while (waited := time.monotonic() - began) < patience:
        checkpoint()
        if not select.select([opened], [], [], _POLL)[0]:
            continue
        try:
            first = opened.recv(_HEARD, socket.MSG_PEEK)
        except OSError:
            return PortAnswer(ending=ConnectionEnd.RESET, seconds=waited)
        return PortAnswer(first, ending=None if first else ConnectionEnd.CLOSED, seconds=waited)
    return PortAnswer(ending=ConnectionEnd.SILENT, seconds=patience)


def speak(connector: PyMySqlConnector, checkpoint: Callable[[], None]) -> bytes:
    """What a service that waits for its client answers to the beginning of TLS, or to a request.

    Never for a server that may only be slow: it would count this as a failed connect.
    """
    for words in (_hello(), _REQUEST):
        with contextlib.suppress(AttemptFailed, OSError), connector.open() as opened:
            opened.sendall(words)
            if reply := listen(opened, _ANSWER, checkpoint).first:
                return reply
    return b""


def _hello() -> bytes:
    """The first flight of a TLS handshake (RFC 8446, 4.1.2)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    outgoing = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), outgoing).do_handshake()
    return outgoing.read()
