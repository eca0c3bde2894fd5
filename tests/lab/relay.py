"""A TCP relay before the server: a proxy, a load balancer or a slow path."""

import contextlib
import selectors
import socket
import threading
import time
from dataclasses import dataclass, field

_CHUNK = 65536


@dataclass(slots=True)
class _Flow:
    """One relayed connection."""

    client: socket.socket
    server: socket.socket
    moved: float = field(default_factory=time.monotonic)
    forgotten: bool = False
    speaker: socket.socket | None = None
    said: int = 0


class Relay:
    """Passes bytes between `port` of this host and the server.

    A connection without traffic for `idle_limit` seconds is closed on both sides, or, where
    `silent`, forgotten: nothing passes any more, and nobody is told. `delay` holds every
    packet of the client for so many seconds. A connection is closed on both sides once one of
    them has said more than `message_limit` bytes without a word from the other.
    """

    def __init__(
        self,
        server: tuple[str, int],
        idle_limit: float | None = None,
        silent: bool = False,
        delay: float = 0.0,
        host: str = "127.0.0.1",
        message_limit: int | None = None,
        port: int = 0,
    ) -> None:
        self._server = server
        self._idle_limit = idle_limit
        self._silent = silent
        self._delay = delay
        self._message_limit = message_limit
        self._listener = socket.create_server((host, port))
        self.port: int = self._listener.getsockname()[1]
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "Relay":
        self._spawn(self._accept)
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _spawn(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        self._listener.settimeout(0.1)
        while not self._stop.is_set():
            with contextlib.suppress(OSError):
                client, _ = self._listener.accept()
                flow = _Flow(client, socket.create_connection(self._server, timeout=5))
                self._spawn(self._carry, flow)

    def _carry(self, flow: _Flow) -> None:
        with flow.client, flow.server, selectors.DefaultSelector() as ready:
            ready.register(flow.client, selectors.EVENT_READ, flow.server)
            ready.register(flow.server, selectors.EVENT_READ, flow.client)
            while not self._stop.is_set():
                for key, _ in ready.select(0.05):
                    if not self._pass(flow, key.fileobj, key.data):
                        return
                if self._idle(flow) and not self._silent:
                    return

    def _idle(self, flow: _Flow) -> bool:
        limit = self._idle_limit
        if limit is not None and time.monotonic() - flow.moved >= limit:
            flow.forgotten = True
        return flow.forgotten

    def _pass(self, flow: _Flow, source: object, sink: socket.socket) -> bool:
        """Whether the connection goes on."""
        assert isinstance(source, socket.socket)
        if self._idle(flow) and self._silent:
            self._stop.wait(0.05)  # the packet stays where it is: no answer, no reset
            return True
        try:
            data = source.recv(_CHUNK)
            if self._too_much(flow, source, len(data)):
                return False
            if source is flow.client and self._delay:
                self._stop.wait(self._delay)
            sink.sendall(data)
        except OSError:
            return False
        flow.moved = time.monotonic()
        return bool(data)

    def _too_much(self, flow: _Flow, speaker: socket.socket, size: int) -> bool:
        if flow.speaker is not speaker:
            flow.speaker, flow.said = speaker, 0
        flow.said += size
        return self._message_limit is not None and flow.said > self._message_limit
