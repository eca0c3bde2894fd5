"""The faults that the demo makes, each with an application that runs into it."""

import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from wizard.demo.application import Application, ApplicationLog
from wizard.demo.binaries import Flavor, NoServerInstalled
from wizard.demo.private_server import PrivateServer
from wizard.target.model import Secret, Sources, Target
from wizard.units import many

_IDLE_LIMIT = 2  # seconds
_PACKET_LIMIT = 1 << 20  # bytes
_WAIT_SECONDS = 20.0


class Fault(StrEnum):
    IDLE = "idle"
    PACKET = "packet"
    CRASH = "crash"
    RESTART = "restart"
    KILL = "kill"


@dataclass(frozen=True, slots=True)
class Staged:
    """What the wizard is given, and the answer that it must find by itself."""

    target: Target
    sources: Sources
    expected_cause: str
    story: str


_CAUSES: Mapping[Fault, str] = {
    Fault.IDLE: "idle-timeout",
    Fault.PACKET: "packet-too-large",
    Fault.CRASH: "server-crash",
    Fault.RESTART: "server-restarted",
    Fault.KILL: "connection-killed",
}

_STORIES: Mapping[Fault, str] = {
    Fault.IDLE: "a pool keeps its connections longer than the server's wait_timeout of "
    f"{_IDLE_LIMIT} s",
    Fault.PACKET: "documents are stored that are larger than the server's max_allowed_packet of "
    "1 MiB",
    Fault.CRASH: "the server dies of a segmentation fault under four running reports",
    Fault.RESTART: "somebody restarts the server while the application is at work",
    Fault.KILL: "a clean-up job kills the application's connections",
}


def server_settings(fault: Fault) -> Mapping[str, object]:
    """What the server's option file must hold for `fault`; otherwise its defaults apply."""
    if fault is Fault.IDLE:
        return {"wait_timeout": _IDLE_LIMIT}
    if fault is Fault.PACKET:
        return {"max_allowed_packet": _PACKET_LIMIT}
    return {}


def stage(
    fault: Fault, server: PrivateServer, tell: Callable[[str], None] = lambda _text: None
) -> Staged:
    """Make `fault` happen to an application on `server`, which has `server_settings(fault)`.

    Takes a few seconds; `tell` hears what is going on. Raises NoServer where the server does
    not come back.
    """
    log = ApplicationLog(server.directory / "application.log")
    with Application(lambda: server.connect("app", database="shop"), log) as shop:
        shop.create_tables()
        shop.orders()
        tell(_STORIES[fault])
        _happen(fault, server, shop)
        shop.orders()
    tell(f"the application logged {many(len(log.failures), 'failure')}")
    return Staged(
        target=Target(
            host=server.host,
            port=server.port,
            user="admin",
            password=Secret(server.passwords["admin"]),
            origin="the demo's private server",
            server_option_files=(server.option_file,),
        ),
        sources=Sources(error_log=server.error_log, app_logs=(log.path,)),
        expected_cause=_CAUSES[fault],
        story=_STORIES[fault],
    )


def _happen(fault: Fault, server: PrivateServer, shop: Application) -> None:
    match fault:
        case Fault.IDLE:
            time.sleep(_IDLE_LIMIT + 1.0)
            shop.orders()
        case Fault.PACKET:
            for megabytes in (0.25, 1.5, 2, 3, 4):
                shop.upload(int(megabytes * _PACKET_LIMIT))
        case Fault.CRASH:
            with shop.reports(4):
                wait_for_reports(server, 4)
                server.kill(signal.SIGSEGV)
            shop.orders()
            server.start()
        case Fault.RESTART:
            with shop.reports(2):
                wait_for_reports(server, 2)
                server.stop()
            shop.orders()
            server.start()
        case Fault.KILL:
            with shop.reports(2):
                wait_for_reports(server, 2)
                kill_sessions(server)
            shop.orders()
        case _:
            assert_never(fault)


def wait_for_reports(server: PrivateServer, count: int) -> None:
    """Until `count` of the application's reports run in the server. Raises NoServer."""
    give_up = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < give_up:
        running = server.sql(
            "SELECT id FROM information_schema.processlist WHERE user = 'app' AND info LIKE %s",
            "SELECT SLEEP%",
        )
        if len(running) >= count:
            return
        time.sleep(0.05)
    raise NoServerInstalled("the application's queries did not start")


def kill_sessions(server: PrivateServer) -> int:
    """List the application's sessions and KILL them, as pt-kill does.

    The account is another one. Returns how many.
    """
    right = "CONNECTION ADMIN" if server.flavor is Flavor.MARIADB else "CONNECTION_ADMIN"
    server.passwords["janitor"] = server.passwords["admin"]
    server.sql(
        "CREATE USER IF NOT EXISTS janitor@'%%' IDENTIFIED BY %s", server.passwords["janitor"]
    )
    server.sql(f"GRANT PROCESS, {right} ON *.* TO janitor@'%'")
    with server.connect("janitor") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM information_schema.processlist WHERE user = 'app'")
        sessions = cursor.fetchall()
        for (session,) in sessions:
            cursor.execute(f"KILL {int(session)}")
    return len(sessions)
