"""The server's settings: their values, where each comes from, and what sessions really have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from knowledge.load import load
from knowledge.model import Variable
from wizard.safety.sanitize import sanitize
from wizard.server.answers import MOST, number_of
from wizard.server.session import QueryDenied, QueryFailed, Row, ServerInfo, ServerSession
from wizard.units import whole_number

MAX_SESSIONS = 5000
"""Sessions whose settings are read."""

_SESSIONS_AT_ONCE = 50

OWN_PROGRAM = "goneaway-wizard"
"""The program name that the wizard's own sessions give at login."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One global variable. `origin` is in words for the operator; empty where not known.
    `changed` says that it was set while the server ran, `changed_at` when (MySQL tells it)."""

    name: str
    value: str
    origin: str = ""
    changed: bool = False
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """All global variables, by name.

    `persisted` are the values that SET PERSIST has stored (MySQL 8.0 and later); None where
    the server has no such thing or the account may not see it. `remarks` say what could not
    be read, and what would allow it.
    """

    globals: Mapping[str, Setting]
    persisted: Mapping[str, str] | None = None
    remarks: tuple[str, ...] = ()

    def value(self, name: str) -> str | None:
        setting = self.globals.get(name)
        return None if setting is None else setting.value

    def number(self, name: str) -> int | None:
        """The value as an integer; None where there is no such variable or it is no integer."""
        return whole(self.value(name))


@dataclass(frozen=True, slots=True)
class SessionSetting:
    """The value of one variable in one session of somebody else."""

    connection_id: int
    account: str
    program: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """What other sessions have. `reason` says why it is not known, and is empty where it is."""

    rows: tuple[SessionSetting, ...] = ()
    reason: str = ""
    truncated: bool = False


@dataclass(slots=True)
class _Origins:
    words: dict[str, str] = field(default_factory=dict)
    changed: dict[str, datetime | None] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


OWN_SET = timedelta(seconds=30)
"""Our session sets its own limits when it logs in, no longer than this before it asks."""

OWN_NAMES = frozenset({
    "autocommit", "character_set_client", "character_set_connection", "character_set_results",
    "collation_connection", "time_zone", "wait_timeout",
})  # fmt: skip
"""What it sets: the driver at the login, and the first step."""


def whole(text: str | None) -> int | None:
    """`text` as an integer, or None."""
    if text is None:
        return None
    number = whole_number(text.removeprefix("-"), MOST)
    return -number if number is not None and text.startswith("-") else number


def read_settings(session: ServerSession) -> Settings:
    """Every global variable, its origin and its persisted value. Needs no privilege for the
    values; what the account may not see is named in `remarks`. Raises ServerError."""
    rows = session.rows("SHOW GLOBAL VARIABLES")
    values = {str(r["Variable_name"]).lower(): sanitize(str(r["Value"])) for r in rows}
    origins = _mariadb_origins(session) if session.info.is_mariadb else _mysql_origins(session)
    persisted = _persisted(session, origins)
    return Settings(
        {
            n: Setting(n, v, origins.words.get(n, ""), n in origins.changed, origins.changed.get(n))
            for n, v in values.items()
        },
        persisted,
        tuple(origins.remarks),
    )


def read_session_settings(session: ServerSession, names: tuple[str, ...]) -> SessionSettings:
    """What the sessions of others have for `names`. Our own session, and others that the wizard
    opened, are left out: they would speak for the wizard, not for the application."""
    if session.info.is_mariadb:
        return SessionSettings(reason="MariaDB does not tell one session another's settings")
    try:
        rows = _rows_by_thread(session, names)
    except QueryDenied as denied:
        return SessionSettings(reason=_why(denied))
    except QueryFailed as failed:
        return SessionSettings(reason=f"sessions' settings could not be read: {failed}")
    if not rows and session.value("SELECT @@global.performance_schema") in (0, "OFF"):
        return SessionSettings(reason="performance_schema is OFF (option file and restart)")
    found = tuple(_session_setting(r) for r in rows)
    return SessionSettings(
        tuple(s for s in found if s.program != OWN_PROGRAM),
        truncated=len(rows) >= MAX_SESSIONS * len(names),
    )


def _rows_by_thread(session: ServerSession, names: tuple[str, ...]) -> list[Row]:
    """A few sessions a statement.

    For each session the server makes all of its variables anew, which takes it 0.1 to 0.4 ms: of
    2,000 at once, 177 to 500 ms (MySQL 9.7). CONCAT() hides the name from its index, by which it
    would make them anew for each name.
    """
    wanted = ", ".join(["%s"] * len(names))
    threads = session.rows(
        "SELECT THREAD_ID AS thread FROM performance_schema.threads WHERE TYPE = 'FOREGROUND'"
        " AND PROCESSLIST_ID <> CONNECTION_ID() AND PROCESSLIST_USER IS NOT NULL"
        f" AND PROCESSLIST_COMMAND <> 'Daemon' LIMIT {MAX_SESSIONS}"
    )
    found: list[Row] = []
    for begin in range(0, len(threads), _SESSIONS_AT_ONCE):
        page = [number_of(row["thread"]) for row in threads[begin : begin + _SESSIONS_AT_ONCE]]
        sql = (
            "SELECT STRAIGHT_JOIN t.PROCESSLIST_ID AS id,"
            " t.PROCESSLIST_USER AS user, t.PROCESSLIST_HOST AS host,"
            " a.ATTR_VALUE AS program, v.VARIABLE_NAME AS name, v.VARIABLE_VALUE AS value"
            " FROM performance_schema.threads t JOIN performance_schema.variables_by_thread v"
            f" ON v.THREAD_ID = t.THREAD_ID AND CONCAT(v.VARIABLE_NAME) IN ({wanted})"
            " LEFT JOIN performance_schema.session_connect_attrs a"
            " ON a.PROCESSLIST_ID = t.PROCESSLIST_ID AND a.ATTR_NAME = 'program_name'"
            f" WHERE t.THREAD_ID IN ({', '.join(map(str, page))})"
            " AND t.PROCESSLIST_USER IS NOT NULL"
        )
        found += session.rows(sql, names)
    return found


def default_for(variable: Variable, info: ServerInfo) -> str | None:
    """The built-in value in the newest known series that is not newer than the server; None
    where that series has no such variable, or the server is older than all of them."""
    series = series_of(info)
    return None if series is None else variable.defaults.get(series)


def series_of(info: ServerInfo) -> str | None:
    """The name under which the knowledge base keeps this server's defaults."""
    flavor = "mariadb" if info.is_mariadb else "mysql"
    fitting = []
    # wait_timeout is in every series.
    for series in load().variables["wait_timeout"].defaults:
        name, _, number = series.partition("-")
        numbers = tuple(int(part) for part in number.split("."))
        if name == flavor and numbers <= info.numbers[: len(numbers)]:
            fitting.append((numbers, series))
    return max(fitting)[1] if fitting else None


def _session_setting(row: Row) -> SessionSetting:
    host = f"@{row['host']}" if row["host"] else ""
    return SessionSetting(
        connection_id=number_of(row["id"]),
        account=sanitize(f"{row['user']}{host}"),
        program=sanitize(str(row["program"] or "")),
        name=str(row["name"]).lower(),
        value=sanitize(str(row["value"])),
    )


def _mysql_origins(session: ServerSession) -> _Origins:
    """performance_schema.variables_info (MySQL 8.0 and later)."""
    origins = _Origins()
    if session.info.numbers < (8, 0, 0):
        origins.remarks.append("MySQL 5.7 does not tell where a value comes from")
        return origins
    try:
        rows = session.rows(
            "SELECT VARIABLE_NAME AS name, VARIABLE_SOURCE AS source, VARIABLE_PATH AS path,"
            " SET_USER AS user, SET_HOST AS host, SET_TIME AS at, UTC_TIMESTAMP(6) AS now_at"
            " FROM performance_schema.variables_info"
        )
    except QueryDenied as denied:
        origins.remarks.append(_why(denied))
        return origins
    except QueryFailed as failed:
        origins.remarks.append(f"where values come from could not be read: {failed}")
        return origins
    for row in rows:
        name = str(row["name"]).lower()
        if _our_own(row):
            continue
        origins.words[name] = _mysql_origin(row)
        if str(row["source"]) == "DYNAMIC":
            at = row["at"]
            origins.changed[name] = at.replace(tzinfo=UTC) if isinstance(at, datetime) else None
    return origins


def _our_own(row: Row) -> bool:
    """Whether the row tells of this very session's SET: it hides what was set globally."""
    at, now = row["at"], row.get("now_at")
    if not isinstance(at, datetime) or not isinstance(now, datetime):
        return False
    if str(row["source"]) != "DYNAMIC" or str(row["name"]).lower() not in OWN_NAMES:
        return False
    return now - at <= OWN_SET


def _mysql_origin(row: Row) -> str:
    source = str(row["source"])
    path = sanitize(str(row["path"] or ""))
    match source:
        case "COMPILED":
            return "built in"
        case "COMMAND_LINE":
            return "command line"
        case "PERSISTED":
            return f"SET PERSIST ({path})" if path else "SET PERSIST"
        case "DYNAMIC":
            by = f" by {row['user']}@{row['host']}" if row["user"] else ""
            at = row["at"]
            when = f" at {at:%Y-%m-%d %H:%M:%S} UTC" if isinstance(at, datetime) else ""
            return sanitize(f"set while running{by}{when}")
        case _:
            return path or sanitize(source.lower())


def _mariadb_origins(session: ServerSession) -> _Origins:
    """information_schema.SYSTEM_VARIABLES; GLOBAL_VALUE_PATH exists since MariaDB 10.5."""
    origins = _Origins()
    try:
        rows = session.rows(
            "SELECT VARIABLE_NAME AS name, GLOBAL_VALUE_ORIGIN AS source,"
            " GLOBAL_VALUE_PATH AS path FROM information_schema.SYSTEM_VARIABLES"
        )
    except (QueryDenied, QueryFailed) as error:
        origins.remarks.append(f"where values come from could not be read: {error}")
        return origins
    words = {
        "COMPILE-TIME": "built in",
        "COMMAND-LINE": "command line",
        "AUTO": "computed at start",
        "SQL": "set while running",
    }
    for row in rows:
        source, path = str(row["source"] or ""), sanitize(str(row["path"] or ""))
        name = str(row["name"]).lower()
        origins.words[name] = path or words.get(source, source.lower())
        if source == "SQL":
            origins.changed[name] = None
    return origins


def _persisted(session: ServerSession, origins: _Origins) -> Mapping[str, str] | None:
    if session.info.is_mariadb or session.info.numbers < (8, 0, 0):
        return None
    try:
        rows = session.rows(
            "SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value"
            " FROM performance_schema.persisted_variables"
        )
    except QueryDenied as denied:
        origins.remarks.append(_why(denied))
        return None
    except QueryFailed as failed:
        origins.remarks.append(f"persisted values could not be read: {failed}")
        return None
    return {str(r["name"]).lower(): sanitize(str(r["value"])) for r in rows}


def _why(denied: QueryDenied) -> str:
    return f"{denied}; {denied.advice}" if denied.advice else str(denied)
