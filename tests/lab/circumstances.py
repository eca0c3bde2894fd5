"""The commonest faults in other circumstances: other logs, fewer rights, other time zones."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.lab.bench import Bench
from tests.lab.clients import application, worker
from tests.lab.scenario import decoy, fault
from tests.servers.harness import faults
from wizard.demo.binaries import Flavor
from wizard.demo.faults import kill_sessions
from wizard.diagnosis.model import Verdict

_MARIADB = (Flavor.MARIADB,)
_MYSQL = (Flavor.MYSQL,)
_POOL = ("stale-pooled-connection",)
_QUIET = {"log_warnings": 1}
_LOUD = {"log_warnings": 9}
_VERBOSE = {"log_error_verbosity": 3}
_TOTALS_ONLY = {"performance_schema": "OFF"}


@contextmanager
def _zone(name: str) -> Iterator[None]:
    """For what is started inside; this process goes on in its own zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before


def _log_in_zone(place: Bench, name: str) -> None:
    """Start anew in another zone, with a log of its own."""
    server = place.server
    server.stop()
    server.error_log.rename(server.error_log.with_name("error.log.1"))
    if not place.is_mariadb:
        server.configure(log_timestamps="SYSTEM")
    with _zone(name):
        server.start()


@fault("packet-too-large", settings=_QUIET, flavors=_MARIADB, alone=())
def packet_log_says_nothing(place: Bench) -> None:
    """As packet-too-large, with log_warnings = 1."""
    faults.packet_too_large(place.server)


@fault("connection-killed", settings=_QUIET, flavors=_MARIADB, alone=(), least=Verdict.POSSIBLE)
def killed_log_says_nothing(place: Bench) -> None:
    """As connection-killed, with log_warnings = 1: neither log nor counters can tell."""
    faults.connection_killed(place.server)


@fault("connection-killed", settings=_LOUD, flavors=_MARIADB)
def killed_log_says_all(place: Bench) -> None:
    """As connection-killed, with log_warnings = 9: MariaDB logs even KILL."""
    faults.connection_killed(place.server)


@fault("server-restarted", settings=_LOUD, flavors=_MARIADB)
def restart_log_says_all(place: Bench) -> None:
    """As server-restarted, with log_warnings = 9: the shutdown's own kills are logged."""
    faults.server_restarted(place.server)


@fault("packet-too-large", settings=_VERBOSE, flavors=_MYSQL)
def packet_logged(place: Bench) -> None:
    """As packet-too-large, with log_error_verbosity = 3."""
    faults.packet_too_large(place.server)


@fault("connection-killed", settings=_VERBOSE, flavors=_MYSQL)
def killed_verbose(place: Bench) -> None:
    """As connection-killed, with log_error_verbosity = 3; KILL is logged at no verbosity."""
    faults.connection_killed(place.server)


@fault("access-denied", settings=_VERBOSE, flavors=_MYSQL)
def access_denied_logged(place: Bench) -> None:
    """As access-denied, with log_error_verbosity = 3."""
    faults.access_denied(place.server)


@fault("idle-timeout", beside=_POOL, settings=_TOTALS_ONLY, flavors=_MYSQL, alone=())
def idle_timeout_totals_only(place: Bench) -> None:
    """As idle-timeout, with performance_schema = OFF: MySQL has totals only."""
    faults.idle_timeout(place.server)


@fault(
    "connection-killed",
    settings=_TOTALS_ONLY,
    flavors=_MYSQL,
    alone=(),
    least=Verdict.POSSIBLE,
)
def killed_totals_only(place: Bench) -> None:
    """As connection-killed, with performance_schema = OFF."""
    faults.connection_killed(place.server)


@fault("packet-too-large", settings={"lc_messages": "de_DE"}, flavors=_MARIADB)
def packet_in_german(place: Bench) -> None:
    """As packet-too-large, with the error log in German."""
    faults.packet_too_large(place.server)


@fault("idle-timeout", beside=_POOL, settings={"thread_handling": "pool-of-threads"},
       flavors=_MARIADB)  # fmt: skip
def idle_timeout_thread_pool(place: Bench) -> None:
    """As idle-timeout, with MariaDB's thread pool, which closes instead of resetting."""
    faults.idle_timeout(place.server)


@fault("idle-timeout", beside=_POOL)
def idle_timeout_other_zone(place: Bench) -> None:
    """As idle-timeout, on a server that lives and logs in the time of New York."""
    _log_in_zone(place, "America/New_York")
    place.age()
    faults.idle_timeout(place.server)


@fault("server-restarted")
def restart_other_zone(place: Bench) -> None:
    """As server-restarted, on a server that lives and logs in the time of Tokyo."""
    _log_in_zone(place, "Asia/Tokyo")
    place.age()
    with _zone("Asia/Tokyo"):
        faults.server_restarted(place.server)


@fault("idle-timeout", beside=_POOL)
def idle_timeout_over_tls(place: Bench) -> None:
    """As idle-timeout, over TLS where the server has it."""
    place.server.set_global("wait_timeout", 1)
    tls = {} if place.is_mariadb else {"ssl": {"verify_mode": "none", "check_hostname": False}}
    with application(place, 3, **tls) as shop:
        shop.orders()
        time.sleep(2.0)
        shop.orders()
        shop.orders()


@fault("server-crash", flavors=_MYSQL)
def crash_in_json(place: Bench) -> None:
    """As server-crash, with MySQL's error log in JSON."""
    place.server.sql("INSTALL COMPONENT 'file://component_log_sink_json'")
    place.server.sql("SET PERSIST log_error_services = 'log_sink_json'")
    place.server.restart()
    place.age()
    faults.server_crash(place.server)
    place.arguments += ["--error-log", f"{place.server.error_log}.00.json"]


@fault("packet-too-large", user="app", alone=(), flavors=_MYSQL)
def packet_without_privileges(place: Bench) -> None:
    """As packet-too-large, checked by an account without privileges."""
    faults.packet_too_large(place.server)


@fault("server-restarted", user="app")
def restart_without_privileges(place: Bench) -> None:
    """As server-restarted, checked by an account without privileges."""
    faults.server_restarted(place.server)


@fault("idle-timeout", beside=_POOL)
def idle_timeout_after_rotation(place: Bench) -> None:
    """As idle-timeout; the error log had been rotated a little before."""
    log = place.server.error_log
    log.rename(log.with_name("error.log.1"))
    place.server.sql("FLUSH ERROR LOGS")
    time.sleep(1.0)
    faults.idle_timeout(place.server)


@fault("connection-killed", alone_mariadb=())
def killed_no_gap_told(place: Bench) -> None:
    """Sleeping workers are killed; their logs tell no idle time."""
    with worker(place) as one, worker(place) as other:
        for job in (one, other):
            job.run("mail batch", "SELECT 1")
        kill_sessions(place.server)
        for job in (one, other):
            job.run("mail batch", "SELECT 1")


@decoy(settings=_LOUD, flavors=_MARIADB)
def healthy_log_says_all(place: Bench) -> None:
    """Healthy traffic, with log_warnings = 9."""
    faults.healthy_traffic(place.server)


@decoy(settings=_VERBOSE, flavors=_MYSQL)
def healthy_verbose(place: Bench) -> None:
    """Healthy traffic and probes, with log_error_verbosity = 3."""
    faults.healthy_traffic(place.server)
    faults.health_checks(place.server)


@decoy(settings=_TOTALS_ONLY, flavors=_MYSQL)
def probes_totals_only(place: Bench) -> None:
    """Probes, with performance_schema = OFF."""
    faults.healthy_traffic(place.server)
    faults.health_checks(place.server)


@decoy(aged=False)
def probes_young_server(place: Bench) -> None:
    """Probes, on a server that was started inside the window."""
    faults.healthy_traffic(place.server)
    faults.health_checks(place.server)


@decoy()
def statement_limit_of_another_job(place: Bench) -> None:
    """A report job, whose log nobody gave, runs into a short statement limit of its own."""
    faults.healthy_traffic(place.server)
    limit = "SET SESSION max_statement_time = 0.2" if place.is_mariadb else (
        "SET SESSION max_execution_time = 200"
    )  # fmt: skip
    job = place.server.client(database="shop", init_command=limit)
    with job, job.cursor() as cursor:
        for _ in range(3):
            try:
                cursor.execute(
                    "SELECT SUM(a.ordinal_position) FROM information_schema.columns a,"
                    " information_schema.columns b, information_schema.columns c"
                )
            except Exception:  # noqa: BLE001 - the limit is the point
                continue


@decoy()
def large_but_allowed(place: Bench) -> None:
    """Statements of 8 MB, which the limits allow."""
    with application(place) as shop:
        for _ in range(3):
            shop.upload(8_000_000)
