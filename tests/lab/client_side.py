"""Faults of the client, and of what lies between it and the server."""

import os
import subprocess
import sys
import time
from typing import Any

import pymysql

from tests.lab.bench import Bench
from tests.lab.clients import application, command_line, worker
from tests.lab.relay import Relay
from tests.lab.scenario import fault
from tests.servers.harness import faults
from wizard.demo.application import Application
from wizard.diagnosis.model import Verdict


@fault("client-not-closing", least=Verdict.POSSIBLE)
def client_not_closing(place: Bench) -> None:
    """Four clients leave without COM_QUIT; the application itself feels nothing."""
    faults.client_not_closing(place.server)


@fault("client-read-timeout", alone=("client-not-closing",))
def client_read_timeout(place: Bench) -> None:
    """The driver waits for one second, the statements take three."""
    for _ in range(3):
        with worker(place, read_timeout=1) as job:
            job.run("report", "SELECT SLEEP(3)")
    time.sleep(3.0)


@fault(
    "client-packet-limit",
    least=Verdict.POSSIBLE,
    alone=("client-not-closing",),
    alone_mariadb=("net-write-timeout",),
    least_alone=Verdict.POSSIBLE,
)
def client_packet_limit(place: Bench) -> None:
    """The command-line client may take 1 MiB, a row has 4 MiB."""
    application(place).close()
    admin = place.server.client("admin", database="shop", autocommit=True)
    with admin, admin.cursor() as cursor:
        cursor.execute("INSERT INTO documents (body) VALUES (REPEAT('x', 4 << 20))")
    for _ in range(2):
        command_line(
            place, "--max-allowed-packet=1M", "shop", lines=("SELECT body FROM documents;",)
        )


@fault("shared-connection", alone=())
def shared_after_fork(place: Bench) -> None:
    """A process forks, and parent and child use one connection at the same time."""
    _fork(place, "interleave")


@fault("shared-connection", "use-after-close", alone=(), least=Verdict.POSSIBLE)
def shared_child_quits(place: Bench) -> None:
    """A process forks; the child closes the connection that the parent goes on using."""
    for _ in range(3):
        _fork(place, "quit")


def _fork(place: Bench, way: str) -> None:
    application(place).close()
    words = [str(place.server.port), str(place.log.path), way]
    subprocess.run(
        [sys.executable, "-m", "tests.lab.forking_client", *words],
        env={**os.environ, "GONEAWAY_LAB_PASSWORD": place.server.passwords["app"]},
        timeout=60,
        check=True,
    )


@fault("use-after-close", alone=())
def use_after_close(place: Bench) -> None:
    """The program goes on with a connection that it has closed itself."""
    connection = place.server.client(database="shop")
    connection.query("SELECT 1")
    connection.close()
    for _ in range(3):
        try:
            connection.query("SELECT 2")
        except pymysql.err.InterfaceError as error:
            place.log.error("jobs.report", "report failed", error)


@fault("name-resolution", alone=())
def name_unknown(place: Bench) -> None:
    """The application's host name does not resolve (.invalid never does: RFC 6761)."""
    for _ in range(3):
        try:
            pymysql.connect(host="db.invalid", user="app", connect_timeout=5)
        except pymysql.err.OperationalError as error:
            place.log.error("shop.pool", "no connection", error)


@fault("proxy-timeout", alone=("client-not-closing",))
def proxy_closes_idle_connections(place: Bench) -> None:
    """A proxy closes connections that are idle for two seconds."""
    with Relay((place.server.host, place.server.port), idle_limit=2.0) as proxy:
        shop = _behind(place, proxy)
        for _ in range(2):
            shop.orders()
            time.sleep(7.0)
            shop.orders()
        shop.close()


@fault("network-idle-drop", "client-read-timeout", alone=(), least=Verdict.POSSIBLE)
def firewall_forgets_idle_connections(place: Bench) -> None:
    """A firewall drops what belongs to connections that were idle for two seconds."""
    target = (place.server.host, place.server.port)
    firewall = place.held.enter_context(Relay(target, idle_limit=2.0, silent=True))
    shop = _behind(place, firewall, read_timeout=2)
    shop.orders()
    time.sleep(3.0)
    shop.orders()


def _behind(place: Bench, relay: Relay, **options: Any) -> Application:
    application(place).close()
    return Application(
        lambda: pymysql.connect(
            host="127.0.0.1",
            port=relay.port,
            user="app",
            password=place.server.passwords["app"],
            database="shop",
            ssl_disabled=True,
            **options,
        ),
        place.log,
        3,
    )
