"""Recorder: what `goneaway-wizard watch` saw of this server in the window, as it happened.

Its recordings are found by the notes that it leaves: in this account's state directory, and in
the one of a recorder that runs as a service, here and on the server's machine.

Facts: `events`, `directories`, `looked_until`.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from wizard.case.case import Window
from wizard.case.evidence import StepResult, StepStatus
from wizard.case.own_traces import Trace
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host, HostError
from wizard.logs.recorded.evidence import SIGNALS, evidence, table
from wizard.logs.recorded.note import FOLDER, SERVICE_STATE, Note, notes_in
from wizard.logs.recorded.read import Recorded, RecordedEvent, recorded
from wizard.safety.state_directory import state_file
from wizard.server.identity import server_name
from wizard.server.session import ServerError, ServerSession
from wizard.steps import names
from wizard.steps.own_traces import own_traces
from wizard.steps.step import Context, Skip, Step
from wizard.units import duration, moment

_NONE = "no recorder has kept events of this server (goneaway-wizard watch --dir DIR does)"
_STALE = timedelta(minutes=2)
"""A recorder looks every second, and marks that each minute."""


def run(context: Context) -> StepResult:
    context.progress("Looking for what a recorder kept")
    found = list(_recordings(context))
    if not found:
        raise Skip(_NONE)
    return result_of(found, context.case.window, own_traces(context))


def result_of(
    found: list[Recorded], window: Window | None, own: Sequence[Trace] = ()
) -> StepResult:
    """The step's result from recordings that were read. What is `own` work accuses nobody."""
    events = tuple(sorted({e for r in found for e in r.events}, key=lambda e: e.at))
    others = [e for e in events if not any(trace.left(e.connection_id, e.at) for trace in own)]
    facts = evidence(others, ", ".join(r.directory for r in found))
    lost = sum(e.count for e in others if e.kind in ("session-ended", "login-failed"))
    outages = sum(e.kind == "server-up" for e in events)
    until = max((r.looked_until for r in found if r.looked_until is not None), default=None)
    return StepResult(
        names.RECORDER.id,
        StepStatus.DONE,
        headline=f"{lost} lost or refused sessions and {outages} outages seen as they happened",
        evidence=facts,
        looked_for=tuple(SIGNALS.values()),
        tables=(table(events),) if events else (),
        notes=tuple(_notes(found, events, window, until)),
        facts={
            "events": len(events),
            "directories": ", ".join(r.directory for r in found),
            "looked_until": until.isoformat() if until is not None else None,
        },
    )


def _recordings(context: Context) -> Iterator[Recorded]:
    server = _own_name(context.server)
    seen = set[tuple[str, str]]()
    for host, note in _notes_of(context):
        for directory in note.directories if note.is_of(server, context.target.label) else ():
            if (host.label, directory) in seen:
                continue
            seen.add((host.label, directory))
            with suppress(HostError):
                yield recorded(host, directory, context.case.window, context.checkpoint)


def _notes_of(context: Context) -> Iterator[tuple[Host, Note]]:
    here = LocalHost()
    for note in notes_in(here, str(state_file(FOLDER).parent)):
        yield here, note
    for note in notes_in(here, SERVICE_STATE):
        yield here, note
    if context.host is not None and not isinstance(context.host, LocalHost):
        for note in notes_in(context.host, SERVICE_STATE):
            yield context.host, note


def _own_name(server: ServerSession | None) -> str:
    if server is None:
        return ""
    try:
        return server_name(server)
    except ServerError:
        return ""


def _notes(
    found: list[Recorded],
    events: tuple[RecordedEvent, ...],
    window: Window | None,
    until: datetime | None,
) -> Iterator[str]:
    for recording in found:
        yield f"read by itself: the recording {recording.directory}"
        if recording.unread:
            yield f"{recording.unread} lines of it are no events"
    first = min((r.first for r in found if r.first is not None), default=None)
    if window is not None and first is not None and first > window.since:
        yield f"nothing was recorded before {moment(first.astimezone(UTC))}"
    if window is not None and until is not None and until + _STALE < window.until:
        away = duration((window.until - until).total_seconds())
        yield f"the recorder last looked {away} before the end of the window"
    for gap in [e for e in events if e.kind == "gap"][-3:]:
        yield f"gap: {gap.text}"


STEP = Step(*names.RECORDER, run)
