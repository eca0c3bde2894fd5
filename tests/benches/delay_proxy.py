"""A line that takes its time: what comes in at one end goes out at the other a while later."""

import socket
import threading
import time
from collections import deque
from contextlib import suppress

_PIECE = 64 << 10
_IN_FLIGHT = 64 << 20
"""Bytes that may be on their way: the line itself bounds no rate."""


class DelayProxy:
    """Listens on a free port of the loopback interface, and delays each direction."""

    def __init__(self, target: tuple[str, int], seconds: float) -> None:
        self.crossed = [0, 0]
        self._target = target
        self._seconds = seconds
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
                for way, (one, other) in enumerate(((near, far), (far, near))):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    line = _Line(one, other, self._seconds, self.crossed, way)
                    threading.Thread(target=line.take, daemon=True).start()
                    threading.Thread(target=line.give, daemon=True).start()


class _Line:
    """One direction."""

    def __init__(
        self, one: socket.socket, other: socket.socket, seconds: float, crossed: list[int], way: int
    ) -> None:
        self._one, self._other, self._seconds = one, other, seconds
        self._crossed, self._way = crossed, way
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._size = 0
        self._changed = threading.Condition()

    def take(self) -> None:
        data = b"x"
        while data:
            try:
                data = self._one.recv(_PIECE)
            except OSError:
                data = b""
            with self._changed:
                self._changed.wait_for(lambda: self._size < _IN_FLIGHT)
                self._waiting.append((time.monotonic() + self._seconds, data))
                self._size += len(data)
                self._changed.notify_all()

    def give(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                due, data = self._waiting.popleft()
                self._size -= len(data)
                self._changed.notify_all()
            time.sleep(max(0.0, due - time.monotonic()))
            if not data:
                break
            self._crossed[self._way] += len(data)
            try:
                self._other.sendall(data)
            except OSError:
                break
        with suppress(OSError):
            self._other.shutdown(socket.SHUT_WR)
