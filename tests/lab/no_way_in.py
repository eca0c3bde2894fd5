"""Faults that keep a client from logging in."""

import contextlib
import subprocess
import threading
import time
from functools import partial
from typing import Any

from pymysql.connections import Connection

from tests.lab import own_network
from tests.lab.bench import Bench, NotHere
from tests.lab.clients import LOST, application, command_line, half_handshake, wait_until, worker
from tests.lab.relay import Relay
from tests.lab.scenario import fault
from tests.servers.harness import faults
from wizard.demo.binaries import Flavor
from wizard.diagnosis.model import Verdict

_MYSQL = (Flavor.MYSQL,)


@fault("too-many-connections", least_alone=Verdict.POSSIBLE)
def too_many_connections(place: Bench) -> None:
    """A pool asks for more than max_connections; the slots are free again at the check."""
    faults.too_many_connections(place.server)


@fault("too-many-connections")
def too_many_connections_held(place: Bench) -> None:
    """All slots are held while the check looks; the administrator gets the extra one."""
    place.server.set_global("max_connections", 10)
    for _ in range(10):
        place.held.callback(place.server.client().close)
    with worker(place) as job:
        for _ in range(3):
            job.run("import", "SELECT 1")


@fault("too-many-connections", user="app")
def too_many_connections_checker_refused(place: Bench) -> None:
    """All slots are held, and the check itself is refused."""
    too_many_connections_held(place)


@fault("user-limit", alone_mariadb=(), settings={"max_user_connections": 100})
def user_limit(place: Bench) -> None:
    """The server lets each account have two connections; a pool asks for five."""
    place.server.set_global("max_user_connections", 2)
    with application(place, 5) as shop:
        shop.orders()


@fault("user-limit", alone_mariadb=())
def account_limit(place: Bench) -> None:
    """The account may have two connections at a time; a pool asks for five."""
    place.server.sql("ALTER USER app@'%' WITH MAX_USER_CONNECTIONS 2")
    with application(place, 5) as shop:
        shop.orders()


@fault("connect-timeout", alone_mariadb=(), least_alone=Verdict.POSSIBLE)
def connect_timeout(place: Bench) -> None:
    """A slow path holds the login up for longer than connect_timeout."""
    place.server.set_global("connect_timeout", 2)
    target = (place.server.host, place.server.port)
    with Relay(target, delay=5.0) as slow:
        with worker(place, port=slow.port) as job:
            job.run("import", "SELECT 1")
        command_line(place, "--connect-timeout=20", lines=("SELECT 1;",), port=slow.port)


def _cut_short(connection: "Connection[Any]") -> None:
    with contextlib.suppress(*LOST, AttributeError, OSError):
        connection.query("SELECT SLEEP(120)")


@fault(
    "thread-pool-exhausted",
    beside=("server-unreachable", "client-read-timeout", "client-not-closing"),
    flavors=(Flavor.MARIADB,),
    settings={
        "thread_handling": "pool-of-threads",
        "thread_pool_size": 1,
        "thread_pool_max_threads": 2,
    },
)
def thread_pool_exhausted(place: Bench) -> None:
    """Long statements hold every thread of the pool; who comes is not even greeted."""
    place.held.callback(place.server.kill9)  # an orderly end would wait for them
    with worker(place, connect_timeout=3, read_timeout=3) as job:
        for _ in range(4):
            busy = partial(_cut_short, place.server.client())
            threading.Thread(target=busy, daemon=True).start()
        told = "Threadpool has been blocked"
        wait_until(lambda: told in place.server.log_text(), seconds=90.0)
        for _ in range(2):
            job.run("import", "SELECT 1")
    place.with_error_log()


_OWN_NETWORK = {"skip_name_resolve": "OFF", "bind_address": "*", "max_connect_errors": 3}


@fault("host-blocked", own_network=True, alone_mariadb=(), settings=_OWN_NETWORK)
def host_blocked(place: Bench) -> None:
    """A broken health check has the server block the application's host; the check is run
    on the server itself, which is not blocked."""
    _break_handshakes(place)
    with worker(place) as job:
        for _ in range(3):
            job.run("import", "SELECT 1")


@fault("host-blocked", own_network=True, settings=_OWN_NETWORK)
def host_blocked_with_the_checker(place: Bench) -> None:
    """As host-blocked, and the check is run on the blocked host."""
    host_blocked(place)
    place.host = own_network.ADDRESS


def _break_handshakes(place: Bench) -> None:
    own_network.prepare(place.server.binary, place.server.directory)
    place.server.host = own_network.ADDRESS
    before = place.server.status("Aborted_connects")
    for _ in range(4):
        half_handshake(place)
    wait_until(lambda: place.server.status("Aborted_connects") >= before + 3)


@fault("access-denied")
def access_denied(place: Bench) -> None:
    """A wrong password, again and again."""
    faults.access_denied(place.server)


@fault("access-denied", alone_mariadb=())
def access_denied_database(place: Bench) -> None:
    """The account may not use the database that the application names."""
    place.server.sql("CREATE DATABASE archive")
    with worker(place, database="archive") as job:
        for _ in range(3):
            job.run("import", "SELECT 1")


@fault("unknown-database", alone=())
def unknown_database(place: Bench) -> None:
    """The application names a database that does not exist."""
    place.server.sql("GRANT ALL ON *.* TO app@'%'")
    with worker(place, database="shopp") as job:
        for _ in range(3):
            job.run("import", "SELECT 1")


@fault("access-denied", user="root")
def host_not_allowed(place: Bench) -> None:
    """No account matches the client's host."""
    place.socket = place.server.socket
    place.server.passwords["root"] = ""
    for name in ("app", "admin"):
        place.server.sql(f"RENAME USER {name}@'%' TO {name}@'10.99.%'")
    with worker(place) as job:
        for _ in range(3):
            job.run("import", "SELECT 1")


@fault(
    "tls-failure",
    "access-denied",
    alone=(),
    alone_mariadb=("access-denied", "tls-failure"),
    least_alone=Verdict.POSSIBLE,
)
def tls_required(place: Bench) -> None:
    """The server takes encrypted connections only; the application has none."""
    if place.is_mariadb:
        _make_certificate(place)  # MySQL makes its own
    place.server.configure(require_secure_transport="ON")
    place.server.restart()
    place.age()
    with worker(place, ssl_disabled=True) as job:
        for _ in range(3):
            job.run("import", "SELECT 1")


def _make_certificate(place: Bench) -> None:
    key, certificate = (place.server.directory / name for name in ("key.pem", "cert.pem"))
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=db"]
    try:
        subprocess.run(
            ["openssl", *words, "-keyout", str(key), "-out", str(certificate)],
            check=True,
            capture_output=True,
            timeout=60,
        )
    except OSError as error:
        raise NotHere(f"openssl is needed: {error}") from None
    inside = place.server.binary.inside
    place.server.configure(ssl_key=inside(key), ssl_cert=inside(certificate))


@fault("tls-failure", "access-denied", alone=("access-denied", "tls-failure"))
def tls_required_of_the_account(place: Bench) -> None:
    """The account must use TLS; the application does not, and is told 1045."""
    place.server.sql("ALTER USER app@'%' REQUIRE SSL")
    with worker(place, ssl_disabled=True) as job:
        for _ in range(3):
            job.run("import", "SELECT 1")


@fault("init-connect-failure")
def init_connect_failure(place: Bench) -> None:
    """init_connect has a mistake; only ordinary accounts run into it."""
    place.server.set_global("init_connect", "SET nonsense = 1")
    with worker(place) as job:
        for _ in range(3):
            job.run("import", "SELECT 1")


@fault("offline-mode", flavors=_MYSQL)
def offline_mode(place: Bench) -> None:
    """offline_mode is switched on under a working application and stays on."""
    with application(place) as shop:
        shop.orders()
        place.server.set_global("offline_mode", "ON")
        shop.orders()
        shop.orders()


@fault("offline-mode", flavors=_MYSQL)
def offline_mode_for_a_while(place: Bench) -> None:
    """offline_mode was on for two seconds and is off again."""
    with application(place) as shop:
        shop.orders()
        place.server.set_global("offline_mode", "ON")
        shop.orders()
        time.sleep(1.0)
        shop.orders()
        place.server.set_global("offline_mode", "OFF")
        shop.orders()


@fault("connection-memory-limit", flavors=_MYSQL)
def connection_memory_limit(place: Bench) -> None:
    """A report needs more memory than connection_memory_limit allows."""
    place.server.set_global("connection_memory_limit", 2 << 20)
    place.server.set_global("global_connection_memory_tracking", "ON")
    application(place).close()
    fat = "x" * 4_000_000
    with worker(place) as job:
        for _ in range(3):
            job.run("report", f"SELECT LENGTH(GROUP_CONCAT(x)) FROM (SELECT '{fat}' x) t")
