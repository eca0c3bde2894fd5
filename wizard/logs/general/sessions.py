"""What each connection of a general log did. Pure; everything kept is bounded."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from wizard.logs.general.lines import GeneralEntry, seconds_between
from wizard.safety.redact import mask_secrets
from wizard.safety.redact_sql import mask_statement
from wizard.safety.sanitize import sanitize

MOST_SESSIONS = 20_000
"""Sessions that are kept; those beyond are only counted."""

REST = 1.0
"""Seconds of silence that count as a rest: log times of MariaDB are whole seconds."""

RESTED = 100
"""So many sessions are shown, if all of them have said Quit."""

_MOST = 200
_EXCERPT = 2000
_STATEMENTS = frozenset({"Query", "Execute"})
_OWN = b"/* goneaway-wizard */"
_ACCOUNT = re.compile(
    rb"^(?P<user>[^\n]{0,100}?)@(?P<host>[^\s@]{1,260})(?: as [^\n]{0,200}?)?"
    rb" on (?P<db>[^\n]{0,70}?)(?: using (?P<way>[^\n]{1,40}))?\s*$"
)
_BEGIN = re.compile(rb"\s*(?:/\*.{0,200}?\*/\s*)?(?:BEGIN|START\s+TRANSACTION)\b", re.I | re.S)
_END = re.compile(
    rb"\s*(?:/\*.{0,200}?\*/\s*)?(?:COMMIT|ROLLBACK(?!\s+(?:WORK\s+)?TO\b)|(?:CREATE|ALTER|DROP"
    rb"|TRUNCATE|RENAME|LOCK\s+TABLES|GRANT|REVOKE)\b)", re.I | re.S
)  # fmt: skip
_AUTOCOMMIT = re.compile(rb"\s*SET\s+(?:SESSION\s+|@@(?:SESSION\.)?)?AUTOCOMMIT\s*=\s*(\w+)", re.I)
_SET = re.compile(rb"\s*(?:/\*.{0,200}?\*/\s*)?SET\b", re.I | re.S)
_KILL = re.compile(
    rb"\s*KILL\s+(?:(?P<kind>QUERY|CONNECTION|HARD|SOFT)\s+)*(?P<id>\d{1,20})(?!\d)", re.I
)
_TIMEOUT = re.compile(
    rb"\bSET\s(?:[^;]{0,300}?[\s,])?(?:SESSION\s+|LOCAL\s+|@@(?:SESSION\.|LOCAL\.)?)?"
    rb"(?P<name>wait_timeout|interactive_timeout)\s*:?=\s*(?P<value>\d{1,9})", re.I
)  # fmt: skip
_GLOBAL_TIMEOUT = re.compile(rb"\bGLOBAL\b|@@GLOBAL", re.I)
_PINGS = re.compile(
    rb"\s*(?:/\*.{0,60}?\*/\s*)?(?:SELECT\s+1|DO\s+1|SELECT\s+1\s+FROM\s+DUAL)\s*;?\s*\Z",
    re.I | re.S,
)


_TELLING = re.compile(
    rb"\s*(?:/\*|SET\b|KILL\b|BEGIN|START|COMMIT|ROLLBACK|CREATE|ALTER|DROP|TRUNCATE|RENAME|LOCK"
    rb"|GRANT|REVOKE|SELECT\s+1|DO\s)", re.I
)  # fmt: skip
"""How a statement begins that may be more than one of many: all of the above begin so."""


@dataclass(frozen=True, slots=True)
class KillSeen:
    """A KILL: when, of which connection, and whether of its statement only."""

    at: datetime | None
    victim: int
    query_only: bool


@dataclass(slots=True)
class SessionSeen:
    """One connection, from its first entry to its last.

    `connected` says that its Connect is in the log, `quit` its Quit. `settings` counts the
    statements that are a SET, as drivers send at login. `longest_rest` is in seconds; `rests`
    counts those of REST and more, `pings_after_rest` how many of them ended with a ping.
    `open_rest` is the longest silence inside a transaction; `nested_begins` counts transactions
    that began inside another. `last_said` is its last entry but Quit, masked; only of those that
    may be shown, which are those that said no Quit and the RESTED that rested longest.
    """

    connection_id: int
    user: str = ""
    host: str = ""
    database: str = ""
    transport: str = ""
    program: str = ""
    first: datetime | None = None
    last: datetime | None = None
    connected: bool = False
    refused: bool = False
    quit: bool = False
    own: bool = False
    statements: int = 0
    settings: int = 0
    pings: int = 0
    size: int = 0
    largest: int = 0
    largest_at: datetime | None = None
    longest_rest: float = 0.0
    rests: int = 0
    pings_after_rest: int = 0
    in_transaction: bool = False
    autocommit: bool = True
    open_rest: float = 0.0
    nested_begins: int = 0
    kills: list[KillSeen] = field(default_factory=list)
    timeouts: dict[str, int] = field(default_factory=dict)
    last_said: str = ""

    @property
    def account(self) -> str:
        return f"{self.user}@{self.host}" if self.user or self.host else "unknown"


@dataclass(frozen=True, slots=True)
class Workload:
    """A whole log. `unlisted` counts sessions beyond MOST_SESSIONS. Our own sessions are left
    out: `own` are their ids, `own_entries` counts what they said."""

    sessions: tuple[SessionSeen, ...]
    entries: int
    size: int
    first: datetime | None
    last: datetime | None
    unlisted: int = 0
    own_entries: int = 0
    own: frozenset[int] = frozenset()


def masked(text: bytes) -> str:
    """A statement as it may be shown: no literal, no secret, no control character."""
    shown = mask_secrets(text[:_EXCERPT].decode("utf-8", "replace")).text
    return sanitize(mask_statement(shown.lstrip())[0])


def read_sessions(
    found: Iterable[GeneralEntry],
    programs: Mapping[int, str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Workload:
    """`programs` by connection id, where they are known."""
    tally = _Tally()
    for entry in found:
        if since and entry.at and entry.at < since:
            continue
        if until and entry.at and entry.at > until:
            break
        tally.take(entry)
    tally.mask_last()
    sessions = tally.sessions.values()
    for session in sessions:
        session.program = sanitize((programs or {}).get(session.connection_id, ""))
    return Workload(
        tuple(s for s in sessions if not s.own),
        tally.entries,
        tally.size,
        tally.first,
        tally.last,
        len(tally.unlisted),
        tally.own_entries,
        frozenset(s.connection_id for s in sessions if s.own),
    )


class _Tally:
    def __init__(self) -> None:
        self.sessions: dict[int, SessionSeen] = {}
        self._last: dict[int, tuple[str, bytes]] = {}
        self.closed = 0
        self.unlisted: set[int] = set()
        self.entries = self.size = self.own_entries = 0
        self.first: datetime | None = None
        self.last: datetime | None = None

    def take(self, entry: GeneralEntry) -> None:
        number, command, text, at = entry.connection_id, entry.command, entry.text, entry.at
        session = self.sessions.get(number)
        if session is None or command == "Connect":
            session = self._session(entry)
        telling = _TELLING.match(text) is not None
        if (session is not None and session.own) or (telling and text.startswith(_OWN)):
            self.own_entries += 1
            if session is not None:
                session.own = True
        else:
            self.entries += 1
            self.size += entry.size
        if at is not self.last and at is not None:
            self.first = self.first or at
            self.last = at
        if session is not None:
            _take(session, entry, telling)
            if command != "Quit":
                self._last[number] = command, text[:_EXCERPT]

    def mask_last(self) -> None:
        """Tells what sessions said last, without its literals; of the others nothing is kept."""
        shown = [item for item in self.sessions.items() if not item[1].own]
        longest = sorted(shown, key=lambda item: -item[1].longest_rest)[:RESTED]
        unfinished = (item for item in shown if not item[1].quit)
        for number, session in {**dict(longest), **dict(unfinished)}.items():
            command, text = self._last.get(number, ("", b""))
            session.last_said = f"{command} {masked(text)}".strip()
        self._last.clear()

    def _session(self, entry: GeneralEntry) -> SessionSeen | None:
        known = self.sessions.get(entry.connection_id)
        if known is not None and not (entry.command == "Connect" and known.statements):
            return known
        if known is not None:
            # The server was restarted: its numbers begin again.
            self.closed += 1
            self.sessions[-self.closed] = known
            if (said := self._last.pop(entry.connection_id, None)) is not None:
                self._last[-self.closed] = said
        elif len(self.sessions) >= MOST_SESSIONS:
            if len(self.unlisted) < MOST_SESSIONS * 10:
                self.unlisted.add(entry.connection_id)
            return None
        made = SessionSeen(entry.connection_id, first=entry.at)
        self.sessions[entry.connection_id] = made
        return made


def _take(session: SessionSeen, entry: GeneralEntry, telling: bool) -> None:
    """`telling` as _TELLING has it."""
    command, text, at, size = entry.command, entry.text, entry.at, entry.size
    is_ping = command == "Ping" or (telling and _is_ping(entry))
    if is_ping:
        session.pings += 1
    if at is not session.last:  # else no time went by
        _rest(session, entry, is_ping)
        session.last = at or session.last
    if command in _STATEMENTS:
        session.statements += 1
        session.size += size
        if size > session.largest:
            session.largest, session.largest_at = size, at
        if telling:
            _statement(session, entry)
        elif not session.autocommit:
            session.in_transaction = True
        if b"_timeout" in text:
            _timeouts(session, text)
    elif command in ("Connect", "Change user"):
        _connect(session, text)
    elif command == "Init DB":
        session.database = sanitize(text.decode("utf-8", "replace"))
    elif command == "Quit":
        session.quit = True


def _rest(session: SessionSeen, entry: GeneralEntry, is_ping: bool) -> None:
    silence = seconds_between(session.last, entry.at)
    if silence < REST or entry.command == "Quit":
        if silence > session.longest_rest:
            session.longest_rest = silence
        return
    session.rests += 1
    session.pings_after_rest += is_ping
    session.longest_rest = max(session.longest_rest, silence)
    if session.in_transaction:
        session.open_rest = max(session.open_rest, silence)


def _is_ping(entry: GeneralEntry) -> bool:
    return entry.command == "Query" and entry.size < 100 and bool(_PINGS.match(entry.text))


def _connect(session: SessionSeen, text: bytes) -> None:
    session.connected = True
    if text.startswith(b"Access denied"):
        session.refused = True
        return
    found = _ACCOUNT.match(text)
    if found is None:
        return
    session.user, session.host = _shown(found["user"]), _shown(found["host"])
    session.database = _shown(found["db"])
    session.transport = _shown(found["way"] or b"")


def _shown(text: bytes) -> str:
    return sanitize(text.decode("utf-8", "replace"))


def _statement(session: SessionSeen, entry: GeneralEntry) -> None:
    text = entry.text
    session.settings += bool(_SET.match(text))
    _transaction(session, text)
    if (kill := _KILL.match(text)) and len(session.kills) < _MOST:
        kind = (kill["kind"] or b"").upper()
        session.kills.append(KillSeen(entry.at, int(kill["id"]), kind == b"QUERY"))


def _timeouts(session: SessionSeen, text: bytes) -> None:
    if not _GLOBAL_TIMEOUT.search(text):
        for setting in _TIMEOUT.finditer(text[:_EXCERPT]):
            session.timeouts[setting["name"].decode().lower()] = int(setting["value"])


def _transaction(session: SessionSeen, text: bytes) -> None:
    if _BEGIN.match(text):
        session.nested_begins += session.in_transaction and session.autocommit
        session.in_transaction = True
    elif _END.match(text):
        session.in_transaction = False
    elif found := _AUTOCOMMIT.match(text):
        session.autocommit = found[1].lower() not in (b"0", b"off", b"false")
        session.in_transaction = False
    elif not session.autocommit:
        session.in_transaction = True
