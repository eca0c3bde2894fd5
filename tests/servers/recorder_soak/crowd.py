"""Sessions that open, rest a moment and quit."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any

import pymysql

from tests.servers.harness.server import ServerUnderTest

COMING_AND_GOING = 200
_WORKERS = 8
_PAUSE = 0.3
"""Seconds at the most between two ends of one worker: beside the rounds the machine is to rest."""


class Crowd:
    """COMING_AND_GOING sessions at a time. A server that is away is waited for.

    `place` is entered by each worker: the machine on which the clients are.
    """

    def __init__(
        self,
        server: ServerUnderTest,
        place: Callable[[], AbstractContextManager[Any]] = nullcontext,
    ) -> None:
        self.clean = 0
        self._server = server
        self._place = place
        self._stop = threading.Event()
        self._lock = threading.Lock()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        self._stop.clear()
        threads = [threading.Thread(target=self._work) for _ in range(_WORKERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _work(self) -> None:
        with self._place():
            self._come_and_go()

    def _come_and_go(self) -> None:
        chance = random.Random()
        opened: list[Any] = []
        while not self._stop.is_set():
            if len(opened) < COMING_AND_GOING // _WORKERS:
                try:
                    opened.append(self._server.client())
                except pymysql.MySQLError:
                    time.sleep(0.2)
                continue
            time.sleep(chance.uniform(0.0, _PAUSE))
            self._quit(opened.pop(chance.randrange(len(opened))))
        for connection in opened:
            self._quit(connection)

    def _quit(self, connection: Any) -> None:
        with suppress(pymysql.MySQLError):
            connection.close()
        with self._lock:
            self.clean += 1
