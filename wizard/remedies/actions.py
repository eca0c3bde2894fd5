"""What is done at once and cannot be undone: unblocking hosts, ending chosen sessions.

Each is shown first and journalled before it is done. Sessions are ended one by one, by number,
and only where the number still belongs to the one that was shown.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from knowledge.model import Remedy
from wizard.remedies.alone import alone_on_server
from wizard.remedies.journal import Journal
from wizard.remedies.journal_entry import ChangeState, JournalEntry, action_entry
from wizard.remedies.place import ChangePlace
from wizard.safety.errors import WizardError
from wizard.safety.sanitize import sanitize
from wizard.server.answers import number_of
from wizard.server.session import (
    QueryDenied,
    QueryFailed,
    ServerError,
    ServerSession,
)
from wizard.server.variables import MAX_SESSIONS, OWN_PROGRAM
from wizard.units import duration

GONE_WITHIN = 20.0
"""Seconds in which an ended session has to leave: it rolls its transaction back first."""

_NEVER = ("Binlog Dump", "Binlog Dump GTID", "Daemon", "Slave_IO", "Slave_SQL", "Slave_worker")
"""Commands of sessions that are no client's: replicas' readers and the server's own."""

Progress = Callable[[str], None]


class ActionRefused(WizardError):
    """Nothing was done; the message is one line that says why."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One client's session. `idle` is how long it has been in its present state, in seconds."""

    number: int
    account: str
    command: str
    idle: int
    in_transaction: bool = False

    @property
    def told(self) -> str:
        open_work = ", IN A TRANSACTION: it will be rolled back" if self.in_transaction else ""
        return f"{self.number}  {self.account}  {self.command} for {duration(self.idle)}{open_work}"


@dataclass(frozen=True, slots=True)
class Action:
    """What would be done: a statement for each of `about`, in words.

    `is_founded` is false where nothing that the server tells asks for it.
    """

    remedy: Remedy
    statements: tuple[str, ...]
    about: tuple[str, ...]
    sessions: tuple[OpenSession, ...] = ()
    is_founded: bool = True


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of it; `ok` where every statement did what it was to do. `told` are the sessions
    to which KILL was said."""

    ok: bool
    lines: tuple[str, ...]
    entry: JournalEntry
    told: tuple[OpenSession, ...] = ()


def unblocking(remedy: Remedy, session: ServerSession) -> Action:
    """Empty the cache of hosts. Raises ServerError."""
    statement = (
        "FLUSH NO_WRITE_TO_BINLOG HOSTS"
        if session.info.is_mariadb
        else "TRUNCATE TABLE performance_schema.host_cache"
    )
    blocked = _blocked(session)
    about = blocked or (_why_none(session),)
    return Action(remedy, (statement,), about, is_founded=bool(blocked))


def open_sessions(session: ServerSession) -> tuple[OpenSession, ...]:
    """Clients' sessions that could be ended, the longest asleep first. Raises ServerError."""
    rows = session.rows(
        "SELECT ID AS id, USER AS user, HOST AS host, COMMAND AS command, TIME AS time"
        " FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID()"
        " AND USER NOT IN ('system user', 'event_scheduler', 'unauthenticated user')"
        f" ORDER BY COMMAND = 'Sleep' DESC, TIME DESC LIMIT {MAX_SESSIONS}"
    )
    own, working = _own_sessions(session), _in_transaction(session)
    return tuple(
        OpenSession(
            number_of(row["id"]),
            sanitize(f"{row['user']}@{row['host']}"),
            sanitize(str(row["command"])),
            number_of(row["time"] or 0),
            number_of(row["id"]) in working,
        )
        for row in rows
        if str(row["command"]) not in _NEVER and number_of(row["id"]) not in own
    )


def ending(remedy: Remedy, session: ServerSession, numbers: tuple[int, ...]) -> Action:
    """End these sessions, each of which is looked up first. Raises ActionRefused, ServerError."""
    listed = {found.number: found for found in open_sessions(session)}
    if missing := [number for number in numbers if number not in listed]:
        raise ActionRefused(
            f"there is no client's session {missing[0]} (any more): list them again"
        )
    chosen = tuple(listed[number] for number in dict.fromkeys(numbers))
    statements = tuple(f"KILL CONNECTION {found.number}" for found in chosen)
    return Action(remedy, statements, tuple(found.told for found in chosen), chosen)


def act(
    action: Action,
    session: ServerSession,
    journal: Journal,
    label: str,
    identity: str,
    place: ChangePlace,
    progress: Progress = lambda _text: None,
) -> Acted:
    """Do it, statement by statement; what was refused stops the rest. Raises JournalError,
    NotAlone, ConnectionLost before anything is done."""
    with alone_on_server(session):
        entry = action_entry(
            action.remedy.id, label, identity, session.info.flavor, action.statements, place
        )
        journal.record(entry)
        lines: list[str] = []
        told: list[OpenSession] = []
        ok = True
        for number, statement in enumerate(action.statements):
            progress(statement)
            meant = action.sessions[number] if action.sessions else None
            ok, line = _done(session, statement, meant, told)
            lines.append(line)
            if not ok:
                break
        state = ChangeState.DONE if ok else ChangeState.FAILED
        moved = journal.note(entry, state, lines)
    return Acted(ok, tuple(lines), moved, tuple(told))


def _done(
    session: ServerSession, statement: str, meant: OpenSession | None, told: list[OpenSession]
) -> tuple[bool, str]:
    try:
        if meant is not None and not _is_still(session, meant):
            return True, f"{meant.number} is gone already, or is another's now: left alone"
        session.execute(statement)
    except QueryDenied as denied:
        return False, f"{statement} was refused: {denied}. Needed: {denied.advice}"
    except ServerError as error:
        return False, f"{statement} failed: {error}"
    if meant is None:
        return True, f"{statement}: done"
    told.append(meant)
    return _left(session, meant)


def _is_still(session: ServerSession, meant: OpenSession) -> bool:
    """Whether the number belongs to the account and port that were shown."""
    rows = session.rows(
        "SELECT USER AS user, HOST AS host FROM information_schema.PROCESSLIST WHERE ID = %s",
        (meant.number,),
    )
    return any(sanitize(f"{r['user']}@{r['host']}") == meant.account for r in rows)


def _left(session: ServerSession, meant: OpenSession) -> tuple[bool, str]:
    end = time.monotonic() + GONE_WITHIN
    while _is_still(session, meant):
        if time.monotonic() > end:
            return False, (
                f"{meant.number} was told to end and is still there after {GONE_WITHIN:g} s: it"
                " rolls back its transaction"
            )
        time.sleep(0.1)
    return True, f"{meant.number} ({meant.account}) is ended"


def _own_sessions(session: ServerSession) -> frozenset[int]:
    try:
        rows = session.rows(
            "SELECT PROCESSLIST_ID AS id FROM performance_schema.session_connect_attrs"
            " WHERE ATTR_NAME = 'program_name' AND ATTR_VALUE = %s",
            (OWN_PROGRAM,),
        )
    except (QueryDenied, QueryFailed):
        return frozenset()
    return frozenset(number_of(row["id"]) for row in rows)


def _in_transaction(session: ServerSession) -> frozenset[int]:
    """Needs PROCESS; without it, nothing is said of transactions."""
    try:
        rows = session.rows(
            "SELECT trx_mysql_thread_id AS id FROM information_schema.INNODB_TRX LIMIT 5000"
        )
    except (QueryDenied, QueryFailed):
        return frozenset()
    return frozenset(number_of(row["id"]) for row in rows)


def _blocked(session: ServerSession) -> tuple[str, ...]:
    """The hosts that are blocked now, as far as the server tells."""
    try:
        rows = session.rows(
            "SELECT IP AS ip, HOST AS host, SUM_CONNECT_ERRORS AS errors"
            " FROM performance_schema.host_cache"
            " WHERE SUM_CONNECT_ERRORS >= @@global.max_connect_errors LIMIT 50"
        )
    except (QueryDenied, QueryFailed):
        return ()
    return tuple(
        sanitize(f"{r['ip']} ({r['host'] or 'no name'}): {r['errors']} broken handshakes")
        for r in rows
    )


def _why_none(session: ServerSession) -> str:
    """Whether no host is blocked, or nobody can tell."""
    try:
        (row,) = session.rows(
            "SELECT @@global.skip_name_resolve AS unnamed, @@global.host_cache_size AS size,"
            " @@global.performance_schema AS told"
        )
        if number_of(row["unnamed"]):
            return "no host is ever blocked here: skip_name_resolve is ON"
        if not number_of(row["size"]):
            return "no host is ever blocked here: host_cache_size is 0"
        if not number_of(row["told"]):
            return "which hosts are blocked is not told: performance_schema is OFF"
        session.rows("SELECT 1 FROM performance_schema.host_cache LIMIT 1")
    except (QueryDenied, QueryFailed) as error:
        return f"which hosts are blocked is not told: {error}"
    return "no host is blocked now, as far as performance_schema.host_cache tells"
