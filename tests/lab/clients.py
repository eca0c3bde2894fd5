"""Clients that meet the faults, each logging what its own library says."""

import os
import socket
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pymysql
from pymysql.connections import Connection

from tests.lab.bench import Bench, LabLog
from wizard.demo.application import Application

Connect = Callable[[], "Connection[Any]"]
LOST = (
    pymysql.err.OperationalError,
    pymysql.err.InterfaceError,
    pymysql.err.InternalError,
)
_CLI_SECONDS = 60.0


def application(place: Bench, pool_size: int = 4, **options: Any) -> Application:
    """The shop, its tables made, whose connections have `options` of PyMySQL."""
    server = place.server
    shop = Application(lambda: server.client(database="shop", **options), place.log, pool_size)
    with server.client("admin", database="shop") as admin, admin.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS orders (id INT PRIMARY KEY)")
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS documents"
            " (id INT PRIMARY KEY AUTO_INCREMENT, body LONGTEXT)"
        )
    return shop


class Worker:
    """One connection that a job keeps; its log tells no idle time."""

    def __init__(
        self, place: Bench, connect: Connect, name: str = "jobs.worker", log: LabLog | None = None
    ) -> None:
        self._log = log or place.log
        self._connect = connect
        self._name = name
        self.connection: Connection[Any] | None = None

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.leave()

    def run(self, what: str, sql: str, *arguments: object) -> bool:
        """Run one statement and fetch its rows; whether that went well."""
        try:
            if self.connection is None:
                self.connection = self._connect()
            with self.connection.cursor() as cursor:
                cursor.execute(sql, arguments or None)
                cursor.fetchall()
        except LOST as error:
            self._log.error(self._name, f"{what} failed", error)
            self.leave()
            return False
        self._log.info(self._name, f"{what} done")
        return True

    def leave(self) -> None:
        if self.connection is not None and self.connection.open:
            self.connection.close()
        self.connection = None


def worker(place: Bench, name: str = "jobs.worker", **options: Any) -> Worker:
    """A worker that connects straight to the server, unless `port` says otherwise."""
    user = options.pop("user", "app")
    port = options.pop("port", None)
    options.setdefault("database", "shop")

    def connect() -> "Connection[Any]":
        if port is None:
            return place.server.client(user, **options)
        options.setdefault("ssl_disabled", True)
        return pymysql.connect(
            host=place.server.host,
            port=port,
            user=user,
            password=place.server.passwords[user],
            **options,
        )

    return Worker(place, connect, name)


def command_line(
    place: Bench, *arguments: str, lines: tuple[str, ...] = (), pause: float = 0.0,
    user: str = "app", port: int | None = None,
) -> None:  # fmt: skip
    """The server's own command-line client; what it says to stderr is logged line by line.

    `lines` are typed one after another, `pause` seconds apart.
    """
    server = place.server
    program = "mariadb" if place.is_mariadb else "mysql"
    words = ["--no-defaults", "--batch", f"--host={server.host}", f"--port={port or server.port}"]
    words += [f"--user={user}", "--protocol=TCP", *arguments]
    process = subprocess.Popen(
        server.binary.command(program, *words),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "MYSQL_PWD": server.passwords[user]},
        text=True,
    )
    assert process.stdin is not None
    try:
        for number, line in enumerate(lines):
            if number:
                time.sleep(pause)
            process.stdin.write(line + "\n")
            process.stdin.flush()
    except BrokenPipeError:
        pass  # it has given up; its last words are in stderr
    _, said = process.communicate(timeout=_CLI_SECONDS)
    for line in said.splitlines():
        place.log.line("ERROR", "cron.report", f"{program}: {line}")


def half_handshake(place: Bench, wait: float = 0.0) -> None:
    """Take the greeting, wait `wait` seconds, and hang up without a login."""
    with socket.create_connection((place.server.host, place.server.port), timeout=5) as probe:
        probe.recv(256)
        time.sleep(wait)


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "what was staged did not happen"
        time.sleep(0.05)
