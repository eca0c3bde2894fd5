"""The one statement of a look, and what its rows say. Pure.

The list of sessions is read once: MariaDB makes a table of it each time it is named, which for
2,000 sessions takes several milliseconds. So it comes in one row, the sessions that changed as
one line of JSON each. Sources: SHOW PROCESSLIST's table in information_schema (MariaDB) or
performance_schema (MySQL 8.0.22 and later, which takes no mutex), global status, INNODB_TRX, and
on MySQL the summaries of errors and statements.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto

from wizard.recorder.sample import SessionSeen
from wizard.safety.redact_sql import mask_statement
from wizard.safety.sanitize import sanitize
from wizard.server.answers import number_of, start_by
from wizard.server.session import Row, ServerInfo

MOST_SESSIONS = 5000
"""Changed sessions of one look; a server with more is looked at in part, which is said."""

LONGEST_LIST = 4 << 20
"""Bytes of a list, which are 1024 by default (group_concat_max_len on MySQL)."""

COUNTERS = (
    "Aborted_clients",
    "Aborted_connects",
    "Aborted_connects_preauth",
    "Access_denied_errors",
    "Com_kill",
    "Connection_errors_max_connections",
    "Connection_errors_internal",
    "Connections",
    "Threads_connected",
    "Threads_running",
    "Uptime",
)

LIMITS = ("max_connections", "wait_timeout")
"""Variables that are read with the counters: SET GLOBAL may change them at any time."""

_NOW = "now"

ERRORS = {
    1040: "too-many-connections",
    1153: "packet-too-large",
    1156: "packets out of order",
    1158: "read",
    1159: "read timeout",
    1160: "write",
    1161: "net-write-timeout",
    1317: "interrupted",
    4031: "idle-timeout",
}
"""MySQL's errors that tell how a session ended (Server Error Message Reference)."""


class Also(Enum):
    """What not every server has, or lets every account read."""

    TRANSACTIONS = auto()
    ERRORS = auto()


KILL_EVENT = "statement/sql/kill"

_SHOWN = 120
_STATEMENT = 256
"""Characters of a statement that are fetched."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`ids` are all sessions, `changed` those that work or have changed lately; `errors` are
    totals of the whole server by number, `kills` its KILL statements, None where not counted.
    `started` is when the server was ready, in epoch seconds by its clock; `server` is its name for
    itself, `connection` the one that answered, by the server's own count."""

    ids: frozenset[int]
    changed: Mapping[int, SessionSeen]
    counters: Mapping[str, int]
    errors: Mapping[int, int]
    kills: int | None
    started: int | None = None
    server: str = ""
    connection: int | None = None


def look_statement(info: ServerInfo, name: str, within: int | None, also: Collection[Also]) -> str:
    """All sessions' ids, and what is known of those that have changed.

    That is within so many seconds, or all where `within` is None: thousands of rows a second
    would cost both sides. `name` is what the server answers with its name: a proxy may have
    another server answer than the last time.
    """
    changed = "TRUE" if within is None else f"(COMMAND <> 'Sleep' OR TIME <= {within})"
    session = (
        f"JSON_ARRAY(ID, USER, HOST, COMMAND, TIME, STATE, LEFT(INFO, {_STATEMENT}), LENGTH(INFO))"
    )
    names = ", ".join(f"'{name}'" for name in COUNTERS)
    arms = [
        f"SELECT 'S' AS kind, GROUP_CONCAT(ID) AS a,"
        f" GROUP_CONCAT(IF({changed}, {session}, NULL) SEPARATOR '\\n') AS b FROM {_listed(info)}",
        f"SELECT 'C', VARIABLE_NAME, VARIABLE_VALUE FROM {_status(info)}"
        f" WHERE VARIABLE_NAME IN ({names})",
        *(f"SELECT 'C', '{name}', @@GLOBAL.{name}" for name in (*LIMITS, verbosity(info)[0])),
        f"SELECT 'C', '{_NOW}', UNIX_TIMESTAMP()",
        f"SELECT 'N', CONNECTION_ID(), {name}",
    ]
    if Also.TRANSACTIONS in also:
        arms.append(
            "SELECT 'T', trx_mysql_thread_id, TIMESTAMPDIFF(SECOND, trx_started, NOW())"
            " FROM information_schema.INNODB_TRX"
        )
    if Also.ERRORS in also:
        arms += [
            "SELECT 'E', ERROR_NUMBER, SUM_ERROR_RAISED"
            " FROM performance_schema.events_errors_summary_global_by_error"
            f" WHERE ERROR_NUMBER IN ({', '.join(str(n) for n in ERRORS)})",
            "SELECT 'K', 0, COUNT_STAR"
            " FROM performance_schema.events_statements_summary_global_by_event_name"
            f" WHERE EVENT_NAME = '{KILL_EVENT}'",
        ]
    return " UNION ALL ".join(arms)


def verbosity(info: ServerInfo) -> tuple[str, int]:
    """The variable by which the error log names sessions that ended, and its least value for it."""
    return ("log_warnings", 2) if info.is_mariadb else ("log_error_verbosity", 3)


def _listed(info: ServerInfo) -> str:
    if not info.is_mariadb and info.numbers >= (8, 0, 22):
        return "performance_schema.processlist"
    return "information_schema.PROCESSLIST"


def _status(info: ServerInfo) -> str:
    return f"{'information' if info.is_mariadb else 'performance'}_schema.global_status"


def read_answer(rows: Sequence[Row], at: datetime) -> Answer:
    """What the statement's rows say."""
    by_kind: dict[str, list[Row]] = {}
    for row in rows:
        by_kind.setdefault(str(row["kind"]), []).append(row)
    (sessions,) = by_kind.get("S", [{"a": None, "b": None}])
    ages = {
        number_of(row["a"]): number_of(row["b"])
        for row in by_kind.get("T", ())
        if row["b"] is not None
    }
    kills = [number_of(row["b"]) for row in by_kind.get("K", ())]
    counters = {_text(row["a"]).lower(): number_of(row["b"]) for row in by_kind.get("C", ())}
    now, uptime = counters.pop(_NOW, None), counters.get("uptime")
    (named,) = by_kind.get("N", [{"a": None, "b": None}])
    return Answer(
        frozenset(number_of(word) for word in _text(sessions["a"]).split(",") if word),
        _changed(_text(sessions["b"]), ages, at),
        counters,
        {number_of(row["a"]): number_of(row["b"]) for row in by_kind.get("E", ())},
        kills[0] if kills else None,
        start_by(now, uptime) if now is not None and uptime is not None else None,
        sanitize(_text(named["b"])),
        number_of(_text(named["a"])) if named["a"] is not None else None,
    )


def _text(value: object) -> str:
    """A column of the union, which a server may give as bytes."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)


def _changed(lines: str, ages: Mapping[int, int], at: datetime) -> Mapping[int, SessionSeen]:
    """The sessions of the list; a line that was cut at its end is left out."""
    found = {}
    for line in lines.split("\n")[:MOST_SESSIONS]:
        try:
            values = json.loads(line)
        except ValueError:
            continue
        session = _session(values, at)
        if session.id in ages:
            session = replace(session, transaction_seconds=ages[session.id])
        found[session.id] = session
    return found


def _session(values: Sequence[object], at: datetime) -> SessionSeen:
    number, user, host, command, seconds, state, info, length = values
    shown = mask_statement(str(info))[0][:_SHOWN] if info else ""
    listed = str(host or "")
    name, _, port = listed.rpartition(":")
    return SessionSeen(
        id=number_of(str(number)),
        user=sanitize(str(user or "")),
        host=sanitize(name or listed),
        program="",
        command=sanitize(str(command or "")),
        seconds=number_of(str(seconds or 0).partition(".")[0]),
        state=sanitize(str(state or "")),
        statement=sanitize(shown),
        statement_bytes=number_of(str(length or 0)),
        port=int(port) if name and port.isdecimal() else None,
        seen_at=at,
    )
