"""Ports that are no database: they say nothing, hang up, or speak something else.

Each listens in the network that the calling thread is in, and yields its port.
"""

import contextlib
import http.server
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.network.namespaces import run

_POLL = 0.1

Handler = Callable[[socket.socket], None]
"""Gets an accepted connection, which stays open while it is not closed."""


@contextmanager
def silent() -> Iterator[int]:
    """Accepts and never says a word."""
    with _listening(lambda _accepted: None) as port:
        yield port


@contextmanager
def closing() -> Iterator[int]:
    """Accepts and closes at once (FIN)."""
    with _listening(lambda accepted: accepted.close()) as port:
        yield port


@contextmanager
def tls(directory: Path) -> Iterator[int]:
    """Waits for a TLS handshake, as HTTPS does, and closes what is none."""
    certificate, key = directory / "listener.crt", directory / "listener.key"
    run(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
        *("-subj", "/CN=db.example.test", "-keyout", str(key), "-out", str(certificate)),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def handshake(accepted: socket.socket) -> None:
        try:
            context.wrap_socket(accepted, server_side=True).close()
        except OSError:
            accepted.close()

    with _listening(handshake) as port:
        yield port


@contextmanager
def speaking_http() -> Iterator[int]:
    """A web server: answers a request, and a line that is none with 400."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_words: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("0.0.0.0", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(_POLL,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join(60)


@contextmanager
def _listening(handler: Handler) -> Iterator[int]:
    stop = threading.Event()
    accepted: list[socket.socket] = []
    with socket.create_server(("0.0.0.0", 0)) as listener:
        listener.settimeout(_POLL)

        def accept() -> None:
            while not stop.is_set():
                with contextlib.suppress(OSError):
                    connection, _ = listener.accept()
                    connection.settimeout(None)
                    accepted.append(connection)
                    threading.Thread(target=handler, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            stop.set()
            thread.join(60)
            for connection in accepted:
                connection.close()
