"""Workers that go on working: several threads, one log, no rest told."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymysql

from tests.lab.bench import Bench, LabLog
from tests.lab.clients import Worker, wait_until

_ROUNDS = 2


class Crew:
    """A context manager: each worker does a short job at every beat, and logs how it went.

    `pause` stops the work without closing a connection; `all_well` waits until each worker has
    done jobs again.
    """

    def __init__(
        self, place: Bench, count: int = 4, beat: float = 0.5, name: str | None = None,
        **options: Any,
    ) -> None:  # fmt: skip
        self.log = place.log
        if name is not None:
            self.log = LabLog(place.server.directory / f"{name}.log")
            place.logs.add(self.log.path)
        options.setdefault("database", "shop")
        port = options.pop("port", None)
        self._beat = beat
        self._stop = threading.Event()
        self._going = threading.Event()
        self._done = [0] * count
        self._workers = [
            Worker(place, lambda: _connect(place, port, options), f"jobs.worker-{n}", log=self.log)
            for n in range(count)
        ]
        self._threads = [
            threading.Thread(target=self._work, args=(n,), daemon=True) for n in range(count)
        ]

    def __enter__(self) -> "Crew":
        self._going.set()
        for thread in self._threads:
            thread.start()
        self.all_well()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._going.set()
        for thread in self._threads:
            thread.join(30)
        for worker in self._workers:
            worker.leave()

    def all_well(self) -> None:
        before = list(self._done)
        wait_until(
            lambda: all(n >= b + _ROUNDS for n, b in zip(self._done, before, strict=True)), 40
        )

    @contextmanager
    def paused(self) -> Iterator[None]:
        self._going.clear()
        time.sleep(2 * self._beat)
        yield
        self._going.set()

    def _work(self, number: int) -> None:
        time.sleep(self._beat * number / len(self._workers))
        while not self._stop.is_set():
            self._going.wait()
            if self._workers[number].run("job", "SELECT COUNT(*) FROM orders"):
                self._done[number] += 1
            self._stop.wait(self._beat)


def _connect(place: Bench, port: int | None, options: dict[str, Any]) -> Any:
    if port is None:
        return place.server.client(**options)
    return pymysql.connect(
        host=place.server.host, port=port, user="app", password=place.server.passwords["app"],
        ssl_disabled=True, **options,
    )  # fmt: skip
