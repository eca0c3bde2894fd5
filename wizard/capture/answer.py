"""What a capture held, for the command line and the screens."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from wizard import units
from wizard.capture.held import People, limits_of, workload
from wizard.capture.logging_state import CaptureKind
from wizard.capture.source import CapturedLog
from wizard.capture.table_part import MOST_ROWS
from wizard.case.evidence import Evidence, Table
from wizard.case.json_codec import encode
from wizard.logs.general.patterns import looked_for, patterns
from wizard.logs.general.tables import tables
from wizard.logs.slow import patterns as slow_patterns
from wizard.logs.slow.lines import blocks_of_rows
from wizard.logs.slow.table_rows import rows_of_table
from wizard.logs.slow.tables import tables as slow_tables
from wizard.logs.slow.tally import digest
from wizard.server.clock_zone import zone_of
from wizard.server.session import ServerSession
from wizard.server.statement_limits import read_slow_limits
from wizard.server.variables import whole

Facts = dict[str, str | int | float | bool | None]

_LIMITS = ("wait_timeout", "interactive_timeout", "max_allowed_packet")


@dataclass(frozen=True, slots=True)
class Answer:
    """`facts` are the capture's own: when, how long, where, how it ended. `empty` says what it
    means that nothing was logged, and what to try; no flag and no key is named in it."""

    facts: Facts
    evidence: tuple[Evidence, ...]
    looked_for: tuple[str, ...]
    tables: tuple[Table, ...]
    empty: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "schema_version": 1,
            "capture": dict(self.facts),
            "evidence": [encode(found) for found in self.evidence],
            "looked_for": list(self.looked_for),
            "tables": [encode(table) for table in self.tables],
        }


def answer_of(
    log: CapturedLog, before: People | None, after: People | None, began: datetime, how: str
) -> Answer:
    """Reads what the capture held; the log is back as it was. Raises ServerError."""
    session = log.session()
    zone = zone_of(session)
    source = f"the {log.kind} log, captured at {units.moment(began)}"
    if log.kind is CaptureKind.SLOW:
        return _slow(log, session, zone, source, _facts(log, began, how))
    work = workload(log, zone, before, after)
    limits = limits_of(_limits(session), after)
    facts = _facts(log, began, how)
    facts["connections"], facts["entries"] = len(work.sessions), work.entries
    facts["own_entries"], facts["bytes"] = work.own_entries, work.size
    facts["text"] = (
        f"{facts['text']}: {units.many(len(work.sessions), 'connection')}, "
        f"{units.many(work.entries, 'entry', 'entries')}, "
        f"{units.size(work.size)} of statements{_cut(log, work.entries + work.own_entries)}"
    )
    silent = _nothing_said(len(work.sessions)) if not work.entries else ""
    return Answer(
        facts, patterns(work, limits, source), looked_for(limits), tables(work, limits), silent
    )  # fmt: skip


def _nothing_said(connections: int) -> str:
    """What a general log that holds nothing but ours tells."""
    there = (
        f"{connections} connections stood open and rested"
        if connections
        else "and as far as is seen nobody was connected"
    )
    return (
        f"nobody connected, said a statement or left in that time; {there}: the application was "
        "idle, or it works with another server. Capture while it works, or for longer"
    )


def _nothing_slow(seconds: float | None) -> str:
    over = "" if seconds is None else f" than {seconds:g} s"
    return (
        f"no statement took longer{over} in that time; sessions that were open before keep the "
        "limit that they copied at login. Give a smaller limit, or a longer time"
    )


def _slow(
    log: CapturedLog, session: ServerSession, zone: tzinfo, source: str, facts: Facts
) -> Answer:
    found = digest(
        blocks_of_rows(log.chunks(), zone) if log.reads_file else rows_of_table(log.rows())
    )
    limits = read_slow_limits(session)
    facts["statements"] = found.entries
    told = f"{units.many(found.entries, 'statement')}, {found.seconds:.1f} s in all"
    facts["text"] = f"{facts['text']}: {told}{_cut(log, found.entries)}"
    return Answer(
        facts,
        slow_patterns.patterns(found, limits, (), source),
        slow_patterns.looked_for(limits, with_failures=False),
        slow_tables(found, limits),
        "" if found.entries else _nothing_slow(log.long),
    )


def _cut(log: CapturedLog, rows: int) -> str:
    if log.reads_file or rows < MOST_ROWS:
        return ""
    return f"; of the table only the first {MOST_ROWS:,} rows were read"


def _facts(log: CapturedLog, began: datetime, how: str) -> Facts:
    ended = datetime.now().astimezone()
    return {
        "text": f"the {log.kind} log from {units.moment(began)} on, for "
        f"{units.duration(round((ended - began).total_seconds()))} ({log.ended_by}; {how})",
        "kind": log.kind.value,
        "where": "FILE" if log.reads_file else "TABLE",
        "began": began.isoformat(),
        "ended": ended.isoformat(),
        "ended_by": log.ended_by,
        "restored": how,
        "server_ends_it_too": log.in_server,
    }


def _limits(session: ServerSession) -> dict[str, int | None]:
    listed = ", ".join(f"'{name}'" for name in _LIMITS)
    rows = session.rows(f"SHOW GLOBAL VARIABLES WHERE Variable_name IN ({listed})")
    return {str(r["Variable_name"]).lower(): whole(str(r["Value"])) for r in rows}
