"""Counters: what the server counted, and when.

MySQL 8.0 and later count every error with its first and last time, by account, in
`performance_schema.events_errors_summary_by_account_by_error`, and by user in
`events_errors_summary_by_user_by_error` (MySQL Reference Manual, "Error Summary Tables"), KILL
statements in the statement digests, and what each host met at login in the host cache. MariaDB has
totals only (by user where userstat is on); they place nothing inside the window unless the server
was started in it.

Facts: `aborted_clients`, `aborted_connects`, `aborted_connects_preauth`, `access_denied_errors`,
`com_kill`, `connections`, `connection_errors_max_connections`, `threads_connected`,
`max_used_connections`, `max_connections`, `started_inside_window` (bool).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from wizard.case import facts
from wizard.case.case import Window
from wizard.case.evidence import StepResult, StepStatus, Table
from wizard.case.moments import moment_of
from wizard.case.own_traces import Trace, aborted_of, denied_of, kills_of, logins_of, refused_of
from wizard.server.process_list import listed_ids
from wizard.server.session import QueryDenied, QueryFailed, ServerSession
from wizard.server.status import StatusCounters, read_status
from wizard.steps import names
from wizard.steps.counters_errors import (
    ERROR_SIGNALS,
    NUMBERS,
    evidence_from_errors,
    proves_nothing,
)
from wizard.steps.counters_hosts import host_evidence, host_rows, host_table, user_table
from wizard.steps.counters_rows import (
    TooManyAccounts,
    error_rows,
    kill_rows,
    kills_of_others,
    others,
)
from wizard.steps.counters_totals import evidence_from_totals, signals_of_totals
from wizard.steps.own_traces import own_traces
from wizard.steps.step import Context, Step
from wizard.units import duration

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for a start that is not known: not inside the window."""


def run(context: Context) -> StepResult:
    server = context.need_server()
    context.progress("Reading the server's counters")
    status = read_status(server)
    started = _started(context, status)
    inside = started >= context.case.window.since
    looked: tuple[str, ...]
    by_number = False
    notes: tuple[str, ...] = ()
    traces = own_traces(context)
    own, ended = ended_of_ours(server, traces, started, status)
    told = kills_of(traces, started)
    lost = min(status["Aborted_clients"], ended)
    since = _counting_since(started, status)
    given_up = logins_of(traces, since)
    left = min(status["Aborted_connects"], given_up + refused_of(traces, since))
    raw = status
    status = _less(
        raw,
        Com_kill=told,
        Aborted_clients=lost,
        Aborted_connects=left,
        Aborted_connects_preauth=given_up,
        Access_denied_errors=denied_of(traces, since),
    )
    tables: tuple[Table, ...] = (totals_table(status, raw),)
    if server.info.has_error_summary and _counts_errors(server):
        try:
            counted = others(error_rows(server, NUMBERS), own, started)
            kills, hosts = kills_of_others(kill_rows(server), traces, started), host_rows(server)
        except (QueryDenied, TooManyAccounts) as why:
            evidence = evidence_from_totals(status, inside)
            looked = signals_of_totals(status)
            advice = f" {why.advice}" if isinstance(why, QueryDenied) else ""
            notes = (f"Only totals: {why}.{advice}",)
        else:
            window = context.case.window
            errors = counted.rows
            evidence = evidence_from_errors(errors, kills, status, window)
            evidence += tuple(host_evidence(hosts, window))
            tables += tuple(host_table(hosts))
            unsettled = counted.overdrawn | counted.undated
            unsure = proves_nothing(errors, kills, unsettled, window)
            looked = tuple(signal for signal in ERROR_SIGNALS if signal not in unsure)
            by_number = True
    else:
        evidence = evidence_from_totals(status, inside)
        tables += tuple(user_table(server))
        looked = signals_of_totals(status)
    if not by_number and not _cover(status, context.case.window):
        looked = ()
    if not inside and not by_number and not notes:
        notes = ("The server has totals since its start only; they say little about the window.",)
    if told:
        notes += (f"{told} KILLs since the start were the wizard's (fix free-slots): not counted.",)
    if lost:
        notes += (own_note(lost, told),)
    if left:
        notes += (login_note(left),)
    return StepResult(
        STEP.id,
        StepStatus.DONE,
        headline="; ".join(f"{e.count} {e.text}" for e in evidence[:2]) or _totals_told(status),
        evidence=evidence,
        looked_for=looked,
        tables=tables,
        notes=notes,
        facts={**status.facts(), "started_inside_window": inside},
    )


def _totals_told(status: StatusCounters) -> str:
    """What the totals alone say; they place nothing inside the window."""
    ended, failed = status["Aborted_clients"], status["Aborted_connects"]
    told = [
        f"{count} {noun}{'s' if count > 1 else ''} {what} since the server started ({name})"
        for count, noun, what, name in (
            (ended, "session", "ended without a goodbye", "Aborted_clients"),
            (failed, "login", "failed", "Aborted_connects"),
        )
        if count
    ]
    return "; ".join(told) or "no session ended badly, and no login failed"


def own_note(lost: int, killed: int) -> str:
    """Whose the `lost` sessions were that are not counted; `killed` were ended on the operator's
    word, and each is lost as well."""
    were = "was" if lost == 1 else "were"
    whose = "a session" if lost == 1 else "sessions"
    if killed:
        whose = f"{whose} that the wizard was told to end, or its own"
    else:
        whose = f"{whose} of the wizard's own, lost or tried something with"
    return f"{lost} of Aborted_clients since the start {were} {whose}: not counted."


def login_note(left: int) -> str:
    """Whose the `left` logins were that are not counted."""
    were, whose = ("was a login", "it") if left == 1 else ("were logins", "them")
    return (
        f"{left} of Aborted_connects since the start {were} of the wizard's own, which gave {whose}"
        " up, or had no right to it: not counted."
    )


def _less(status: StatusCounters, **own: int) -> StatusCounters:
    """Without what the wizard did, was told to do, or met itself."""
    known = {name: count for name, count in own.items() if count and name in status.values}
    left = {name: max(0, status[name] - count) for name, count in known.items()}
    return replace(status, values={**status.values, **left}) if left else status


def ended_of_ours(
    server: ServerSession, own: Sequence[Trace], started: datetime, status: StatusCounters
) -> tuple[tuple[Trace, ...], int]:
    """The traces that the server can have counted, and how many aborted sessions are of them.

    It counts a session whose way broke, or that it rolls back, only when it is at its end: until
    then it lists it. A KILL of it is counted at once. Where it lists none, no session is taken off.
    """
    ours = aborted_of(own, _counting_since(started, status))
    try:
        there = listed_ids(server, ours) if ours else ours
    except QueryFailed:
        return tuple(own), 0
    told = tuple(t for t in own if not t.aborted or not there.issuperset(t.aborted))
    return told, len(ours - there)


def _counting_since(started: datetime, status: StatusCounters) -> datetime:
    """When the totals were 0: FLUSH STATUS sets them so."""
    if status.uptime is None:
        return started
    flushed = status.values.get("Uptime_since_flush_status", status.uptime)
    return started + timedelta(seconds=max(0, status.uptime - flushed))


def _started(context: Context, status: StatusCounters) -> datetime:
    """When the server was started: as the connection told it, for a look takes seconds itself."""
    told = moment_of(context.case.fact(facts.STARTED_AT))
    if told is not None:
        return told
    if status.uptime is None:
        return _LONG_AGO
    return context.case.window.until - timedelta(seconds=status.uptime)


def _counts_errors(server: ServerSession) -> bool:
    """Whether it has room for that: without, the tables are there, and empty.

    Reference Manual, "Performance Schema System Variables".
    """
    return bool(
        server.value(
            "SELECT @@GLOBAL.performance_schema AND @@GLOBAL.performance_schema_error_size <> 0"
            " AND @@GLOBAL.performance_schema_accounts_size <> 0"
        )
    )


def _cover(status: StatusCounters, window: Window) -> bool:
    """Whether a total of 0 says that nothing happened in the window: FLUSH STATUS sets it so."""
    flushed = status.values.get("Uptime_since_flush_status", status["Uptime"])
    if flushed >= status["Uptime"] - 1:
        return True
    return window.until.timestamp() - flushed <= window.since.timestamp()


def totals_table(status: StatusCounters, raw: StatusCounters) -> Table:
    """What counts, as everywhere; beside it what SHOW GLOBAL STATUS says where that is more."""
    rows = tuple(
        (name, _beside_raw(value, raw[name])) for name, value in sorted(status.values.items())
    )
    return Table(
        "Since the server started",
        ("STATUS VARIABLE", "VALUE"),
        rows,
        note=f"{_up(status.uptime)}; totals, not rates",
    )


def _up(uptime: int | None) -> str:
    return "its clock was put back since" if uptime is None else f"up {duration(uptime)}"


def _beside_raw(value: int, raw: int) -> str:
    return str(value) if value == raw else f"{value} ({raw} with the wizard's)"


STEP = Step(*names.COUNTERS, run)
