"""A server that many tests share, put back as it was before each of them."""

import time
from collections.abc import Mapping
from contextlib import suppress

import pymysql

from knowledge.load import load
from tests.servers.harness.server import ServerUnderTest

_LOG_FILES = {"general_log_file", "slow_query_log_file"}
"""Set by a capture, and no variables that the knowledge base advises to set."""

_PATIENCE = 180.0


class Borrowed:
    """Remembers the variables that the knowledge base says can be set while it runs."""

    def __init__(self, server: ServerUnderTest) -> None:
        self.server = server
        self._before = _values(server)

    def put_back(self) -> None:
        """What a test left that changed it, or failed on its way: it runs, and nobody else is
        there."""
        self.server.start()
        self._end_sessions()
        now = _values(self.server)
        for name, value in self._before.items():
            if now.get(name) != value:
                self.server.set_global(name, _as_set(value))
        for log in ("general_log", "slow_log"):
            if self.server.sql(f"SELECT 1 FROM mysql.{log} LIMIT 1"):
                self.server.sql(f"TRUNCATE TABLE mysql.{log}")
        for left in self.server.data.glob("goneaway-wizard-*"):
            left.unlink(missing_ok=True)

    def _end_sessions(self) -> None:
        give_up = time.monotonic() + _PATIENCE
        while clients := self.server.sql(
            "SELECT ID AS id FROM information_schema.PROCESSLIST"
            " WHERE USER NOT IN ('system user', 'event_scheduler') AND ID <> CONNECTION_ID()"
        ):
            assert time.monotonic() < give_up, f"sessions stay: {clients}"
            for row in clients:
                with suppress(pymysql.err.MySQLError):  # it has just left
                    self.server.sql(f"KILL {row['id']}")
            time.sleep(0.02)


def _as_set(value: str) -> object:
    for kind in (int, float):
        with suppress(ValueError):
            return kind(value)
    return value


def _values(server: ServerUnderTest) -> Mapping[str, str]:
    settable = {variable.name for variable in load().variables.values() if variable.dynamic}
    rows = server.sql("SHOW GLOBAL VARIABLES")
    return {
        str(row["Variable_name"]): str(row["Value"])
        for row in rows
        if row["Variable_name"] in settable | _LOG_FILES
    }
