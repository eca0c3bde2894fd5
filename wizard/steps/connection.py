"""The first step: connect, and learn who the server is and what this account may see."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from knowledge.load import supported_until
from wizard.case.case import TargetFacts
from wizard.case.evidence import Evidence, Occurrence, Scalar, StepResult, StepStatus
from wizard.safety.sanitize import sanitize
from wizard.server.flavor import PRODUCTS, series_of
from wizard.server.greeting import Checkpoint
from wizard.server.refusals import JUDGED, NO_ANSWER
from wizard.server.resting import resting
from wizard.server.session import (
    CannotConnect,
    ServerError,
    ServerInfo,
    ServerSession,
)
from wizard.steps import names
from wizard.steps.connection_identity import ServerIdentity, identify
from wizard.steps.connection_lives import answered_before, missed_before, still_known
from wizard.steps.connection_words import (
    LATE_GREETING,
    headline,
    identity_table,
    notes,
    privileges_table,
    setters,
)
from wizard.steps.own_traces import leave_given_up_login, leave_refused_login
from wizard.steps.step import Cancelled, Context, Step


def run(context: Context) -> StepResult:
    """Connect through the context's connector and put the session into the context.

    Facts: flavor, version, series, uptime_seconds, started_at (ISO, UTC), account, tls,
    connection_id, hostname, datadir, port, socket, pid_file, log_error, time_zone,
    path (direct, ssh tcp forward, ssh socket forward),
    server_time_offset_seconds (its local time minus UTC), clock_skew_seconds (its clock minus
    ours), answered_at and answered_before_start (ISO, by its clock: it lived then, in this life
    and in the one before), missed_at and missed_before_start (then it was first met gone),
    has_process_privilege, has_performance_schema, can_set_global;
    resolve_seconds and greeting_seconds (how long this first login waited for the name and for
    the greeting).
    """
    context.progress(f"connecting to {sanitize(context.target.label)}")
    if context.server is not None:
        context.server.close()
        context.server = None
    try:
        session = context.server = own_session(context, _heed(context))
    except CannotConnect as refused:
        # What ended with the SSH connection tells nothing of the server.
        broken = context.breakage()
        return STEP.failed(broken) if broken else _refused(context, refused)
    context.progress("asking who the server is")
    seen = identify(session)
    context.case = replace(context.case, target=_reached(_facts_of(context), seen.info))
    return StepResult(
        id=STEP.id,
        status=StepStatus.DONE,
        headline=headline(seen),
        evidence=_evidence(context, seen),
        looked_for=JUDGED if seen.started is None else (*JUDGED, "state.recent-start"),
        tables=(identity_table(context, seen), privileges_table(seen)),
        notes=notes(context, seen),
        facts={
            **_facts(seen),
            "path": context.target.path,
            "answered_before_start": answered_before(context, seen.started),
            "missed_before_start": missed_before(context, seen.started),
        },
    )


def own_session(context: Context, checkpoint: Checkpoint) -> ServerSession:
    """The session that the wizard looks through. Raises CannotConnect, and what `checkpoint` raises
    while the greeting is late.

    A short wait_timeout would cut it while the host is sampled, and the wizard would then count
    its own lost session as evidence.
    """
    try:
        session = context.connector.connect(checkpoint=checkpoint)
    except CannotConnect as refused:
        if refused.given_up:
            leave_given_up_login(context)
        else:
            leave_refused_login(context, refused)
        raise
    except Cancelled:
        # It is heard only while a greeting is waited for: a line was open.
        leave_given_up_login(context)
        raise
    try:
        return resting(session)
    except ServerError:
        session.close()
        raise


def _heed(context: Context) -> Callable[[], None]:
    """Says what is waited for, once it takes long, and hears the operator's wish to stop."""
    began = time.monotonic()

    def checkpoint() -> None:
        context.checkpoint()
        waited = time.monotonic() - began
        if waited >= 2 * LATE_GREETING:
            place = sanitize(context.target.label)
            context.progress(f"{place} accepts, and has not greeted for {waited:.0f} s")

    return checkpoint


def _facts_of(context: Context) -> TargetFacts:
    target = context.target
    return replace(
        context.case.target,
        label=sanitize(target.label),
        host=sanitize(target.host or "localhost"),
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
        facts=still_known(context, refused.signal in NO_ANSWER),
    )


def _evidence(context: Context, seen: ServerIdentity) -> tuple[Evidence, ...]:
    info = seen.info
    answers = Evidence(
        "state.answers",
        "the server answers now",
        f"connection {info.connection_id} to {sanitize(context.target.label)}",
        first=seen.now,
        last=seen.now,
    )
    return (answers, *_unsupported(seen), *_recent(context, seen))


def _unsupported(seen: ServerIdentity) -> tuple[Evidence, ...]:
    series = series_of(seen.info.flavor, seen.info.numbers)
    until = supported_until(series)
    if until is None or seen.now is None or seen.now.date() <= until:
        return ()
    name = f"{PRODUCTS.get(seen.info.flavor, 'MySQL')} {series.partition('-')[2]}"
    text = f"{name} has got no corrections since {until}"
    return (Evidence("state.unsupported-series", text, "SELECT VERSION()"),)


def _recent(context: Context, seen: ServerIdentity) -> tuple[Evidence, ...]:
    started, uptime = seen.started, seen.info.uptime_seconds
    if started is None or uptime is None or not context.case.window.holds(started):
        return ()
    recent = Evidence(
        "state.recent-start",
        "the server was started inside the window",
        "SHOW STATUS LIKE 'Uptime'",
        first=started,
        last=started,
        value=float(uptime),
        occurrences=(Occurrence(at=started),),
    )
    return (recent,)


def _facts(seen: ServerIdentity) -> dict[str, Scalar]:
    info, variables = seen.info, seen.variables
    port = variables.get("port", "")
    return {
        "flavor": info.flavor,
        "version": info.version,
        "series": series_of(info.flavor, info.numbers),
        "uptime_seconds": info.uptime_seconds,
        "started_at": None if seen.started is None else seen.started.isoformat(),
        "account": info.account,
        "tls": info.tls,
        "connection_id": info.connection_id,
        "hostname": variables.get("hostname"),
        "datadir": variables.get("datadir"),
        "port": int(port) if port.isascii() and port.isdecimal() else None,
        "socket": variables.get("socket"),
        "pid_file": variables.get("pid_file"),
        "log_error": variables.get("log_error"),
        "time_zone": variables.get("system_time_zone"),
        "server_time_offset_seconds": seen.offset,
        "answered_at": (seen.now or seen.ours).astimezone(UTC).isoformat(),
        "clock_skew_seconds": None if seen.ahead is None else round(seen.ahead, 1),
        "has_process_privilege": seen.may("PROCESS"),
        "has_performance_schema": seen.reads_schema,
        "can_set_global": seen.may(*setters(info)),
        "resolve_seconds": _rounded(info.laps.resolve),
        "greeting_seconds": _rounded(info.laps.greeting),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 4)


STEP = Step(*names.CONNECTION, run)
