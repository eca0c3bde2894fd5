"""What a capture held, for the command line and the screens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from wizard import units
from wizard.capture.held import People, limits_of, workload
from wizard.capture.source import CapturedLog
from wizard.case.evidence import Evidence, Table
from wizard.case.json_codec import encode
from wizard.logs.general.patterns import looked_for, patterns
from wizard.logs.general.sessions import Workload
from wizard.logs.general.tables import tables
from wizard.server.clock_zone import zone_of
from wizard.server.session import ServerSession
from wizard.server.variables import whole

_LIMITS = ("wait_timeout", "interactive_timeout", "max_allowed_packet")


@dataclass(frozen=True, slots=True)
class Answer:
    """`facts` are the capture's own: when, how long, where, how it ended."""

    facts: Mapping[str, str | int | float | bool | None]
    evidence: tuple[Evidence, ...]
    looked_for: tuple[str, ...]
    tables: tuple[Table, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "schema_version": 1,
            "capture": dict(self.facts),
            "evidence": [encode(found) for found in self.evidence],
            "looked_for": list(self.looked_for),
            "tables": [encode(table) for table in self.tables],
        }


def answer_of(
    recording: CapturedLog, before: People | None, after: People | None, began: datetime, how: str
) -> Answer:
    """Reads what the capture held; the log is back as it was. Raises ServerError."""
    session = recording.session()
    zone = zone_of(session)
    work = workload(recording, zone, before, after)
    limits = limits_of(_limits(session), after)
    source = f"the general log, captured at {units.moment(began)}"
    facts = _facts(recording, began, how, work, zone)
    return Answer(
        facts, patterns(work, limits, source), looked_for(limits), tables(work, limits)
    )  # fmt: skip


def _facts(
    recording: CapturedLog, began: datetime, how: str, work: Workload, zone: tzinfo
) -> dict[str, str | int | float | bool | None]:
    ended = datetime.now().astimezone()
    text = (
        f"the {recording.kind} log from {units.moment(began)} on, for "
        f"{(ended - began).total_seconds():.0f} s ({recording.ended_by}; {how}): "
        f"{len(work.sessions)} connections, {work.entries} entries, "
        f"{units.size(work.size)} of statements"
    )
    return {
        "text": text,
        "kind": recording.kind.value,
        "where": "FILE" if recording.reads_file else "TABLE",
        "began": began.isoformat(),
        "ended": ended.isoformat(),
        "ended_by": recording.ended_by,
        "restored": how,
        "server_ends_it_too": recording.in_server,
        "connections": len(work.sessions),
        "entries": work.entries,
        "own_entries": work.own_entries,
        "bytes": work.size,
        "zone": str(zone),
    }


def _limits(session: ServerSession) -> dict[str, int | None]:
    listed = ", ".join(f"'{name}'" for name in _LIMITS)
    rows = session.rows(f"SHOW GLOBAL VARIABLES WHERE Variable_name IN ({listed})")
    return {str(r["Variable_name"]).lower(): whole(str(r["Value"])) for r in rows}
