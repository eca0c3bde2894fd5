"""One function a cause: it happens to a real client on a running server.

Each returns the lines that the client's application logged. A server that a fault takes down is
running again when the function returns, except where its name says otherwise.
"""

import contextlib
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pymysql

from tests.servers.harness.memory_group import limited_memory, oom_kills
from tests.servers.harness.server import ServerUnderTest
from wizard.demo.application import Application
from wizard.demo.faults import kill_sessions, wait_for_reports

MEBIBYTE = 1 << 20
_OOM_SECONDS = 60.0
_CUT_SECONDS = 60.0
_REST_SECONDS = 180.0


def idle_timeout(server: ServerUnderTest, seconds: int = 3) -> tuple[str, ...]:
    """Four connections of a pool rest longer than the server's wait_timeout."""
    server.set_global("wait_timeout", seconds)
    with server.application() as shop:
        shop.orders()
        _wait_until_cut(server)
        shop.orders()
        shop.orders()
        return shop.log.lines


def _wait_until_cut(server: ServerUnderTest) -> None:
    """Until the server has closed every session of the application."""
    give_up = time.monotonic() + _CUT_SECONDS
    while server.sql("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'app'"):
        assert time.monotonic() < give_up, "the server closes no session that rests"
        time.sleep(0.05)


def packet_too_large(server: ServerUnderTest, limit: int = MEBIBYTE) -> tuple[str, ...]:
    """Three statements above max_allowed_packet, among others that fit."""
    server.set_global("max_allowed_packet", limit)
    with server.application() as shop:
        for size in (limit // 4, limit * 2, limit // 2, limit * 3, limit + limit // 2):
            shop.upload(size)
        return shop.log.lines


def connection_killed(server: ServerUnderTest) -> tuple[str, ...]:
    """A clean-up job kills four connections, two of them at work."""
    with server.application() as shop:
        shop.orders()
        with shop.reports(2):
            wait_for_reports(server, 2)
            kill_sessions(server)
        shop.orders()
        shop.orders()
        return shop.log.lines


def server_restarted(server: ServerUnderTest) -> tuple[str, ...]:
    """An orderly restart under two busy and two idle connections."""
    with server.application() as shop:
        _under_load(server, shop, server.terminate)
        return shop.log.lines


def server_crash(server: ServerUnderTest) -> tuple[str, ...]:
    """The server dies of SIGSEGV and writes its last words."""
    with server.application() as shop:
        _under_load(server, shop, server.segv)
        return shop.log.lines


def server_killed(server: ServerUnderTest) -> tuple[str, ...]:
    """The server dies of SIGKILL, which leaves no trace in its log."""
    with server.application() as shop:
        _under_load(server, shop, server.kill9)
        return shop.log.lines


def server_oom_killed(server: ServerUnderTest) -> tuple[str, ...]:
    """A query makes the server grow until the kernel kills it."""
    with server.application() as shop:
        shop.orders()
        with limited_memory(server.pid, 64 * MEBIBYTE) as group:
            with shop.reports(2):
                wait_for_reports(server, 2)
                grow(server)
            server.wait_until_gone(_OOM_SECONDS)
            assert oom_kills(group) >= 1, "the server died, but the kernel did not kill it"
        shop.orders()
        server.start()
        shop.orders()
        return shop.log.lines


def server_unreachable(server: ServerUnderTest) -> tuple[str, ...]:
    """The server is stopped and stays so."""
    with server.application() as shop:
        shop.orders()
        server.terminate()
        shop.orders()
        shop.orders()
        return shop.log.lines


def too_many_connections(server: ServerUnderTest, limit: int = 10) -> tuple[str, ...]:
    """A pool asks for three connections more than max_connections allows."""
    server.set_global("max_connections", limit)
    with server.application(limit + 3) as shop:
        shop.orders()
        return shop.log.lines


def access_denied(server: ServerUnderTest, count: int = 3) -> tuple[str, ...]:
    """A wrong password, `count` times."""
    with server.application() as shop:
        log = shop.log
    wrong = Application(lambda: server.client(password="not the password"), log, count)
    wrong.orders()
    return log.lines


def client_not_closing(server: ServerUnderTest, count: int = 4) -> tuple[str, ...]:
    """`count` clients leave without saying COM_QUIT; the application sees no failure."""
    before = server.status("Aborted_clients")
    with server.application() as shop:
        shop.orders()
        for _ in range(count):
            leave_without_quit(server)
    assert server.counted("Aborted_clients", before + count) >= before + count
    return shop.log.lines


def healthy_traffic(server: ServerUnderTest, rounds: int = 5) -> tuple[str, ...]:
    """Nothing goes wrong."""
    with server.application() as shop:
        for _ in range(rounds):
            shop.orders()
        shop.upload(MEBIBYTE // 4)
        return shop.log.lines


def crash_before_the_window(server: ServerUnderTest) -> datetime:
    """A crash that is history: returns when a window that must not hold it may begin."""
    server.segv()
    server.start()
    wait_until_its_log_rests(server)
    return datetime.now(UTC)


def wait_until_its_log_rests(server: ServerUnderTest) -> None:
    """The log counts in whole seconds, and what a start does behind it is logged later."""
    give_up = time.monotonic() + _REST_SECONDS
    while time.time() - server.error_log.stat().st_mtime < 2.1:
        assert time.monotonic() < give_up, "its error log never rests"
        time.sleep(0.1)


def health_checks(server: ServerUnderTest, count: int = 5) -> None:
    """What a load balancer's TCP check does: connect, and hang up before the greeting is
    answered."""
    before = server.status("Aborted_connects")
    for _ in range(count):
        with socket.create_connection((server.host, server.port), timeout=60) as probe:
            probe.recv(256)
    assert server.counted("Aborted_connects", before + count) >= before + count


def leave_without_quit(server: ServerUnderTest) -> None:
    """One client whose process ends: its socket closes, and nothing was said."""
    connection = server.client()
    connection.query("SELECT 1")
    connection._force_close()  # type: ignore[attr-defined]


def _under_load(server: ServerUnderTest, shop: Application, end: Callable[[], None]) -> None:
    shop.orders()
    with shop.reports(2):
        wait_for_reports(server, 2)
        end()
    shop.orders()
    server.start()
    shop.orders()


def grow(server: ServerUnderTest) -> None:
    """Double a table that lives in memory until the server is dead, or 1 GiB is reached."""
    died = (pymysql.err.OperationalError, pymysql.err.InterfaceError)
    hog = server.client("admin", database="shop", autocommit=True)
    with contextlib.suppress(*died), hog, hog.cursor() as cursor:
        cursor.execute("SET max_heap_table_size = %s", (1 << 30,))
        cursor.execute("CREATE TABLE IF NOT EXISTS hog (fat CHAR(255)) ENGINE=MEMORY")
        cursor.execute("INSERT INTO hog VALUES ('x')")
        for _ in range(22):
            cursor.execute("INSERT INTO hog SELECT fat FROM hog")
