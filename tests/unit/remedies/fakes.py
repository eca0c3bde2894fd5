"""A server that takes SET statements as MySQL and MariaDB do, for tests of remedies."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from wizard.remedies.figures import ObservedFigures
from wizard.remedies.keeping import Keeping
from wizard.remedies.situation import Situation
from wizard.server.connection_end import ConnectionEnd
from wizard.server.session import ConnectionLost, Connector, QueryDenied, Row, ServerInfo
from wizard.server.variables import Setting, Settings

MYSQL = ServerInfo("mysql", "9.7.4", (9, 7, 4), 7, "root@localhost", "", 100)
MARIADB = ServerInfo("mariadb", "10.11.19-MariaDB", (10, 11, 19), 7, "root@localhost", "", 100)

VALUES = {
    "wait_timeout": "28800",
    "interactive_timeout": "28800",
    "max_allowed_packet": "67108864",
    "max_connections": "151",
    "net_read_timeout": "30",
    "net_write_timeout": "60",
    "connect_timeout": "10",
    "log_error_verbosity": "2",
    "offline_mode": "OFF",
    "init_connect": "",
    "skip_name_resolve": "OFF",
    "open_files_limit": "20000",
    "table_open_cache": "4000",
    "sort_buffer_size": "262144",
}
MARIADB_VALUES = {
    **{k: v for k, v in VALUES.items() if k not in ("log_error_verbosity", "offline_mode")},
    "max_allowed_packet": "16777216",
    "log_warnings": "2",
    "idle_transaction_timeout": "0",
}


def situation(
    info: ServerInfo = MYSQL,
    persisted: Mapping[str, str] | None = None,
    measured: ObservedFigures | None = None,
    keeping: Keeping | None = None,
    **values: str,
) -> Situation:
    base = MARIADB_VALUES if info.is_mariadb else VALUES
    settings = Settings(
        {n: Setting(n, v) for n, v in {**base, **values}.items()},
        None if info.is_mariadb else (persisted or {}),
    )
    return Situation(
        info,
        settings,
        measured or ObservedFigures(),
        keeping or Keeping(set_persist=True),
        "127.0.0.1:3306",
        "server-1",
    )


class FakeServer(Connector):
    """Global and persisted values; `said` is every statement. `deny` refuses changes and
    `lose_after` ends the session once that statement was carried out."""

    def __init__(self, info: ServerInfo = MYSQL, **values: str) -> None:
        self.info = info
        base = MARIADB_VALUES if info.is_mariadb else VALUES
        self.values = {**base, **values}
        self.persisted: dict[str, str] = {}
        self.said: list[str] = []
        self.deny = ""
        self.lose_after = ""
        self.is_locked = False
        self.uptime = 10**6

    def connect(self, **_how: object) -> "FakeSession":
        return FakeSession(self)


class FakeSession:
    ending: ConnectionEnd | None = None

    def __init__(self, server: FakeServer) -> None:
        self.server = server
        self.lost = False
        self.raised: dict[int, int] = {}

    @property
    def info(self) -> ServerInfo:
        return self.server.info

    def rows(self, sql: str, args: Sequence[object] = ()) -> list[Row]:
        if "Uptime" in sql:
            return [{"Variable_name": "Uptime", "Value": str(self.server.uptime)}]
        value = self.value(sql, args)
        return [] if value is None else [{"value": value}]

    def value(self, sql: str, args: Sequence[object] = ()) -> Any:
        self._alive()
        if match := re.fullmatch(r"SELECT @@(?:global|session)\.(\w+)", sql):
            return self.server.values[match[1]]
        if "persisted_variables" in sql:
            return self.server.persisted.get(str(args[0]))
        if match := re.fullmatch(r"SELECT LENGTH\('(a*)'\)", sql):
            if len(match[1]) >= int(self.server.values["max_allowed_packet"]):
                raise ConnectionLost("packet too large", 1153)
            return len(match[1])
        if "GET_LOCK" in sql:
            return 0 if self.server.is_locked else 1
        assert sql == "SELECT 1" or "RELEASE_LOCK" in sql, sql
        return 1

    def execute(self, sql: str, args: Sequence[object] = ()) -> list[Row]:
        assert not args
        self._alive()
        if self.server.deny and self.server.deny in sql:
            raise QueryDenied("Access denied", 1227, "GRANT SYSTEM_VARIABLES_ADMIN ON *.* TO x;")
        self.server.said.append(sql)
        self._carry_out(sql)
        if self.server.lose_after and self.server.lose_after in sql:
            self.server.lose_after = ""
            self.lost = True
            raise ConnectionLost("gone", 2013)
        return []

    def close(self) -> None:
        self.lost = True

    def _carry_out(self, sql: str) -> None:
        if match := re.fullmatch(r"RESET PERSIST IF EXISTS (\w+)", sql):
            self.server.persisted.pop(match[1], None)
            return
        match = re.fullmatch(r"SET (GLOBAL|PERSIST) (\w+) = (\w+)", sql)
        assert match, sql
        self.server.values[match[2]] = match[3]
        if match[1] == "PERSIST":
            self.server.persisted[match[2]] = match[3]

    def _alive(self) -> None:
        if self.lost:
            raise ConnectionLost("gone", 2013)
