"""Several faults in one window, each failure's own cause known; and faults nobody felt."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymysql

from tests.lab.bench import Bench, LabLog
from tests.lab.clients import LOST, Worker, application, half_handshake, wait_until
from tests.lab.drivers.worker import DriverWorker, Way
from tests.lab.fleet import let_in_by_socket
from tests.lab.scenario import decoy, fault
from wizard.demo.application import Application
from wizard.demo.faults import kill_sessions
from wizard.diagnosis.model import Verdict

_MEBIBYTE = 1 << 20
_POOL = ("stale-pooled-connection",)
_LATER = 8.0
"""Seconds between two faults that have nothing to do with each other."""


def _log(place: Bench, name: str) -> LabLog:
    log = LabLog(place.server.directory / f"{name}.log")
    place.logs.add(log.path)
    return log


def _program(place: Bench, name: str, **options: Any) -> Application:
    """A second application, with a log of its own."""
    application(place).close()
    return Application(
        lambda: place.server.client(database="shop", **options), _log(place, name), 3
    )


@contextmanager
def _reports(place: Bench, shop: Application, count: int) -> Iterator[None]:
    """`count` statements are at work while the block runs."""
    with shop.reports(count):
        wait_until(lambda: _at_work(place) >= count)
        yield


def _at_work(place: Bench) -> int:
    sql = "SELECT id FROM information_schema.processlist WHERE info LIKE %s"
    return len(place.server.sql(sql, "SELECT SLEEP%"))


@fault("server-crash", "idle-timeout", beside=_POOL)
def crash_then_idle(place: Bench) -> None:
    """A crash under load; less than two minutes later the same pool rests too long."""
    with application(place, 3) as shop:
        shop.orders()
        with place.due("server-crash"):
            with _reports(place, shop, 2):
                place.server.segv()
            shop.orders()
            place.server.start()
        shop.orders()
        time.sleep(_LATER)
        place.server.set_global("wait_timeout", 1)
    with application(place, 3) as shop:
        shop.orders()
        with place.due("idle-timeout"):
            time.sleep(2.5)
            shop.orders()


@fault("idle-timeout", "server-restarted", beside=_POOL)
def idle_then_restart(place: Bench) -> None:
    """A pool rests too long; a little later the server is restarted under load.

    MySQL logs no end of a session, and the restart takes its counters: its rests stay unknown.
    """
    place.server.set_global("wait_timeout", 1)
    with application(place, 3) as shop:
        shop.orders()
        with place.due("idle-timeout", known=place.is_mariadb):
            time.sleep(2.5)
            shop.orders()
    place.server.set_global("wait_timeout", 28800)
    time.sleep(_LATER)
    with application(place, 3) as shop:
        shop.orders()
        with place.due("server-restarted"):
            with _reports(place, shop, 2):
                place.server.stop()
            shop.orders()
            place.server.start()
            shop.orders()


@fault("server-restarted", "server-crash")
def restart_then_crash(place: Bench) -> None:
    """An orderly restart, and a crash a little later: of two outages, the nearer."""
    with application(place, 3) as shop:
        for cause, end in (
            ("server-restarted", place.server.terminate),
            ("server-crash", place.server.segv),
        ):
            shop.orders()
            with place.due(cause):
                with _reports(place, shop, 2):
                    end()
                shop.orders()
                place.server.start()
                shop.orders()
            time.sleep(_LATER)


@fault("server-killed", "server-restarted")
def killed_then_restart(place: Bench) -> None:
    """The server dies of SIGKILL, and is restarted in order a little later."""
    with application(place, 3) as shop:
        for cause, end in (
            ("server-killed", place.server.kill9),
            ("server-restarted", place.server.terminate),
        ):
            shop.orders()
            with place.due(cause):
                with _reports(place, shop, 2):
                    end()
                shop.orders()
                place.server.start()
                shop.orders()
            time.sleep(_LATER)


@fault("idle-timeout", "connection-killed", beside=_POOL, least_alone=Verdict.POSSIBLE)
def two_programs_idle_and_killed(place: Bench) -> None:
    """At the same time one program rests too long, and another one's reports are killed."""
    lazy = _program(place, "lazy", init_command="SET SESSION wait_timeout = 1")
    with lazy, application(place, 3) as shop:
        lazy.orders()
        shop.orders()
        with place.due("idle-timeout", by=_of(lazy)), place.due("connection-killed"):
            with _reports(place, shop, 2):
                time.sleep(2.5)  # the lazy program's sessions have ended by now
                kill_sessions(place.server)
            lazy.orders()
        shop.orders()


@fault("idle-timeout", "packet-too-large", beside=_POOL)
def two_programs_idle_and_packets(place: Bench) -> None:
    """One program rests too long while another one sends statements above the limit."""
    place.server.set_global("max_allowed_packet", _MEBIBYTE)
    lazy = _program(place, "lazy", init_command="SET SESSION wait_timeout = 1")
    with lazy, application(place, 3) as shop:
        for _ in range(2):
            lazy.orders()
            with place.due("idle-timeout", by=_of(lazy)), place.due("packet-too-large"):
                shop.upload(3 * _MEBIBYTE)
                time.sleep(2.5)
                lazy.orders()
                shop.upload(2 * _MEBIBYTE)


@fault(
    "client-read-timeout",
    "connection-killed",
    beside=("client-not-closing",),
    alone=("client-not-closing", "connection-killed"),
)
def read_timeouts_and_kills(place: Bench) -> None:
    """One program gives up waiting after a second; later another one's sessions are killed."""
    hasty = _log(place, "hasty")
    application(place).close()
    with place.due("client-read-timeout", by=hasty):
        for _ in range(2):
            with Worker(
                place, lambda: place.server.client(database="shop", read_timeout=1), log=hasty
            ) as job:
                job.run("report", "SELECT SLEEP(3)")
    time.sleep(_LATER)
    with application(place, 3) as shop:
        shop.orders()
        with place.due("connection-killed"):
            with _reports(place, shop, 2):
                kill_sessions(place.server)
            shop.orders()
        shop.orders()


@fault("too-many-connections", "server-restarted")
def full_then_restart(place: Bench) -> None:
    """The server is full; to get rid of that somebody restarts it."""
    place.server.set_global("max_connections", 10)
    with application(place, 13) as shop:
        with place.due("too-many-connections"):
            shop.orders()
        time.sleep(_LATER)
        with place.due("server-restarted"):
            with _reports(place, shop, 2):
                place.server.stop()
            place.server.start()
            shop.orders()


@fault(
    "connection-killed",
    alone=("idle-timeout", "connection-killed"),
    least_alone=Verdict.POSSIBLE,
)
def killed_while_others_idle(place: Bench) -> None:
    """Another account's sessions end idle all the time; ours are killed."""
    account_of_another(place, "reporting")
    with application(place, 3) as shop, idlers(place, "reporting"):
        shop.orders()
        time.sleep(3.0)
        with place.due("connection-killed"):
            with _reports(place, shop, 2):
                kill_sessions(place.server)
            shop.orders()
        time.sleep(3.0)
        shop.orders()


@fault("server-restarted", beside=("access-denied",))
def restart_among_bots(place: Bench) -> None:
    """Bots guess passwords and probe the port all the time; the server is restarted once."""
    with application(place, 3) as shop, bots(place):
        shop.orders()
        time.sleep(2.0)
        with place.due("server-restarted"):
            with _reports(place, shop, 2):
                place.server.stop()
            shop.orders()
            place.server.start()
            shop.orders()
        time.sleep(2.0)


@fault("idle-timeout", beside=(*_POOL, "access-denied"))
def idle_among_bots(place: Bench) -> None:
    """Bots guess passwords and probe the port all the time; a pool rests too long."""
    place.server.set_global("wait_timeout", 1)
    with application(place, 3) as shop, bots(place):
        for _ in range(2):
            shop.orders()
            with place.due("idle-timeout"):
                time.sleep(2.5)
                shop.orders()


@fault("idle-timeout", "server-crash", beside=_POOL)
def socket_idle_then_crash(place: Bench) -> None:
    """On the Unix socket a broken pipe each time: sessions end idle; later the server crashes."""
    application(place).close()
    let_in_by_socket(place)
    place.server.set_global("wait_timeout", 1)
    with DriverWorker(place, "mysqlclient", Way.SOCKET) as one:
        one.run("order", "SELECT 1")
        with place.due("idle-timeout", by=one, known=place.is_mariadb):
            time.sleep(2.5)
            one.run("order", "SELECT 2")
        place.server.set_global("wait_timeout", 28800)
        one.reopen()
        one.run("order", "SELECT 3")
        time.sleep(_LATER)
        with place.due("server-crash", by=one):
            place.server.segv()
            place.server.start()
            one.run("order", "SELECT 4")
        one.run("order", "SELECT 5")


@fault("connection-killed", "packet-too-large", alone_mariadb=("packet-too-large",))
def socket_killed_and_packets(place: Bench) -> None:
    """On the Unix socket: a broken pipe by KILL, and later one by a statement above the limit."""
    application(place).close()
    let_in_by_socket(place)
    place.server.set_global("max_allowed_packet", _MEBIBYTE)
    with DriverWorker(place, "mysqlclient", Way.SOCKET) as one:
        for _ in range(2):
            one.run("order", "SELECT 1")
            with place.due("connection-killed", by=one):
                kill_sessions(place.server)
                one.run("order", "SELECT 2")
            time.sleep(_LATER)
            one.run("order", "SELECT 3")
            with place.due("packet-too-large", by=one):
                huge = "x" * 3 * _MEBIBYTE
                one.run("upload", f"INSERT INTO documents (body) VALUES ('{huge}')")
            time.sleep(_LATER)


@decoy(alone=("server-restarted",))
def restart_nobody_felt(place: Bench) -> None:
    """An orderly restart in a quiet moment; the application's log covers it and is silent."""
    with application(place, 3) as shop:
        for _ in range(3):
            shop.orders()
            time.sleep(0.5)
    place.server.restart()
    with application(place, 3) as shop:
        for _ in range(6):
            shop.orders()
            time.sleep(1.0)


@decoy(alone=("access-denied",))
def bots_nobody_felt(place: Bench) -> None:
    """Bots guess passwords and probe the port; the application works all the while."""
    with application(place, 3) as shop, bots(place):
        for _ in range(8):
            shop.orders()
            time.sleep(0.5)


@decoy(alone=("idle-timeout",), least_alone=Verdict.POSSIBLE)
def idle_sessions_of_others(place: Bench) -> None:
    """Another account's sessions end idle all the time; the application works all the while."""
    account_of_another(place, "reporting")
    with application(place, 3) as shop, idlers(place, "reporting"):
        for _ in range(8):
            shop.orders()
            time.sleep(0.5)


def _of(shop: Application) -> LabLog:
    assert isinstance(shop.log, LabLog)
    return shop.log


def account_of_another(place: Bench, name: str) -> None:
    server = place.server
    server.passwords[name] = server.passwords["admin"]
    server.sql(f"CREATE USER {name}@'%%' IDENTIFIED BY %s", server.passwords[name])
    server.sql(f"GRANT SELECT ON shop.* TO {name}@'%'")


@contextmanager
def idlers(place: Bench, user: str) -> Iterator[None]:
    """Sessions of `user` that the server ends idle, one after another."""

    def idle(stop: threading.Event) -> None:
        while not stop.is_set():
            session = place.server.client(user, init_command="SET SESSION wait_timeout = 1")
            stop.wait(2.2)
            session._force_close()  # type: ignore[attr-defined]

    with in_background(idle):
        yield


@contextmanager
def bots(place: Bench) -> Iterator[None]:
    def guess(stop: threading.Event) -> None:
        names = ("root", "wordpress", "backup", "test")
        for number in range(10_000):
            try:
                if number % 3:
                    user = names[number % len(names)]
                    place.server.client(user, password=f"guess{number}", connect_timeout=2).close()
                else:
                    half_handshake(place)
            except (*LOST, OSError, pymysql.err.Error):
                pass  # denied, or the server is away
            if stop.wait(0.3):
                return

    with in_background(guess):
        yield


@contextmanager
def in_background(what: object) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=what, args=(stop,), daemon=True)  # type: ignore[arg-type]
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
