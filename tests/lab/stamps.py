"""Faults whose logs are hard to place in time: clocks, zones, stamps, prefixes, rotation."""

import gzip
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pymysql

from tests.lab.bench import Bench
from tests.lab.clients import Worker, application, worker
from tests.lab.drivers.worker import DriverWorker
from tests.lab.scenario import decoy, fault
from wizard.demo.application import Application
from wizard.demo.binaries import Flavor
from wizard.demo.faults import kill_sessions, wait_for_reports

_POOL = ("stale-pooled-connection",)
_STAMP = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00) ")

Rewrite = Callable[[datetime, str], str]


def rewrite(log: Path, how: Rewrite) -> None:
    """Give each line of an application's log, whose stamps are ISO 8601, other ones."""
    lines = []
    for line in log.read_text(encoding="utf-8").splitlines():
        found = _STAMP.match(line)
        assert found, line
        lines.append(how(datetime.fromisoformat(found[1]), line[found.end() :]))
    log.write_text("\n".join([*lines, ""]), encoding="utf-8")


def _quick_restart(place: Bench) -> None:
    with application(place, 3) as shop:
        shop.orders()
        with place.due("server-restarted"):
            with shop.reports(2):
                wait_for_reports(place.server, 2)
                place.server.stop()
            shop.orders()
            place.server.start()
            shop.orders()


def _crash_and_idle(place: Bench, *crash: str, known: bool = True) -> None:
    """Half a minute, so that a clock that is off cannot fit by accident. `crash` are further
    causes that the crash's failures may be put down to, and `known` whether they must be."""
    with application(place, 3) as shop:
        shop.orders()
        with place.due("server-crash", *crash, known=known):
            with shop.reports(2):
                wait_for_reports(place.server, 2)
                place.server.segv()
            shop.orders()
            place.server.start()
            shop.orders()
    time.sleep(20.0)
    place.server.set_global("wait_timeout", 1)
    with application(place, 3) as shop:
        shop.orders()
        with place.due("idle-timeout"):
            time.sleep(2.5)
            shop.orders()


def _shifted(seconds: float) -> Rewrite:
    shift = timedelta(seconds=seconds)
    return lambda at, text: f"{(at + shift).isoformat(timespec='milliseconds')} {text}"


@fault("server-restarted", aged=False)
def clock_ahead_restart(place: Bench) -> None:
    """A restart; the application's clock is 90 s ahead of the server's."""
    place.age()
    place.since = None
    _quick_restart(place)
    rewrite(place.log.path, _shifted(90.0))


@fault("server-restarted", aged=False)
def clock_behind_restart(place: Bench) -> None:
    """A restart; the application's clock is 90 s behind the server's."""
    place.age()
    place.since = None
    _quick_restart(place)
    rewrite(place.log.path, _shifted(-90.0))


@fault("server-crash", "idle-timeout", beside=_POOL, aged=False)
def clock_behind_two_faults(place: Bench) -> None:
    """A crash and idle connections; the application's clock is 5 minutes behind."""
    place.age()
    place.since = None
    _crash_and_idle(place)
    rewrite(place.log.path, _shifted(-300.0))


@fault("server-crash", "idle-timeout", beside=_POOL)
def application_in_another_zone(place: Bench) -> None:
    """A crash and idle connections; the application's stamps are New York's and tell no zone."""
    _crash_and_idle(place)
    zone = ZoneInfo("America/New_York")

    def local(at: datetime, text: str) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03} {text}"

    rewrite(place.log.path, local)


@fault("server-crash", "idle-timeout", beside=_POOL)
def stamps_without_a_date(place: Bench) -> None:
    """A crash and idle connections; the application's stamps tell the time of day only."""
    _crash_and_idle(place)
    rewrite(place.log.path, lambda at, text: f"{at.astimezone():%H:%M:%S} {text}")


@fault("server-crash", "idle-timeout", beside=_POOL)
def no_stamps_at_all(place: Bench) -> None:
    """A crash and idle connections; the application's lines have no stamp."""
    _crash_and_idle(place, "server-unreachable", known=False)
    rewrite(place.log.path, lambda _at, text: text)


@fault("server-crash", "idle-timeout", beside=_POOL)
def day_first_and_noon(place: Bench) -> None:
    """A crash and idle connections; stamps have the day first, and am or pm."""
    _crash_and_idle(place)
    rewrite(place.log.path, lambda at, text: f"{at.astimezone():%d/%m/%Y %I:%M:%S %p} {text}")


def _prefixed(log: Path, prefix: Callable[[datetime], str]) -> None:
    """Put a collector's prefix before every line, also those of a stack. The time of a line
    without a stamp of its own is the one of the line before."""
    at = datetime.fromtimestamp(log.stat().st_mtime).astimezone()
    stamps = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)")
    lines = []
    for line in log.read_text(encoding="utf-8").splitlines():
        if found := stamps.search(line):
            at = datetime.fromisoformat(found[1] + "+00:00")
        lines.append(prefix(at) + line)
    log.write_text("\n".join([*lines, ""]), encoding="utf-8")


_COLLECTORS: dict[str, tuple[str, Callable[[datetime], str]]] = {
    "compose": ("docker compose", lambda _at: "shop-1  | "),
    "kubernetes": ("the kubelet", lambda at: f"{at:%Y-%m-%dT%H:%M:%S}.123456789Z stderr F "),
    "syslog": ("syslog", lambda at: f"{at.astimezone():%b %e %H:%M:%S} web1 shop[417]: "),
    "journald": (
        "journald",
        lambda at: f"{at.astimezone():%Y-%m-%dT%H:%M:%S%z} web1 shop[417]: ",
    ),
}


def _behind_a_prefix(prefix: Callable[[datetime], str]) -> Callable[[Bench], None]:
    def stage(place: Bench) -> None:
        application(place).close()
        with (
            DriverWorker(place, "java-hikari") as java,
            DriverWorker(place, "ruby") as ruby,
            DriverWorker(place, "node-mariadb") as node,
        ):
            crew = (java, ruby, node)
            for job in crew:
                job.run("order", "SELECT 1")
            place.server.restart()
            for job in crew:
                with place.due("server-restarted", by=job):
                    job.run("order", "SELECT 2")
            time.sleep(6.0)
            for job in crew:
                job.run("order", "SELECT 3")
                with place.due("connection-killed", by=job):
                    kill_sessions(place.server)
                    job.run("order", "SELECT 4")
                time.sleep(1.0)
        for job in crew:
            _prefixed(job.path, prefix)

    return stage


for _name, (_whose, _prefix) in _COLLECTORS.items():
    _stage = _behind_a_prefix(_prefix)
    _stage.__name__ = f"stacks_behind_{_name}"
    _stage.__doc__ = f"Kills and a restart; every line of every stack has a prefix of {_whose}."
    fault("server-restarted", "connection-killed")(_stage)


@fault("server-crash")
def crash_in_a_rotated_log(place: Bench) -> None:
    """The server crashed; since then its log has been rotated twice and compressed."""
    server = place.server
    with application(place, 3) as shop:
        shop.orders()
        with place.due("server-crash"):
            with shop.reports(2):
                wait_for_reports(server, 2)
                server.segv()
            shop.orders()
            server.start()
            shop.orders()
    time.sleep(1.0)
    log = server.error_log
    packed = log.with_name("error.log.2.gz")
    packed.write_bytes(gzip.compress(log.read_bytes()))
    log.rename(log.with_name("error.log.1"))
    server.sql("FLUSH ERROR LOGS")
    log.with_name("error.log.1").write_text("", encoding="utf-8")


@fault("idle-timeout", beside=_POOL)
def setting_changed_since(place: Bench) -> None:
    """Connections rested too long; since then wait_timeout has been raised."""
    _idle(place)
    place.server.set_global("wait_timeout", 28800)
    with application(place, 3) as shop:
        _calm(shop)


@fault("idle-timeout", beside=_POOL, flavors=(Flavor.MARIADB,),
       alone=("idle-timeout", "server-restarted"))  # fmt: skip
def restarted_since(place: Bench) -> None:
    """Connections rested too long; then a quiet restart took counters and setting away."""
    _idle(place)
    time.sleep(6.0)
    place.server.restart()
    with application(place, 3) as shop:
        _calm(shop)


@fault("packet-too-large", alone_mariadb=("packet-too-large", "server-restarted"),
       alone=("packet-too-large", "server-restarted"))  # fmt: skip
def restarted_since_packets(place: Bench) -> None:
    """Statements above the limit; then a quiet restart with a higher limit."""
    place.server.set_global("max_allowed_packet", 1 << 20)
    with application(place) as shop, place.due("packet-too-large"):
        for _ in range(2):
            shop.upload(3 << 20)
    time.sleep(6.0)
    place.server.configure(max_allowed_packet=64 << 20)
    place.server.restart()
    with application(place, 3) as shop:
        _calm(shop)


def _idle(place: Bench) -> None:
    place.server.set_global("wait_timeout", 1)
    with application(place, 3) as shop:
        for _ in range(2):
            shop.orders()
            with place.due("idle-timeout"):
                time.sleep(2.5)
                shop.orders()


def _calm(shop: Application) -> None:
    for _ in range(3):
        shop.orders()
        time.sleep(1.0)


_CHATTER = (
    ("INFO", "mail.smtp", "lost connection with mx.example.com[203.0.113.7] while sending RCPT TO"),
    ("WARN", "cache.redis", "redis: connection pool: read tcp 10.0.0.5:51234->10.0.0.9:6379:"
     " connection reset by peer"),
    ("ERROR", "http.client", "upstream timed out (110: Connection timed out) while reading"
     " response header from upstream"),
    ("INFO", "shop.search", "indexed article 'MySQL server has gone away: what error 2006 means'"),
    ("DEBUG", "shop.orders", "SELECT id FROM notes WHERE body LIKE '%Lost connection to MySQL%'"),
    ("INFO", "shop.pool", "retry on 2013 is enabled; wait_timeout of the server is 28800"),
    ("ERROR", "queue.amqp", "amqp: connection closed: EOF"),
    ("ERROR", "ldap.sync", "ldap: Can't contact LDAP server (-1)"),
    ("WARN", "pg.replica", "psycopg2.OperationalError: server closed the connection unexpectedly"),
    ("ERROR", "shop.payment", "gateway answered 504; broken pipe while streaming the receipt"),
)  # fmt: skip


@decoy()
def chatter_about_others(place: Bench) -> None:
    """The application's log is full of others' lost connections and of quoted errors."""
    with application(place, 3) as shop:
        for level, logger, text in _CHATTER * 2:
            place.log.line(level, logger, text)
            shop.orders()


@decoy(settings={"max_allowed_packet": 1 << 20})
def refused_by_rules(place: Bench) -> None:
    """Duplicate keys, deadlocks' kin and syntax errors: the connection lives through them all."""
    application(place).close()
    with worker(place) as job:
        job.run("import", "SELECT 1")
        for sql in ("INSERT INTO orders VALUES (1), (1)", "SELEKT 1", "SELECT * FROM missing"):
            _fails(place, job, sql)


def _fails(place: Bench, job: Worker, sql: str) -> None:
    assert job.connection is not None
    try:
        with job.connection.cursor() as cursor:
            cursor.execute(sql)
    except pymysql.err.Error as error:
        place.log.error("shop.import", "statement refused", error)
