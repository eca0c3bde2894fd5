"""How many connections a probe may take, asked on a fresh session.

A kept one would idle, and be cut like those that are watched.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from wizard.probes.shared.way import Way
from wizard.server.answers import number_of
from wizard.server.process_list import listed_ids
from wizard.steps.step import Skip

SHARE = 10
"""One of so many free connections is taken at most."""

NO_ROOM = frozenset({1040, 1203, 1226})
"""ER_CON_COUNT_ERROR, ER_TOO_MANY_USER_CONNECTIONS, ER_USER_LIMIT_REACHED."""

OPEN_TIMEOUT = 5.0
"""Seconds that the server may take for an answer."""

_SETTLE = 0.3
"""Seconds that the server is given to forget a session that it ended."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the server tells a session.

    Its `wait_timeout` in seconds, how many connections are free, how often KILL was used, and the
    seconds since it started; None where that is hidden.
    """

    wait_timeout: int
    free: int
    kills: int | None
    uptime: int | None = None

    def share(self, least: int) -> int:
        """How many connections may be taken. Raises Skip where that is fewer than `least`."""
        most = self.free // SHARE
        if most < least:
            raise Skip(
                f"only {max(self.free, 0)} connections are free on the server, and no more than a"
                " tenth of them is taken"
            )
        return most


def look_around(way: Way) -> Scene:
    """Raises CannotConnect, ConnectionLost, QueryFailed."""
    session = way.connector.connect(OPEN_TIMEOUT)
    try:
        row = session.rows(
            "SELECT @@SESSION.wait_timeout AS wait_timeout, @@GLOBAL.max_connections AS most"
        )[0]
        status = {
            str(found["Variable_name"]): number_of(found["Value"])
            for found in session.rows(
                "SHOW GLOBAL STATUS WHERE Variable_name IN"
                " ('Threads_connected', 'Com_kill', 'Uptime')"
            )
        }
    finally:
        session.close()
    free = number_of(row["most"]) - status.get("Threads_connected", 0)
    return Scene(number_of(row["wait_timeout"]), free, status.get("Com_kill"), status.get("Uptime"))


def listed(way: Way, ids: Iterable[int]) -> frozenset[int]:
    """Those of the connection ids that the server knows, a moment from now.

    An account sees its own sessions without any privilege. Raises as look_around.
    """
    time.sleep(_SETTLE)
    session = way.connector.connect(OPEN_TIMEOUT)
    try:
        return listed_ids(session, ids)
    finally:
        session.close()
