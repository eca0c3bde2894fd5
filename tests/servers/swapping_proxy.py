"""A proxy that moves a client to another connection between two of its statements.

So do ProxySQL and MaxScale, which cannot be had here: the client has logged in once, and what it
says next goes to another login, at the same server or at another.
"""

import socket
import threading
from contextlib import suppress
from typing import Any

from tests.servers.harness.server import ServerUnderTest

_CHUNK = 1 << 16


class SwappingProxy:
    """Before one server for one client at a time, without TLS. `move` is for when it is silent."""

    def __init__(self, server: ServerUnderTest) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._first = (server.host, server.port)
        self._client: socket.socket | None = None
        self._behind: socket.socket | None = None
        self._moving = threading.Lock()
        self._kept: list[Any] = []

    def __enter__(self) -> "SwappingProxy":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        for one in (self._listener, self._client, self._behind):
            if one is not None:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()

    def move(self, server: ServerUnderTest) -> None:
        """What the client says next is said over another login of `admin`, at that server."""
        login: Any = server.client("admin", autocommit=True)
        with self._moving:
            self._kept.append(login)
            before, self._behind = self._behind, login._sock
            self._listen(login._sock)
        if before is not None:
            with suppress(OSError):
                before.sendall(b"\x01\x00\x00\x00\x01")  # COM_QUIT

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            behind = socket.create_connection(self._first)
            self._client, self._behind = client, behind
            self._listen(behind)
            threading.Thread(target=self._speak, args=(client,), daemon=True).start()

    def _speak(self, client: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(_CHUNK):
                with self._moving:
                    assert self._behind is not None
                    self._behind.sendall(data)
            assert self._behind is not None
            self._behind.shutdown(socket.SHUT_RDWR)

    def _listen(self, behind: socket.socket) -> None:
        threading.Thread(target=self._answer, args=(behind,), daemon=True).start()

    def _answer(self, behind: socket.socket) -> None:
        with suppress(OSError):
            behind.settimeout(None)
            while data := behind.recv(_CHUNK):
                if self._client is not None:
                    self._client.sendall(data)
            if behind is self._behind and self._client is not None:
                self._client.shutdown(socket.SHUT_RDWR)
