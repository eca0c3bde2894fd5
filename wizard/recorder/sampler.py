"""Takes a sample of the server in one statement; two more on MySQL, where errors are summed.

Sources: SHOW PROCESSLIST's table in information_schema (MariaDB) or performance_schema (MySQL
8.0.22 and later, which takes no mutex), global status, and on MySQL
events_errors_summary_by_account_by_error and events_statements_summary_by_account_by_event_name.
"""

import math
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from wizard.recorder.sample import AccountError, Sample, SessionSeen
from wizard.safety.redact_sql import mask_statement
from wizard.safety.sanitize import sanitize
from wizard.server.identity import server_name
from wizard.server.session import QueryDenied, QueryFailed, Row, ServerSession

MOST_SESSIONS = 5000
"""Sessions of one sample; a server with more is sampled in part, which is said."""

COUNTERS = (
    "Aborted_clients",
    "Aborted_connects",
    "Access_denied_errors",
    "Com_kill",
    "Connection_errors_max_connections",
    "Connection_errors_internal",
    "Connections",
    "Threads_connected",
    "Threads_running",
    "Uptime",
)

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

_KILL = re.compile(r"\s*KILL\s+(?:HARD\s+|SOFT\s+)?(?:CONNECTION\s+)?(\d+)\s*;?\s*$", re.IGNORECASE)
"""A statement that ends a session; KILL QUERY ends only what the session runs."""

ROUNDED = 2
"""Seconds by which whole ones may err."""

_LONGEST_LIST = 1 << 20
"""Bytes of a list of ids, which is 1024 by default (group_concat_max_len on MySQL)."""

_SHOWN = 120
_STATEMENT = 256
"""Characters of a statement that are fetched."""


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """What tells this server from another, and its limits. Asked once a connection."""

    name: str
    max_connections: int
    wait_timeout: int


class Sampler:
    """Takes samples over one session, which it does not own."""

    def __init__(self, session: ServerSession) -> None:
        self._session = session
        self._summaries = session.info.has_error_summary
        self._identity: ServerIdentity | None = None
        self._known: dict[int, SessionSeen] = {}
        self._took_at: float | None = None
        with suppress(QueryDenied, QueryFailed):
            session.execute(f"SET SESSION group_concat_max_len = {_LONGEST_LIST}")

    @property
    def identity(self) -> ServerIdentity:
        """Raises ServerError."""
        if self._identity is None:
            self._identity = _identity(self._session)
        return self._identity

    def take(self) -> Sample:
        """A sample of this moment, without our own session. Raises ConnectionLost, ServerError."""
        name = self.identity.name
        began = time.monotonic()
        rows = self._session.rows(_statement(self._session, self._since(began)))
        at = datetime.now().astimezone()
        took = time.monotonic() - began
        self._took_at = began
        seen = {s.id: s for s in (_session(row, at) for row in rows if row["kind"] == "S")}
        listed = [row["c"] for row in rows if row["kind"] == "I"]
        self._known = {**self._still_there(listed), **seen}
        self._known.pop(self._session.info.connection_id, None)
        counters = {str(row["a"]).lower(): int(row["b"]) for row in rows if row["kind"] == "C"}
        errors, kills = self._by_account() if self._summaries else ({}, {})
        return Sample(
            at,
            name,
            self._known,
            counters,
            errors,
            kills,
            took,
            self.identity.wait_timeout,
            cut=len(seen) >= MOST_SESSIONS,
        )

    def _since(self, now: float) -> int | None:
        """Seconds within which a session has changed that is to be looked at; None for all."""
        if self._took_at is None:
            return None
        return math.ceil(now - self._took_at) + ROUNDED

    def _still_there(self, listed: Sequence[object]) -> dict[int, SessionSeen]:
        """The sessions that rest since an earlier sample."""
        text = next((str(ids) for ids in listed if ids is not None), "")
        numbers = (int(word) for word in text.split(",") if word.isdigit())
        known = self._known
        return {number: known[number] for number in numbers if number in known}

    def _by_account(self) -> tuple[Mapping[AccountError, int], Mapping[str, int]]:
        """Errors and KILLs by account; nothing from then on where that may not be read."""
        try:
            rows = self._session.rows(_SUMMARIES)
        except (QueryDenied, QueryFailed):
            self._summaries = False
            return {}, {}
        errors = {
            AccountError(sanitize(str(row["account"])), int(row["number"])): int(row["raised"])
            for row in rows
            if row["number"]
        }
        kills = {
            sanitize(str(row["account"])): int(row["raised"]) for row in rows if not row["number"]
        }
        return errors, kills

    def killers(self) -> Mapping[int, str]:
        """Who killed which connection, of the KILL statements that are still remembered.

        MySQL keeps each thread's last ten statements (events_statements_history); elsewhere
        nothing is known.
        """
        if not self._summaries:
            return {}
        try:
            rows = self._session.rows(_KILL_STATEMENTS)
        except (QueryDenied, QueryFailed):
            return {}
        found: dict[int, str] = {}
        for row in rows:
            ended = _KILL.match(str(row["text"]))
            if ended is not None:
                found[int(ended[1])] = sanitize(str(row["account"]))
        return found


def _identity(session: ServerSession) -> ServerIdentity:
    row = session.rows("SELECT @@GLOBAL.max_connections AS most, @@GLOBAL.wait_timeout AS idle")[0]
    return ServerIdentity(server_name(session), int(row["most"]), int(row["idle"]))


def _statement(session: ServerSession, within: int | None) -> str:
    """Sessions that work, or have changed within so many seconds; of all, the ids.

    Thousands of rows a second of sessions at rest would cost both sides.
    """
    info = session.info
    listed = "information_schema.PROCESSLIST"
    status = "information_schema.GLOBAL_STATUS"
    if not info.is_mariadb:
        status = "performance_schema.global_status"
        if info.numbers >= (8, 0, 22):
            listed = "performance_schema.processlist"
    names = ", ".join(f"'{name}'" for name in COUNTERS)
    changed = "" if within is None else f" WHERE COMMAND <> 'Sleep' OR TIME <= {within}"
    return (
        "SELECT 'S' AS kind, p.ID AS a, p.USER AS b, p.HOST AS c, p.COMMAND AS d, p.TIME AS e,"
        f" p.STATE AS f, LEFT(p.INFO, {_STATEMENT}) AS g, LENGTH(p.INFO) AS h,"
        " TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) AS i"
        f" FROM (SELECT * FROM {listed}{changed} LIMIT {MOST_SESSIONS}) p"
        " LEFT JOIN information_schema.INNODB_TRX t ON t.trx_mysql_thread_id = p.ID"
        " UNION ALL SELECT 'I', NULL, NULL, GROUP_CONCAT(ID), NULL, NULL, NULL, NULL, NULL, NULL"
        f" FROM {listed}"
        " UNION ALL SELECT 'C', VARIABLE_NAME, VARIABLE_VALUE, NULL, NULL, NULL, NULL, NULL, NULL,"
        f" NULL FROM {status} WHERE VARIABLE_NAME IN ({names})"
    )


_SUMMARIES = (
    "SELECT CONCAT(USER, '@', HOST) AS account, ERROR_NUMBER AS number,"
    " SUM_ERROR_RAISED AS raised FROM performance_schema.events_errors_summary_by_account_by_error"
    f" WHERE ERROR_NUMBER IN ({', '.join(str(n) for n in ERRORS)})"
    " AND SUM_ERROR_RAISED > 0 AND USER IS NOT NULL"
    " UNION ALL SELECT CONCAT(USER, '@', HOST), 0, COUNT_STAR"
    " FROM performance_schema.events_statements_summary_by_account_by_event_name"
    " WHERE EVENT_NAME = 'statement/sql/kill' AND COUNT_STAR > 0 AND USER IS NOT NULL"
)

_KILL_STATEMENTS = (
    "SELECT CONCAT(t.PROCESSLIST_USER, '@', t.PROCESSLIST_HOST) AS account, h.SQL_TEXT AS text"
    " FROM performance_schema.events_statements_history h"
    " JOIN performance_schema.threads t ON t.THREAD_ID = h.THREAD_ID"
    " WHERE h.EVENT_NAME = 'statement/sql/kill' AND h.SQL_TEXT IS NOT NULL"
    " AND h.MYSQL_ERRNO = 0 ORDER BY h.TIMER_START LIMIT 1000"
)


def _session(row: Row, at: datetime) -> SessionSeen:
    info = row["g"]
    shown = mask_statement(str(info))[0][:_SHOWN] if info else ""
    listed = str(row["c"] or "")
    host, _, port = listed.rpartition(":")
    return SessionSeen(
        id=int(row["a"]),
        user=sanitize(str(row["b"] or "")),
        host=sanitize(host or listed),
        program="",
        command=sanitize(str(row["d"] or "")),
        seconds=int(row["e"] or 0),
        state=sanitize(str(row["f"] or "")),
        statement=sanitize(shown),
        statement_bytes=int(row["h"] or 0),
        transaction_seconds=None if row["i"] is None else int(row["i"]),
        port=int(port) if host and port.isdigit() else None,
        seen_at=at,
    )
