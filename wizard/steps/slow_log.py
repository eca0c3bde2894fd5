"""Slow log: which statements take long, and which ran when the application failed.

The file that was named comes first, then the one that the server writes; where there is none, the
server's own digests give the same table (performance_schema, "Statement Digests").

Facts: `path`, `bytes_scanned`, `statements`, `longest_seconds`.
"""

from dataclasses import replace

from wizard.case import facts
from wizard.case.case import Case
from wizard.case.evidence import StepResult, StepStatus
from wizard.logs.kind import LogKind
from wizard.logs.slow.patterns import looked_for, patterns
from wizard.logs.slow.read import read_slow_logs
from wizard.logs.slow.tables import tables
from wizard.logs.source.ask import read_at_source
from wizard.server.session import QueryDenied, QueryFailed, ServerSession
from wizard.server.statement_limits import SlowLimits, read_slow_limits
from wizard.steps import names
from wizard.steps.slow_digests import digest_table
from wizard.steps.statement_logs import (
    FoundLog,
    StatementLog,
    find_log,
    not_understood,
    zone_of_case,
)
from wizard.steps.step import Context, Skip, Step
from wizard.units import many

_OFF = (
    "the slow log is off: goneaway-wizard capture slow --long 0.5 switches it on for a bounded "
    "time and puts it back"
)


def run(context: Context) -> StepResult:
    context.progress("Looking for a slow log")
    try:
        named = StatementLog("slow_query_log", "slow", context.sources.slow_log)
        log = find_log(context, named, _OFF)
    except Skip as skip:
        return _from_digests(context, skip)
    return _from_file(context, log)


def _from_file(context: Context, log: FoundLog) -> StepResult:
    case = context.case
    reading = read_at_source(
        read_slow_logs, log.host, log.path, case.window, zone_of_case(case), context.checkpoint,
        context.progress,
    )  # fmt: skip
    if not reading.understood:
        return not_understood(STEP, log, LogKind.SLOW, reading.cuts)
    found = reading.digest
    limits = limits_of(case, context.server)
    evidence = patterns(found, limits, case.failures, log.path)
    longest = found.longest[0].seconds if found.longest else 0.0
    return StepResult(
        STEP.id,
        StepStatus.DONE,
        headline=evidence[0].text if evidence else _nothing(found.entries, longest),
        evidence=evidence,
        looked_for=() if reading.cuts else looked_for(limits, with_failures=bool(case.failures)),
        tables=tables(found, limits),
        notes=(f"{log.how}: {log.path}", *reading.remarks, *reading.cuts),
        facts={
            "path": log.path,
            "bytes_scanned": reading.bytes_read,
            "statements": found.entries,
            "longest_seconds": round(longest, 3),
        },
    )


def _nothing(statements: int, longest: float) -> str:
    if not statements:
        return "the log holds nothing of the window: no statement took long_query_time or longer"
    return f"{many(statements, 'statement')}, up to {longest:.1f} s"


def limits_of(case: Case, server: ServerSession | None) -> SlowLimits:
    """The server's, and what the case tells of the client and of a proxy."""
    waited = [
        failure.idle_seconds
        for failure in case.failures
        if failure.signal == "client.read-timeout" and failure.idle_seconds
    ]
    proxy = case.fact(facts.PROXY_TIMEOUT)
    return replace(
        read_slow_limits(server),
        client=min(waited, default=None),
        proxy=float(proxy) if isinstance(proxy, int | float) else None,
    )


def _from_digests(context: Context, skip: Skip) -> StepResult:
    """The same table from the server's memory: since it was started, not of the window."""
    if context.server is None:
        raise skip
    try:
        table = digest_table(context.server)
    except (QueryDenied, QueryFailed) as error:
        raise Skip(f"{skip}; nor can the server's digests be read: {error}") from None
    if table is None:
        raise skip
    return StepResult(
        STEP.id,
        StepStatus.DONE,
        headline="the slow log is off; the server's digests say what took long since its start",
        tables=(table,),
        notes=(str(skip),),
    )


STEP = Step(*names.SLOW_LOG, run)
