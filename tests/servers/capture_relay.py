"""A proxy in front of a server, with the faults that defeat what puts a log back."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

_MULTI_STATEMENTS = 1 << 16
"""CLIENT_MULTI_STATEMENTS (Capabilities Flags)."""

_HEAD = 4


class Relay:
    """Listens on `port` of loopback and hands every connection on to the server.

    `refuses_batches` clears CLIENT_MULTI_STATEMENTS from the client's answer to the greeting, as
    proxies do that parse each statement. `keeps_backend` leaves the server's side open when a
    client goes, as pools do.
    """

    def __init__(self, server_port: int, refuses_batches: bool, keeps_backend: bool) -> None:
        self._server_port = server_port
        self._refuses_batches, self._keeps_backend = refuses_batches, keeps_backend
        self._held = ExitStack()
        self._listener = self._held.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._held.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client = self._held.enter_context(self._listener.accept()[0])
                address = ("127.0.0.1", self._server_port)
                server = self._held.enter_context(socket.create_connection(address))
                for work in (self._down, self._up):
                    threading.Thread(target=work, args=(client, server), daemon=True).start()

    def _down(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(1 << 16):
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            data = client.recv(1 << 16)
            if self._refuses_batches:
                data = _without_batches(data)
            while data:
                server.sendall(data)
                data = client.recv(1 << 16)
        if not self._keeps_backend:
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)


def _without_batches(answer: bytes) -> bytes:
    flags = int.from_bytes(answer[_HEAD : _HEAD + 4], "little") & ~_MULTI_STATEMENTS
    return answer[:_HEAD] + flags.to_bytes(4, "little") + answer[_HEAD + 4 :]


@contextmanager
def relay(
    server_port: int, *, refuses_batches: bool = False, keeps_backend: bool = False
) -> Iterator[Relay]:
    made = Relay(server_port, refuses_batches, keeps_backend)
    try:
        yield made
    finally:
        made.close()
