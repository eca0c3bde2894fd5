"""The first step: connect, and learn who the server is and what this account may see."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from wizard.case import TargetFacts
from wizard.evidence import Evidence, Occurrence, Scalar, StepResult, StepStatus, Table
from wizard.sanitize import sanitize
from wizard.server.flavor import series_of
from wizard.server.privileges import Privileges, grant, read_privileges
from wizard.server.refusals import JUDGED, NO_ANSWER
from wizard.server.session import (
    CannotConnect,
    QueryDenied,
    QueryFailed,
    ServerInfo,
    ServerSession,
)
from wizard.steps.base import Context, Step

SKEW = 5.0
"""Seconds by which the server's clock may differ from this one before a note says so."""

OWN_WAIT_TIMEOUT = 28800
"""Seconds that the wizard's own session may idle, whatever the server's default."""

_VARIABLES = {
    "hostname": "hostname",
    "datadir": "datadir",
    "port": "port",
    "socket": "socket",
    "pid_file": "pid_file",
    "log_error": "log_error",
    "performance_schema": "performance_schema",
    "system_time_zone": "system_time_zone",
}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was read from the server. `now` is its own clock, aware; `offset` is what its local
    time is ahead of UTC, in seconds, or None where it does not tell."""

    info: ServerInfo
    variables: Mapping[str, str]
    now: datetime | None
    offset: int | None
    privileges: Privileges | None
    reads_schema: bool

    @property
    def started(self) -> datetime:
        """When the server started, to the second, by its own clock."""
        now = self.now or datetime.now(UTC)
        return (now - timedelta(seconds=self.info.uptime_seconds)).replace(microsecond=0)


def run(context: Context) -> StepResult:
    """Connect through the context's connector and put the session into the context.

    Facts: flavor, version, series, uptime_seconds, started_at (ISO, UTC), account, tls,
    connection_id, hostname, datadir, port, socket, pid_file, log_error, time_zone,
    server_time_offset_seconds (its local time minus UTC), clock_skew_seconds (its clock minus
    ours), has_process_privilege, has_performance_schema, can_set_global.
    """
    context.progress(f"connecting to {sanitize(context.target.label)}")
    if context.server is not None:
        context.server.close()
        context.server = None
    try:
        session = context.connector.connect()
    except CannotConnect as refused:
        return _refused(context, refused)
    context.server = session
    # A short wait_timeout would cut the wizard while it samples the host, and it would then
    # count its own lost session as evidence.
    session.rows(f"SET SESSION wait_timeout = {OWN_WAIT_TIMEOUT}")
    context.progress("asking who the server is")
    seen = _look(session)
    ours = datetime.now(UTC)
    context.case = replace(context.case, target=_reached(_facts_of(context), seen.info))
    return StepResult(
        id=STEP.id,
        status=StepStatus.DONE,
        headline=_headline(seen),
        evidence=_evidence(context, seen),
        looked_for=(*JUDGED, "state.recent-start"),
        tables=(_identity(context, seen), _privileges(seen)),
        notes=_notes(context, seen, ours),
        facts=_facts(seen, ours),
    )


def _facts_of(context: Context) -> TargetFacts:
    target = context.target
    return replace(
        context.case.target,
        label=sanitize(target.label),
        host=None if target.socket else sanitize(target.host or "localhost"),
        port=None if target.socket else target.port,
        socket=sanitize(target.socket) if target.socket else None,
        user=sanitize(target.user),
    )


def _reached(facts: TargetFacts, info: ServerInfo) -> TargetFacts:
    return replace(
        facts,
        flavor=info.flavor,
        version=info.version,
        reachable=True,
        uptime_seconds=info.uptime_seconds,
    )


def _refused(context: Context, refused: CannotConnect) -> StepResult:
    """No session. A server that answers with an error is reachable all the same."""
    answered = refused.signal not in NO_ANSWER and refused.number not in (2002, 2003, 2005, 2013)
    context.case = replace(context.case, target=replace(_facts_of(context), reachable=answered))
    reason = f"{refused}; {refused.advice}" if refused.advice else str(refused)
    now = datetime.now(UTC)
    evidence = (
        Evidence(
            refused.signal,
            sanitize(str(refused)),
            f"connecting to {sanitize(context.target.label)}",
            first=now,
            last=now,
            occurrences=(Occurrence(at=now),),
        ),
    )
    return StepResult(
        id=STEP.id,
        status=StepStatus.FAILED,
        reason=sanitize(reason),
        headline=sanitize(str(refused)),
        evidence=evidence if refused.signal else (),
        looked_for=JUDGED,
    )


def _look(session: ServerSession) -> _Seen:
    names = ", ".join(f"'{name}'" for name in _VARIABLES.values())
    variables = {
        str(row["Variable_name"]): sanitize(str(row["Value"]))
        for row in session.rows(f"SHOW GLOBAL VARIABLES WHERE Variable_name IN ({names})")
    }
    now, offset = _clock(session)
    schema_on = variables.get("performance_schema", "OFF").upper() in ("ON", "1")
    return _Seen(
        info=session.info,
        variables=variables,
        now=now,
        offset=offset,
        privileges=read_privileges(session),
        reads_schema=schema_on and _answers(session, "performance_schema.host_cache"),
    )


def _clock(session: ServerSession) -> tuple[datetime | None, int | None]:
    """The server's clock, and what its local time is ahead of UTC.

    The session runs in UTC; SYSTEM is the zone in which MariaDB writes its logs.
    """
    try:
        row = session.rows(
            "SELECT UTC_TIMESTAMP(6) AS now, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(),"
            " CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', 'SYSTEM')) AS ahead"
        )[0]
    except (QueryDenied, QueryFailed):
        return None, None
    now: Any = row["now"]
    ahead = row["ahead"]
    return (
        now.replace(tzinfo=UTC) if isinstance(now, datetime) else None,
        int(ahead) if ahead is not None else None,
    )


def _answers(session: ServerSession, table: str) -> bool:
    """Whether this account may read `table`, whatever SHOW GRANTS would say of it."""
    try:
        session.rows(f"SELECT 1 FROM {table} LIMIT 1")
    except (QueryDenied, QueryFailed):
        return False
    return True


def _headline(seen: _Seen) -> str:
    info = seen.info
    return (
        f"{_NAMES.get(info.flavor, 'A server')} {info.version}, as {info.account}, "
        f"up {duration(info.uptime_seconds)} since {seen.started:%Y-%m-%d %H:%M:%S} UTC"
    )


_NAMES = {"mariadb": "MariaDB", "mysql": "MySQL", "percona": "Percona Server"}


def duration(seconds: float) -> str:
    """Seconds in the two largest units that matter: `3 d 4 h`, `12 min 5 s`."""
    left = int(seconds)
    parts: list[str] = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        amount, left = divmod(left, size)
        if amount:
            parts.append(f"{amount} {unit}")
    return " ".join(parts[:2]) or "0 s"


def _evidence(context: Context, seen: _Seen) -> tuple[Evidence, ...]:
    info = seen.info
    answers = Evidence(
        "state.answers",
        f"the server answers now: {_headline(seen)}",
        f"connection {info.connection_id} to {sanitize(context.target.label)}",
        first=seen.now,
        last=seen.now,
    )
    started = seen.started
    if not context.case.window.holds(started):
        return (answers,)
    recent = Evidence(
        "state.recent-start",
        f"the server was started at {started:%Y-%m-%d %H:%M:%S} UTC, inside the window",
        "SHOW STATUS LIKE 'Uptime'",
        first=started,
        last=started,
        value=float(info.uptime_seconds),
        occurrences=(Occurrence(at=started),),
    )
    return (answers, recent)


def _facts(seen: _Seen, ours: datetime) -> dict[str, Scalar]:
    info, variables = seen.info, seen.variables
    port = variables.get("port", "")
    return {
        "flavor": info.flavor,
        "version": info.version,
        "series": series_of(info.flavor, info.numbers),
        "uptime_seconds": info.uptime_seconds,
        "started_at": seen.started.isoformat(),
        "account": info.account,
        "tls": info.tls,
        "connection_id": info.connection_id,
        "hostname": variables.get("hostname"),
        "datadir": variables.get("datadir"),
        "port": int(port) if port.isascii() and port.isdigit() else None,
        "socket": variables.get("socket"),
        "pid_file": variables.get("pid_file"),
        "log_error": variables.get("log_error"),
        "time_zone": variables.get("system_time_zone"),
        "server_time_offset_seconds": seen.offset,
        "clock_skew_seconds": round((seen.now - ours).total_seconds(), 1) if seen.now else None,
        "has_process_privilege": _may(seen, "PROCESS"),
        "has_performance_schema": seen.reads_schema,
        "can_set_global": _may(seen, *_setters(info)),
    }


def _may(seen: _Seen, *names: str) -> bool | None:
    """Whether the account holds one of `names`; None where SHOW GRANTS did not tell."""
    return None if seen.privileges is None else seen.privileges.has(*names)


def _setters(info: ServerInfo) -> tuple[str, ...]:
    return ("SUPER",) if info.is_mariadb else ("SYSTEM_VARIABLES_ADMIN", "SUPER")


def _identity(context: Context, seen: _Seen) -> Table:
    info, variables = seen.info, seen.variables
    rows = (
        ("server", f"{_NAMES.get(info.flavor, 'unknown')} {info.version}"),
        ("reached by", sanitize(context.target.label)),
        ("target", sanitize(context.target.origin) or "as given"),
        ("account", info.account),
        ("TLS", info.tls or "none"),
        ("connection id", str(info.connection_id)),
        ("up", f"{duration(info.uptime_seconds)}, since {seen.started:%Y-%m-%d %H:%M:%S} UTC"),
        ("host name", variables.get("hostname", "")),
        ("data directory", variables.get("datadir", "")),
        ("error log", variables.get("log_error") or "standard error (journal or console)"),
        ("time zone", _zone(seen)),
    )
    return Table("Server", ("what", "value"), rows)


def _zone(seen: _Seen) -> str:
    name = seen.variables.get("system_time_zone", "")
    if seen.offset is None:
        return name
    sign = "-" if seen.offset < 0 else "+"
    hours, minutes = divmod(abs(seen.offset) // 60, 60)
    return f"{name} (UTC{sign}{hours:02d}:{minutes:02d})".strip()


def _privileges(seen: _Seen) -> Table:
    """What this account may see and do here, and the GRANT that would add what is missing."""
    info = seen.info
    setter = _setters(info)[0]
    schema_on = seen.variables.get("performance_schema", "OFF").upper() in ("ON", "1")
    asked = [
        ("every account's sessions", _may(seen, "PROCESS"), "PROCESS", "*.*"),
        ("the state of InnoDB", _may(seen, "PROCESS"), "PROCESS", "*.*"),
        ("change a setting", _may(seen, *_setters(info)), setter, "*.*"),
    ]
    if schema_on:
        reads = ("counters by error and by host", seen.reads_schema, "SELECT")
        asked.insert(1, (*reads, "performance_schema.*"))
    rows = tuple(
        (what, _WORDS[may], "" if may else grant(privilege, place, info.account))
        for what, may, privilege, place in asked
    )
    note = "" if schema_on else "performance_schema is off: errors are not counted by kind"
    return Table("What this account may see", ("what", "may", "granted by"), rows, note)


_WORDS = {True: "yes", False: "no", None: "unknown"}


def _notes(context: Context, seen: _Seen, ours: datetime) -> tuple[str, ...]:
    notes: list[str] = []
    if _may(seen, "PROCESS") is False:
        notes.append("without PROCESS this account sees its own sessions only")
    if not seen.info.tls and not context.target.is_loopback:
        notes.append("the connection is not encrypted")
    if seen.now is not None and abs((seen.now - ours).total_seconds()) > SKEW:
        skew = (seen.now - ours).total_seconds()
        way = "ahead of" if skew > 0 else "behind"
        notes.append(f"the server's clock is {duration(abs(skew))} {way} this one")
    return tuple(notes)


STEP = Step(
    id="connection",
    title="Server",
    purpose="Connect to the server, and learn what it is and what this account may see.",
    run=run,
)
