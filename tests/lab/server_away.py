"""Faults in which the server itself goes away."""

import ctypes
import os
import signal
import socket
import time

import pymysql

from tests.lab.bench import Bench
from tests.lab.clients import Worker, application, worker
from tests.lab.scenario import fault
from tests.servers.harness import faults
from tests.servers.harness.memory_group import limited_memory, oom_kills
from wizard.demo.application import Application
from wizard.demo.binaries import NoServerInstalled
from wizard.demo.faults import wait_for_reports

_TGKILL = 234  # x86-64
_DOWN = ("server-unreachable",)


@fault("server-restarted")
def server_restarted(place: Bench) -> None:
    """An orderly restart, as by systemd, under busy and idle connections."""
    faults.server_restarted(place.server)


@fault("server-restarted")
def server_restarted_by_sql(place: Bench) -> None:
    """Somebody says SHUTDOWN in SQL, and the server is started again."""
    with application(place) as shop:
        shop.orders()
        with place.server.client("admin") as admin, admin.cursor() as cursor:
            cursor.execute("SHUTDOWN")
        place.server.wait_until_gone()
        shop.orders()
        place.server.start()
        shop.orders()


@fault("server-restarted")
def server_restarted_noticed_late(place: Bench) -> None:
    """A quick restart at rest; the pool notices at its next use."""
    with application(place) as shop:
        shop.orders()
        place.server.restart()
        time.sleep(4.0)
        shop.orders()
        shop.orders()


@fault("server-crash")
def server_crash(place: Bench) -> None:
    """The server dies of SIGSEGV under load and is started again."""
    faults.server_crash(place.server)


@fault("server-crash", beside=_DOWN)
def server_crash_stays_down(place: Bench) -> None:
    """The server dies of SIGSEGV, and nobody starts it again."""
    with application(place) as shop:
        _end_under_load(place, shop, signal.SIGSEGV)
        shop.orders()
    place.with_error_log()


@fault("server-crash")
def server_crash_poison_query(place: Bench) -> None:
    """One statement kills the server, and the application repeats it after the restart."""
    with application(place, 3) as shop:
        for _ in range(2):
            shop.orders()
            with shop.reports(1):
                wait_for_reports(place.server, 1)
                _fault_in_the_report(place)
                place.server.wait_until_gone()
            shop.orders()
            place.server.start()
        shop.orders()


def _fault_in_the_report(place: Bench) -> None:
    """SIGSEGV to the very thread that runs the report, as if its statement had done it."""
    if place.is_mariadb:
        found = place.server.sql(
            "SELECT tid AS tid FROM information_schema.processlist WHERE info LIKE %s",
            "SELECT SLEEP%",
        )
    else:
        found = place.server.sql(
            "SELECT thread_os_id AS tid FROM performance_schema.threads"
            " WHERE processlist_info LIKE %s",
            "SELECT SLEEP%",
        )
    libc = ctypes.CDLL(None, use_errno=True)
    pid, thread = place.server.pid, int(found[0]["tid"])
    assert libc.syscall(_TGKILL, pid, thread, int(signal.SIGSEGV)) == 0, os.strerror(
        ctypes.get_errno()
    )


@fault("crash-loop", beside=("server-crash",))
def crash_loop(place: Bench) -> None:
    """The server dies of SIGSEGV four times, soon after each start."""
    with application(place, 2) as shop:
        for _ in range(4):
            shop.orders()
            place.server.segv()
            shop.orders()
            place.server.start()
        shop.orders()


@fault("server-killed")
def server_killed(place: Bench) -> None:
    """The server dies of SIGKILL, which leaves no trace, and is started again."""
    faults.server_killed(place.server)


@fault("server-killed", beside=_DOWN)
def server_killed_stays_down(place: Bench) -> None:
    """The server dies of SIGKILL, and nobody starts it again."""
    with application(place) as shop:
        _end_under_load(place, shop, signal.SIGKILL)
        shop.orders()
    place.with_error_log()


@fault("server-oom-killed")
def server_oom_killed(place: Bench) -> None:
    """The kernel's OOM killer takes the server; it is started again."""
    faults.server_oom_killed(place.server)


@fault("server-oom-killed", beside=_DOWN)
def server_oom_killed_stays_down(place: Bench) -> None:
    """The kernel's OOM killer takes the server, and nobody starts it again."""
    with application(place) as shop:
        shop.orders()
        with limited_memory(place.server.pid, 64 << 20) as group:
            faults.grow(place.server)
            place.server.wait_until_gone(60.0)
            assert oom_kills(group) >= 1, "the kernel did not kill it"
        shop.orders()
    place.with_error_log()


@fault("server-unreachable")
def stopped_on_request(place: Bench) -> None:
    """The server is stopped in order and stays so."""
    faults.server_unreachable(place.server)
    place.with_error_log()


@fault("server-unreachable")
def stopped_and_no_error_log(place: Bench) -> None:
    """The server is down, and nobody gives its error log."""
    faults.server_unreachable(place.server)


@fault("start-failure", beside=("server-unreachable",))
def failed_start(place: Bench) -> None:
    """After a change of the option file the server does not start again."""
    with application(place) as shop:
        shop.orders()
        place.server.stop()
        place.server.configure(query_cache_sise="16M")
        try:
            place.server.start()
        except NoServerInstalled:
            shop.orders()
        else:
            raise AssertionError("the server started with an unknown option")
        shop.orders()
    place.with_error_log()


@fault("server-unreachable", alone=("server-unreachable",))
def wrong_port(place: Bench) -> None:
    """The server is well; application and operator use a port on which nothing listens."""
    with socket.socket() as free:
        free.bind((place.server.host, 0))
        place.port = free.getsockname()[1]
    with worker(place, port=place.port) as job:
        for _ in range(3):
            job.run("import", "SELECT 1")


@fault("server-unreachable")
def socket_missing(place: Bench) -> None:
    """The server is well; application and operator use a socket that does not exist."""
    place.socket = place.server.directory / "mysql.sock"
    path = str(place.socket)
    with Worker(place, lambda: pymysql.connect(unix_socket=path, user="app")) as job:
        for _ in range(3):
            job.run("import", "SELECT 1")


def _end_under_load(place: Bench, shop: Application, number: signal.Signals) -> None:
    shop.orders()
    with shop.reports(2):
        wait_for_reports(place.server, 2)
        place.server.kill(number)
