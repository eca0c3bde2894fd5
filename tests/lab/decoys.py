"""Nothing that hurts an application: no cause may be called likely or confirmed."""

import socket
import time

from tests.lab.bench import Bench
from tests.lab.clients import LOST, application, command_line, wait_until, worker
from tests.lab.scenario import decoy
from tests.lab.server_closed import query_killed
from tests.servers.harness import faults
from wizard.demo.binaries import Flavor


@decoy()
def healthy_traffic(place: Bench) -> None:
    """Healthy traffic."""
    faults.healthy_traffic(place.server)


@decoy(aged=False)
def first_start(place: Bench) -> None:
    """A server with a fresh data directory, started for the first time inside the window."""
    faults.healthy_traffic(place.server)


@decoy(settings={"wait_timeout": 30, "interactive_timeout": 30, "max_allowed_packet": 1 << 20})
def short_timeouts_nobody_hits(place: Bench) -> None:
    """wait_timeout of 30 s and packets of 1 MiB, which nobody runs into."""
    faults.healthy_traffic(place.server)


@decoy(aged=False)
def crash_before_the_window(place: Bench) -> None:
    """The server crashed before the window."""
    place.since = faults.crash_before_the_window(place.server)
    faults.healthy_traffic(place.server)


@decoy(aged=False)
def restart_before_the_window(place: Bench) -> None:
    """An orderly restart before the window."""
    place.server.restart()
    place.age()
    faults.healthy_traffic(place.server)


@decoy(aged=False)
def idle_timeouts_before_the_window(place: Bench) -> None:
    """Idle connections were closed before the window; the counters still hold them."""
    faults.idle_timeout(place.server)
    place.server.set_global("wait_timeout", 28800)
    place.age()
    place.log.path.unlink()
    faults.healthy_traffic(place.server)


@decoy()
def probes_read_the_greeting(place: Bench) -> None:
    """A load balancer reads the greeting and hangs up, five times."""
    faults.healthy_traffic(place.server)
    faults.health_checks(place.server)


@decoy()
def probes_close_at_once(place: Bench) -> None:
    """A load balancer's TCP check connects and closes, ten times."""
    faults.healthy_traffic(place.server)
    before = place.server.status("Aborted_connects")
    for _ in range(10):
        socket.create_connection((place.server.host, place.server.port), timeout=5).close()
        time.sleep(0.05)
    wait_until(lambda: place.server.status("Aborted_connects") >= before + 5)


@decoy()
def probes_speak_http(place: Bench) -> None:
    """A monitor sends an HTTP request to the database's port, five times."""
    faults.healthy_traffic(place.server)
    for _ in range(5):
        with socket.create_connection((place.server.host, place.server.port), timeout=5) as probe:
            probe.sendall(b"GET /health HTTP/1.1\r\nHost: db\r\n\r\n")
            probe.settimeout(2)
            try:
                while probe.recv(256):
                    pass
            except OSError:
                pass  # a reset is the server's answer to such a request


@decoy()
def one_client_leaves_without_a_word(place: Bench) -> None:
    """One script ends without closing its connection; the application is fine."""
    before = place.server.status("Aborted_clients")
    faults.leave_without_quit(place.server)
    faults.healthy_traffic(place.server)
    wait_until(lambda: place.server.status("Aborted_clients") > before)


@decoy()
def one_mistyped_password(place: Bench) -> None:
    """An operator mistypes a password once."""
    faults.healthy_traffic(place.server)
    _wrong_password(place)


def _wrong_password(place: Bench) -> None:
    try:
        place.server.client("admin", password="mistyped").close()
    except LOST:
        return
    raise AssertionError("the wrong password was taken")


@decoy()
def slow_queries(place: Bench) -> None:
    """Statements of two seconds, all of which succeed."""
    with worker(place) as job:
        for _ in range(2):
            job.run("report", "SELECT SLEEP(2)")


@decoy()
def many_short_connections(place: Bench) -> None:
    """Two hundred connections, each opened, used and closed."""
    for _ in range(200):
        with worker(place) as job:
            job.run("request", "SELECT 1")


@decoy()
def monitoring_polls(place: Bench) -> None:
    """A monitor logs in, reads the status and logs out, over and over."""
    for _ in range(20):
        command_line(place, lines=("SHOW GLOBAL STATUS; SHOW PROCESSLIST;",), user="admin")


@decoy()
def query_cancelled_by_a_tool(place: Bench) -> None:
    """A tool cancels its own statement with KILL QUERY; nobody's connection is lost."""
    query_killed(place)
    place.log.path.unlink()
    faults.healthy_traffic(place.server)


@decoy()
def log_rotated(place: Bench) -> None:
    """The error log was rotated just now and begins inside the window."""
    faults.healthy_traffic(place.server)
    log = place.server.error_log
    log.rename(log.with_name("error.log.1"))
    place.server.sql("FLUSH ERROR LOGS")
    wait_until(log.exists)


@decoy()
def another_server_crashed(place: Bench) -> None:
    """Another server on the same host crashed and is gone."""
    other = place.neighbour()
    other.segv()
    faults.healthy_traffic(place.server)


@decoy()
def another_server_oom_killed(place: Bench) -> None:
    """The kernel killed another server on the same host for its memory."""
    other = place.neighbour()
    faults.server_oom_killed(other)
    faults.healthy_traffic(place.server)


@decoy()
def limits_nearly_reached(place: Bench) -> None:
    """Nine of ten connections are in use, and nobody is refused."""
    place.server.set_global("max_connections", 10)
    for _ in range(8):
        place.held.callback(place.server.client().close)
    with worker(place) as job:
        job.run("request", "SELECT 1")


@decoy(flavors=(Flavor.MARIADB,), settings={"idle_transaction_timeout": 600})
def idle_transaction_limit_nobody_hits(place: Bench) -> None:
    """idle_transaction_timeout is in force, and nobody runs into it."""
    with worker(place, autocommit=False) as job:
        job.run("batch", "SELECT 1")
        time.sleep(1.0)
        job.run("batch", "COMMIT")


@decoy()
def a_handful_of_mistakes(place: Bench) -> None:
    """SQL errors of the application's own: a syntax error, a missing table, a duplicate key."""
    with application(place) as shop:
        shop.orders()
    with place.server.client(database="shop") as connection, connection.cursor() as cursor:
        for sql in ("SELEC 1", "SELECT * FROM nowhere", "INSERT INTO orders VALUES (1), (1)"):
            try:
                cursor.execute(sql)
            except Exception as error:  # noqa: BLE001 - that it fails is the point
                place.log.error("shop.orders", "statement failed", error)
