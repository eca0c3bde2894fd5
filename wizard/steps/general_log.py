"""General log: what the clients said, where a general log is there.

It is read, never switched on here (`goneaway-wizard capture general` does that for a bounded
time). The file that was named comes first, then the one that the server writes at this moment.

Facts: `path`, `bytes_scanned`, `sessions`, `entries`.
"""

from collections.abc import Mapping

from wizard.case.evidence import StepResult, StepStatus
from wizard.logs.general.beside import beside_error_log
from wizard.logs.general.limits import GeneralLimits
from wizard.logs.general.patterns import looked_for, patterns
from wizard.logs.general.read import read_general_logs
from wizard.logs.general.sessions import Workload
from wizard.logs.general.tables import tables
from wizard.logs.kind import LogKind
from wizard.logs.source.ask import read_at_source
from wizard.server.session import QueryDenied, QueryFailed, ServerSession
from wizard.server.variables import whole
from wizard.steps import names
from wizard.steps.statement_logs import StatementLog, find_log, not_understood, zone_of_case
from wizard.steps.step import Context, Step

_LIMITS = ("wait_timeout", "interactive_timeout", "max_allowed_packet")
_OFF = (
    "the general log is off: goneaway-wizard capture general switches it on for a bounded time and "
    "puts it back"
)


def run(context: Context) -> StepResult:
    context.progress("Looking for a general log")
    log = find_log(
        context, StatementLog("general_log", "general", context.sources.general_log), _OFF
    )
    reading = read_at_source(
        read_general_logs, log.host, log.path, context.case.window, zone_of_case(context.case),
        context.checkpoint, context.progress,
    )  # fmt: skip
    if not reading.understood:
        return not_understood(STEP, log, LogKind.GENERAL, reading.cuts)
    limits = _limits(context.server)
    found = patterns(reading.work, limits, log.path)
    work = reading.work
    return StepResult(
        STEP.id,
        StepStatus.DONE,
        headline=found[0].text if found else _nothing(work),
        evidence=found,
        looked_for=() if reading.cuts else looked_for(limits),
        tables=(*beside_error_log(work, context.case.evidence), *tables(work, limits)),
        notes=(f"{log.how}: {log.path}", *reading.remarks, *reading.cuts),
        facts={
            "path": log.path,
            "bytes_scanned": reading.bytes_read,
            "sessions": len(work.sessions),
            "entries": work.entries,
        },
    )


def _nothing(work: Workload) -> str:
    if not work.entries:
        return "the log holds nothing of the window: look whether it is of another time or server"
    return "none of the patterns that lose connections"


def _limits(server: ServerSession | None) -> GeneralLimits:
    """Who is connected is not asked: the file may be another server's, or end long ago."""
    if server is None:
        return GeneralLimits()
    listed = ", ".join(f"'{name}'" for name in _LIMITS)
    try:
        rows = server.rows(f"SHOW GLOBAL VARIABLES WHERE Variable_name IN ({listed})")
    except (QueryDenied, QueryFailed):
        return GeneralLimits()
    told: Mapping[str, int | None] = {
        str(r["Variable_name"]).lower(): whole(str(r["Value"])) for r in rows
    }
    return GeneralLimits(
        told.get("wait_timeout"), told.get("interactive_timeout"), told.get("max_allowed_packet")
    )


STEP = Step(*names.GENERAL_LOG, run)
