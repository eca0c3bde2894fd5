"""Sessions that still hold the value from before a change, by account and program.

A session copies such a variable at login. MySQL tells each session's own value
(performance_schema.variables_by_thread). Elsewhere a connection's number tells: numbers only
rise, and the journal keeps the one of a session that was opened right after the change.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.load import load
from wizard.remedies.journal_entry import JournalEntry
from wizard.remedies.undo import gone_by_restart
from wizard.safety.sanitize import sanitize
from wizard.server.answers import number_of
from wizard.server.privileges import sees_all_sessions
from wizard.server.session import QueryDenied, QueryFailed, ServerSession
from wizard.server.values import same
from wizard.server.variables import MAX_SESSIONS, OWN_PROGRAM, read_session_settings

MAX_POOLS = 8
"""Pools that are told one by one."""

_NO_CLIENT = "('system user', 'event_scheduler', 'unauthenticated user')"


@dataclass(frozen=True, slots=True)
class Pool:
    """The sessions of one account from one machine and, where known, of one program."""

    account: str
    program: str
    old: int
    total: int

    @property
    def told(self) -> str:
        program = f" ({self.program})" if self.program else ""
        return f"the pool of {self.account}{program} still has {self.old} of {self.total}"


@dataclass(frozen=True, slots=True)
class OpenSessions:
    """`pools` are those with a session that holds the old value, the largest first. `reason`
    says why it is not known, and is empty where it is."""

    pools: tuple[Pool, ...] = ()
    total: int = 0
    reason: str = ""

    @property
    def old(self) -> int:
        return sum(pool.old for pool in self.pools)

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.reason:
            yield f"which sessions still hold the old value is not known: {self.reason}"
        elif not self.pools:
            yield "no open session holds the old value"
        for pool in self.pools[:MAX_POOLS]:
            yield pool.told
        if len(self.pools) > MAX_POOLS:
            yield f"and {len(self.pools) - MAX_POOLS} more pools"


def holders(entry: JournalEntry, session: ServerSession) -> OpenSessions | None:
    """Who holds the old value of `entry`; None where no session copies what it changed. Raises
    ConnectionLost."""
    known = load().variables
    copied = tuple(c for c in entry.changes if c.name in known and known[c.name].applies == "new")
    if not copied:
        return None
    if gone_by_restart(entry, session):
        return OpenSessions()
    if not session.info.is_mariadb:
        values = {c.name: c.new for c in copied}
        told = read_session_settings(session, tuple(values))
        if not told.reason and told.rows:
            old, all_of = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
            behind = {r.connection_id for r in told.rows if not same(r.value, values[r.name])}
            for number, who in {
                r.connection_id: (place_of_account(r.account), r.program) for r in told.rows
            }.items():
                all_of[who] += 1
                old[who] += number in behind
            return _pools(old, all_of)
    return _by_number(entry, session)


def _by_number(entry: JournalEntry, session: ServerSession) -> OpenSessions:
    if not entry.boundary:
        return OpenSessions(reason="the journal does not tell the first session after the change")
    try:
        rows = session.rows(
            "SELECT ID AS id, USER AS user, HOST AS host FROM information_schema.PROCESSLIST"
            f" WHERE USER NOT IN {_NO_CLIENT}"
            " AND COMMAND NOT IN ('Daemon', 'Binlog Dump', 'Binlog Dump GTID')"
            f" AND ID <> CONNECTION_ID() LIMIT {MAX_SESSIONS}"
        )
    except (QueryDenied, QueryFailed) as error:
        return OpenSessions(reason=str(error))
    old, all_of = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    own = session.info.account.partition("@")[0]
    for row in rows:
        who = (place_of_account(sanitize(f"{row['user']}@{row['host']}")), "")
        all_of[who] += 1
        old[who] += number_of(row["id"]) < entry.boundary
    found = _pools(old, all_of)
    if _sees_only_own(all_of, own) and not sees_all_sessions(session):
        return OpenSessions(reason="other accounts' sessions are seen with PROCESS alone")
    return found


def _sees_only_own(all_of: "Counter[tuple[str, str]]", own: str) -> bool:
    return all(account.partition("@")[0] == own for account, _program in all_of)


def place_of_account(account: str) -> str:
    """Without the client's port, which is another for each session."""
    user, at, host = account.partition("@")
    name, colon, port = host.rpartition(":")
    return f"{user}{at}{name}" if colon and port.isdecimal() else account


def _pools(old: "Counter[tuple[str, str]]", all_of: "Counter[tuple[str, str]]") -> OpenSessions:
    found = (
        Pool(account, program, old[account, program], count)
        for (account, program), count in all_of.items()
        if old[account, program] and program != OWN_PROGRAM
    )
    ordered = sorted(found, key=lambda pool: (-pool.old, pool.account, pool.program))
    return OpenSessions(tuple(ordered), sum(all_of.values()))
