"""A small application with a connection pool, which logs what its driver tells it."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

import pymysql
from pymysql.connections import Connection

OpenConnection = Callable[[], "Connection[Any]"]


class ApplicationLog:
    """Lines with an ISO 8601 time, a level and a logger's name, as a real application's."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        self._lines: list[str] = []

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(self._lines)

    @property
    def failures(self) -> tuple[str, ...]:
        return tuple(line for line in self._lines if " ERROR " in line)

    def info(self, logger: str, text: str) -> None:
        self._write("INFO", logger, text)

    def error(self, logger: str, text: str, error: Exception) -> None:
        kind = f"{type(error).__module__}.{type(error).__name__}"
        self._write("ERROR", logger, f"{text}: {kind}: {error}")

    def _write(self, level: str, logger: str, text: str) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = f"{now} {level} {logger}: {text}"
        with self._lock:
            self._lines.append(line)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")


@dataclass(slots=True)
class _Slot:
    """A place in the pool. `used` is a monotonic time in seconds."""

    connection: "Connection[Any] | None" = None
    used: float = 0.0


class Application:
    """A shop whose pool keeps every connection for ever and never tests one before use.

    A request that fails is logged and its connection is dropped; the next one opens another.
    Each slot is used by one thread at a time.
    """

    def __init__(self, connect: OpenConnection, log: ApplicationLog, pool_size: int = 4) -> None:
        self.log = log
        self._connect = connect
        self._slots = [_Slot() for _ in range(pool_size)]

    def __enter__(self) -> "Application":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def orders(self) -> None:
        """One quick request on every connection of the pool."""
        for slot in self._slots:
            self._request(slot, "shop.orders", "order", "SELECT COUNT(*) FROM orders")

    def upload(self, size: int) -> None:
        """Store one document of `size` bytes, in one statement."""
        slot = self._slots[0]
        what = f"upload of {size} bytes"
        self._request(
            slot, "shop.documents", what, "INSERT INTO documents (body) VALUES (%s)", size
        )

    @contextmanager
    def reports(self, count: int, seconds: float = 60.0) -> Iterator[None]:
        """`count` slow queries on connections of the pool while the block runs."""
        sql = f"SELECT SLEEP({seconds:.0f})"
        with ThreadPoolExecutor(count) as pool:
            for slot in self._slots[:count]:
                pool.submit(self._request, slot, "shop.reports", "report", sql)
            yield

    def close(self) -> None:
        for slot in self._slots:
            self._drop(slot)

    def create_tables(self) -> None:
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS orders (id INT PRIMARY KEY)")
            cursor.execute(
                "CREATE TABLE IF NOT EXISTS documents"
                " (id INT PRIMARY KEY AUTO_INCREMENT, body LONGTEXT)"
            )

    def _request(
        self, slot: _Slot, logger: str, what: str, sql: str, size: int | None = None
    ) -> None:
        if slot.connection is None and not self._open(slot):
            return
        assert slot.connection is not None
        idle = time.monotonic() - slot.used
        try:
            with slot.connection.cursor() as cursor:
                cursor.execute(sql, None if size is None else ("x" * size,))
        except (pymysql.err.OperationalError, pymysql.err.InterfaceError) as error:
            self.log.error(logger, f"{what} failed (connection idle for {idle:.1f} s)", error)
            self._drop(slot)
        else:
            self.log.info(logger, f"{what} ok")
            slot.used = time.monotonic()

    def _open(self, slot: _Slot) -> bool:
        try:
            slot.connection = self._connect()
        except pymysql.err.OperationalError as error:
            self.log.error("shop.pool", "no connection", error)
            return False
        slot.used = time.monotonic()
        return True

    def _drop(self, slot: _Slot) -> None:
        if slot.connection is not None and slot.connection.open:
            slot.connection.close()
        slot.connection = None
