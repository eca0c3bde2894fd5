"""Faults in which the server closes a connection, or stops a statement, for reasons of its own."""

import os
import threading
import time
from pathlib import Path
from typing import Any

from pymysql.connections import Connection
from pymysql.constants import CLIENT
from pymysql.cursors import SSCursor

from tests.lab.bench import Bench
from tests.lab.clients import LOST, application, command_line, wait_until, worker
from tests.lab.scenario import fault
from tests.servers.harness import faults
from wizard.demo.binaries import Flavor
from wizard.demo.faults import kill_sessions, wait_for_reports
from wizard.diagnosis.model import Verdict

MEBIBYTE = 1 << 20
_POOL = ("stale-pooled-connection",)
_MARIADB = (Flavor.MARIADB,)
_LONG = "SELECT SUM(a.n * b.n * c.n * d.n) FROM numbers a, numbers b, numbers c, numbers d"
"""Minutes of work over the 200 rows of `numbers`."""


@fault("idle-timeout", beside=_POOL)
def idle_timeout(place: Bench) -> None:
    """A pool's connections rest longer than wait_timeout."""
    faults.idle_timeout(place.server)


@fault("idle-timeout", beside=_POOL)
def idle_timeout_no_gap_told(place: Bench) -> None:
    """A worker rests longer than wait_timeout; its log tells no idle time."""
    place.server.set_global("wait_timeout", 1)
    with worker(place) as job:
        for _ in range(3):
            job.run("mail batch", "SELECT 1")
            time.sleep(2.0)
            job.run("mail batch", "SELECT 1")


@fault("idle-timeout", beside=_POOL)
def idle_timeout_command_line(place: Bench) -> None:
    """A command-line client rests longer than the server lets it."""
    place.server.set_global("interactive_timeout", 1)
    place.server.set_global("wait_timeout", 1)
    for _ in range(2):
        command_line(place, lines=("SELECT 1;", "SELECT 2;"), pause=2.5)


@fault("idle-timeout", beside=_POOL)
def idle_timeout_interactive(place: Bench) -> None:
    """A driver that announces itself as interactive meets interactive_timeout."""
    place.server.set_global("interactive_timeout", 1)
    with application(place, 3, client_flag=CLIENT.INTERACTIVE) as shop:
        shop.orders()
        time.sleep(2.0)
        shop.orders()
        shop.orders()


@fault("idle-timeout", beside=_POOL, least_alone=Verdict.POSSIBLE)
def idle_timeout_lowered_by_client(place: Bench) -> None:
    """The application lowers wait_timeout for its own sessions and forgets it."""
    with application(place, 3, init_command="SET SESSION wait_timeout = 1") as shop:
        shop.orders()
        time.sleep(2.0)
        shop.orders()
        shop.orders()


@fault("idle-timeout", beside=_POOL, alone=(), settings={"log_warnings": 1}, flavors=_MARIADB)
def idle_timeout_log_says_nothing(place: Bench) -> None:
    """As idle-timeout, with log_warnings = 1: MariaDB logs no ended session."""
    faults.idle_timeout(place.server)


@fault("idle-timeout", beside=_POOL, settings={"log_error_verbosity": 3}, flavors=(Flavor.MYSQL,))
def idle_timeout_logged(place: Bench) -> None:
    """As idle-timeout, with log_error_verbosity = 3: MySQL logs the sessions."""
    faults.idle_timeout(place.server)


@fault("idle-timeout", beside=_POOL, user="app", alone=(), flavors=(Flavor.MYSQL,))
def idle_timeout_without_privileges(place: Bench) -> None:
    """As idle-timeout, checked by an account that may read no performance_schema."""
    faults.idle_timeout(place.server)


@fault("idle-timeout", beside=_POOL, aged=False)
def idle_timeout_young_server(place: Bench) -> None:
    """As idle-timeout, on a server that was started inside the window."""
    faults.idle_timeout(place.server)


@fault("idle-transaction-timeout", flavors=_MARIADB)
def idle_transaction_timeout(place: Bench) -> None:
    """A batch computes for longer than idle_transaction_timeout inside a transaction."""
    place.server.set_global("idle_transaction_timeout", 1)
    with worker(place, autocommit=False) as job:
        for _ in range(3):
            job.run("batch", "START TRANSACTION")
            time.sleep(2.0)
            job.run("batch", "SELECT 2")


@fault("packet-too-large")
def packet_too_large(place: Bench) -> None:
    """Statements of twice and three times max_allowed_packet."""
    faults.packet_too_large(place.server)


@fault("packet-too-large")
def packet_slightly_too_large(place: Bench) -> None:
    """Statements that are a few bytes above max_allowed_packet, beside some below."""
    place.server.set_global("max_allowed_packet", MEBIBYTE)
    with application(place) as shop:
        for over in (-2000, 64, -100, 4096):
            shop.upload(MEBIBYTE + over)


@fault("packet-too-large")
def packet_20_mb(place: Bench) -> None:
    """Statements of 20 MB and more; the limit is 16 MiB, MariaDB's default."""
    place.server.set_global("max_allowed_packet", 16 * MEBIBYTE)
    with application(place) as shop:
        for size in (20_000_000, MEBIBYTE, 24_000_000):
            shop.upload(size)


@fault("packet-too-large")
def packet_from_the_command_line(place: Bench) -> None:
    """A dump with one huge statement is loaded with the command-line client."""
    place.server.set_global("max_allowed_packet", MEBIBYTE)
    application(place).close()
    huge = f"INSERT INTO documents (body) VALUES ('{'x' * 3 * MEBIBYTE}');"
    for _ in range(2):
        command_line(place, "--max-allowed-packet=64M", "shop", lines=("SELECT 1;", huge))


@fault("net-write-timeout", least_alone=Verdict.POSSIBLE)
def net_write_timeout(place: Bench) -> None:
    """An export reads its rows slower than net_write_timeout allows."""
    place.server.set_global("net_write_timeout", 1)
    for _ in range(2):
        with worker(place, cursorclass=SSCursor) as job:
            job.run("warm-up", "SELECT 1")
            assert job.connection is not None
            _read_slowly(place, job.connection)
            job.connection = None


def _read_slowly(place: Bench, connection: "Connection[Any]") -> None:
    _numbers(place)
    with connection.cursor() as cursor:
        try:
            cursor.execute("SELECT REPEAT('x', 1000000) FROM numbers")
            cursor.fetchone()
            time.sleep(6.0)
            while cursor.fetchone() is not None:
                pass
        except LOST as error:
            place.log.error("jobs.export", "export failed", error)
            cursor._result = None


def _numbers(place: Bench) -> None:
    """200 rows; an export of 1 MB for each fills every socket buffer."""
    rows = ",".join(f"({n})" for n in range(200))
    admin = place.server.client("admin", database="shop", autocommit=True)
    with admin, admin.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS numbers (n INT PRIMARY KEY)")
        cursor.execute(f"INSERT IGNORE INTO numbers VALUES {rows}")


@fault("net-read-timeout", least=Verdict.POSSIBLE, least_alone=Verdict.POSSIBLE)
def net_read_timeout(place: Bench) -> None:
    """LOAD DATA LOCAL from a source that stalls for longer than net_read_timeout."""
    place.server.set_global("net_read_timeout", 1)
    place.server.set_global("local_infile", "ON")
    application(place).close()
    source = place.server.directory / "orders.csv"
    os.mkfifo(source)
    for start in (0, 500_000):
        feeder = threading.Thread(target=_feed, args=(source, start))
        feeder.start()
        load = f"LOAD DATA LOCAL INFILE '{place.server.binary.inside(source)}' INTO TABLE orders;"
        command_line(place, "--local-infile=1", "shop", lines=(load,))
        feeder.join()


def _feed(source: Path, start: int) -> None:
    rows = [f"{start + n}\n".encode() for n in range(20_000)]
    try:
        with source.open("wb") as pipe:
            pipe.write(b"".join(rows[:10_000]))
            pipe.flush()
            time.sleep(6.0)
            pipe.write(b"".join(rows[10_000:]))
    except BrokenPipeError:
        pass  # the importer has given up


@fault("connection-killed", alone_mariadb=())
def connection_killed(place: Bench) -> None:
    """A clean-up job kills four connections, two of them at work."""
    faults.connection_killed(place.server)


@fault("connection-killed", alone_mariadb=())
def connection_killed_idle(place: Bench) -> None:
    """A clean-up job kills three sleeping connections."""
    with application(place, 3) as shop:
        shop.orders()
        kill_sessions(place.server)
        shop.orders()
        shop.orders()


@fault("connection-killed", alone_mariadb=())
def connection_killed_busy(place: Bench) -> None:
    """A clean-up job kills two long reports."""
    with application(place, 2) as shop:
        shop.orders()
        with shop.reports(2):
            wait_for_reports(place.server, 2)
            kill_sessions(place.server)
        shop.orders()


@fault("connection-killed", aged=False)
def connection_killed_young_server(place: Bench) -> None:
    """As connection-killed, on a server that was started inside the window."""
    faults.connection_killed(place.server)


@fault("query-killed", alone=())
def query_killed(place: Bench) -> None:
    """KILL QUERY stops two statements; the connections live on."""
    _numbers(place)
    with worker(place) as job, worker(place) as other:
        for each in (job, other):
            each.run("warm-up", "SELECT 1")
            runner = threading.Thread(
                target=each.run,
                args=("report", _LONG),
            )
            runner.start()
            _kill_query(place)
            runner.join()
            each.run("report again", "SELECT 1")


def _kill_query(place: Bench) -> None:
    def running() -> list[dict[str, object]]:
        return place.server.sql(
            "SELECT id AS id FROM information_schema.processlist"
            " WHERE user = 'app' AND info LIKE %s",
            "SELECT SUM%",
        )

    wait_until(lambda: bool(running()))
    with place.server.client("admin") as admin, admin.cursor() as cursor:
        cursor.execute(f"KILL QUERY {running()[0]['id']}")


@fault("query-timeout", alone=())
def query_timeout(place: Bench) -> None:
    """Reports run into max_statement_time or max_execution_time."""
    if place.is_mariadb:
        place.server.set_global("max_statement_time", 0.5)
    else:
        place.server.set_global("max_execution_time", 500)
    _numbers(place)
    with worker(place) as job:
        for _ in range(3):
            job.run("report", _LONG)
