"""A fix and its undo within one investigation: prepare, carry out, prove, take back.

What is changed on the server's machine, and its restart, is in on_host.py.

The command line and the screen go through here, so that both survive a session that died while
the operator read a preview, and both put the change into the case, for its report.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import TypeVar

from knowledge.model import Remedy
from wizard.case.case import Case
from wizard.case.own_traces import server_name
from wizard.diagnosis.model import Diagnosis
from wizard.remedies.actions import GONE_WITHIN, Acted, Action, OpenSession, act
from wizard.remedies.apply import Applied, apply
from wizard.remedies.files import files_of
from wizard.remedies.host_change import (
    host_conflicts,
    host_undo_preview,
    undo_host,
)
from wizard.remedies.in_vain import warned
from wizard.remedies.journal import Journal
from wizard.remedies.journal_entry import JournalEntry
from wizard.remedies.offers import is_founded
from wizard.remedies.open_sessions import OpenSessions, holders
from wizard.remedies.place import place_of
from wizard.remedies.plan import Plan, PlanError, plan
from wizard.remedies.running_values import living_session
from wizard.remedies.situation import identity_of, observe
from wizard.remedies.undo import Undone, made_elsewhere, undo, undo_conflicts, undo_preview
from wizard.remedies.verify import Verification, verify
from wizard.server.resting import resting
from wizard.server.session import CannotConnect, ServerError, ServerSession
from wizard.server.variables import read_settings
from wizard.steps.own_traces import leave_traces
from wizard.steps.step import Context

Progress = Callable[[str], None]

Looked = TypeVar("Looked")

_FAILS_WITH = {"max_allowed_packet": 1153, "wait_timeout": 4031}
"""The numbers that the server counts when a session with the old value fails as it should."""

_OF_ENDED = (1158, 1160)
"""The numbers that the server counts for a session that is ended, at rest or at work."""

_LONGEST_PROOF = 300.0
"""Seconds. What is known at the end of a proof is written down then."""

_NOTED_LATE = 5.0
"""Seconds within which a server writes down a session that it closed."""


def prepare(
    context: Context,
    remedy: Remedy,
    wanted: Mapping[str, str],
    persist: bool,
    diagnosis: Diagnosis | None,
) -> Plan:
    """The plan of a remedy for this server, with a warning where it would be in vain.

    Changes nothing. Without a diagnosis no warning leans on one. Raises PlanError, ServerError.
    """
    session = server_of(context)
    with living_session(session, context.connector) as living:
        # Only what is to last needs the option files, which may take sudo and its password.
        files_at = context.host if persist else None
        situation = observe(living, context.target, context.case, context.host, files_at)
    planned = warned(plan(remedy, situation, wanted, persist), diagnosis)
    return replace(planned, unfounded=()) if is_founded(remedy, diagnosis) else planned


def carry_out(context: Context, planned: Plan, journal: Journal, progress: Progress) -> Applied:
    """Make the change that was shown. Raises PlanError, JournalError or ServerError before
    anything is changed."""
    if planned.service is not None:
        raise PlanError("nobody may set this server's variables by SQL: hand the change on")
    check, host = planned.check, context.host
    applied = apply(
        planned,
        server_of(context),
        context.connector,
        journal,
        progress,
        files_of(host),
        None if check is None or host is None else (lambda: check.complaint(host)),
    )
    context.case = with_change(context.case, applied.entry)
    return applied


def prove(context: Context, applied: Applied, journal: Journal, progress: Progress) -> Verification:
    """Repeat what failed before. `progress` may raise to stop the proof; the change stays."""
    began = time.monotonic()
    if applied.witness is not None:
        number = applied.witness.info.connection_id
        _own_intent(context, (number,), server_of(context), _LONGEST_PROOF)
    try:
        return verify(
            applied.entry, server_of(context), context.connector, journal, progress, applied.witness
        )
    finally:
        if applied.witness is not None:
            applied.witness.close()
            with suppress(ServerError):
                _own_trace(context, applied, applied.witness, time.monotonic() - began)
        context.case = with_newest(context.case, applied.entry, journal)


def with_server(context: Context, look: Callable[[ServerSession], Looked]) -> Looked:
    """What `look` sees in a session that lives. Raises ServerError."""
    with living_session(server_of(context), context.connector) as living:
        return look(living)


def do_at_once(context: Context, action: Action, journal: Journal) -> Acted:
    """Carry out what nothing takes back. Raises JournalError, ServerError."""
    session = server_of(context)
    began = time.monotonic()
    with living_session(session, context.connector) as living:
        if action.sessions:
            numbers = tuple(found.number for found in action.sessions)
            _own_intent(context, numbers, living, GONE_WITHIN * len(numbers))
        acted = act(
            action,
            living,
            journal,
            context.target.label,
            identity_of(read_settings(living)),
            place_of(context.target, context.host),
            context.report,
        )
        if acted.told:
            _own_kills(context, acted.told, living, time.monotonic() - began)
    context.case = with_change(context.case, acted.entry)
    return acted


def _own_intent(
    context: Context, numbers: tuple[int, ...], session: ServerSession, lasting: float
) -> None:
    """Sessions that are about to end by our doing: who watches the server sees that at once."""
    with suppress(ServerError):
        leave_traces(context, 0.0, lasting, numbers, {}, _named(session), aborted=())


def _own_kills(
    context: Context, ended: tuple[OpenSession, ...], session: ServerSession, seconds: float
) -> None:
    """Sessions ended on the operator's word: no later look may accuse somebody of it."""
    with suppress(ServerError):
        server = _named(session)
        for user in {found.account.partition("@")[0] for found in ended}:
            numbers = [f.number for f in ended if f.account.partition("@")[0] == user]
            errors = dict.fromkeys(_OF_ENDED, len(numbers))
            leave_traces(
                context, seconds + 1, _NOTED_LATE, numbers, errors, server, user, len(numbers)
            )


def _named(session: ServerSession) -> str:
    """The server as traces name it. Raises ServerError."""
    hostname, port = (session.value(f"SELECT @@{name}") for name in ("hostname", "port"))
    return server_name(str(hostname), int(port))


def still_old(context: Context, entry: JournalEntry) -> OpenSessions | None:
    """Who still holds the value from before the change; None where nobody can. Raises
    ServerError."""
    with living_session(server_of(context), context.connector) as living:
        return holders(entry, living)


def take_back(context: Context, entry: JournalEntry, journal: Journal, overwrite: bool) -> Undone:
    """Undo a change. Without a session only its file is put back. Raises UndoRefused."""
    session = context.server
    try:
        if entry.host is not None:
            files = files_of(context.host)
            return undo_host(entry, context.host, files, journal, overwrite)
        if session is None:
            return undo(entry, None, journal, overwrite, files_of(context.host))
        with undoing_session(context, entry) as living:
            return undo(entry, living, journal, overwrite, files_of(context.host))
    finally:
        context.case = with_newest(context.case, entry, journal)


def _own_trace(context: Context, applied: Applied, witness: ServerSession, seconds: float) -> None:
    """The witness was to fail: no later look may take its end for the application's."""
    names = {change.name for change in applied.entry.changes}
    failed = {number: 1 for name, number in _FAILS_WITH.items() if name in names}
    with living_session(server_of(context), context.connector) as living:
        server = _named(living)
    user = witness.info.account.partition("@")[0]
    number = witness.info.connection_id
    leave_traces(context, seconds + 1, _NOTED_LATE, (number,), failed, server, user)


@contextmanager
def undoing_session(context: Context, entry: JournalEntry) -> Iterator[ServerSession | None]:
    """A session that lives; None where there is none, and a file is put back without it.

    Raises ServerError, also where nothing would be put back without the server, and where that
    runs and refuses the account: half an undo is for a server that is down."""
    with ExitStack() as stack:
        living: ServerSession | None = None
        try:
            if entry.host is None:
                living = stack.enter_context(living_session(server_of(context), context.connector))
        except CannotConnect as cannot:
            if entry.file is None or cannot.refuses_account:
                raise
        yield living


def conflicts(
    context: Context, entry: JournalEntry, session: ServerSession | None
) -> tuple[str, ...]:
    """What others have changed since, one line each. Raises ServerError."""
    if entry.host is not None:
        return host_conflicts(entry, context.host, files_of(context.host))
    return undo_conflicts(entry, session, files_of(context.host))


def another_machine(context: Context, entry: JournalEntry) -> str:
    """Why the change was, or may have been, made on another machine; an empty string if not."""
    return made_elsewhere(entry, files_of(context.host))


def preview_of(entry: JournalEntry, session: ServerSession | None) -> tuple[str, ...]:
    """What undo would do, one line each. Raises ServerError."""
    return host_undo_preview(entry) if entry.host is not None else undo_preview(entry, session)


def with_change(case: Case, entry: JournalEntry) -> Case:
    """The case with this change in its newest state."""
    change = entry.as_change()
    others = tuple(c for c in case.changes if c.id != change.id)
    return replace(case, changes=(*others, change))


def with_newest(case: Case, entry: JournalEntry, journal: Journal) -> Case:
    """The same, with the state that the journal has of it."""
    return with_change(case, journal.find(entry.id) or entry)


def server_of(context: Context) -> ServerSession:
    """The session, opened where there is none yet. Raises ServerError."""
    if context.server is None:
        context.server = resting(context.connector.connect())
    return context.server
