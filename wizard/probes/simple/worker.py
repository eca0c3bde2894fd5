"""One connection that says SELECT 1 again and again, until its time is over or it is lost."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

from wizard.probes.shared.session_room import OPEN_TIMEOUT
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.server.session import CannotConnect, ConnectionLost, QueryFailed

PAUSE = 0.02
"""Seconds between two statements: fifty a second and connection, which no server feels."""


@dataclass(slots=True)
class Run:
    """What became of one connection. `lost` and `refused` are the server's or driver's words;
    `number` is MySQL's. Times in seconds."""

    connection_id: int = 0
    statements: int = 0
    slowest: float = 0.0
    lost: str = ""
    refused: str = ""
    number: int | None = None
    after: float = 0.0
    times: list[float] = field(default_factory=list)


def work(
    connector: PyMySqlConnector, until: float, stop: Event, lost: Callable[[Run], None]
) -> Run:
    """`until` is on the monotonic clock. `lost` hears of a loss at once, in this thread. Never
    raises for what the server does."""
    run = Run()
    began = time.monotonic()
    try:
        session = connector.connect(OPEN_TIMEOUT)
    except CannotConnect as error:
        run.refused, run.number = str(error), error.number
        return run
    try:
        run.connection_id = session.info.connection_id
        while time.monotonic() < until and not stop.is_set():
            asked = time.monotonic()
            session.value("SELECT 1")
            took = time.monotonic() - asked
            run.statements += 1
            run.slowest = max(run.slowest, took)
            run.times.append(took)
            time.sleep(PAUSE)
    except (ConnectionLost, QueryFailed) as error:
        run.lost, run.number = str(error), error.number
        run.after = time.monotonic() - began
        lost(run)
    finally:
        session.close()
    return run
