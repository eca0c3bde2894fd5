"""A fix and its undo within one investigation: prepare, carry out, prove, take back.

The command line and the screen go through here, so that both survive a session that died while
the operator read a preview, and both put the change into the case, for its report.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from knowledge.model import Remedy
from wizard.case.case import Case
from wizard.diagnosis.model import Diagnosis
from wizard.remedies.apply import Applied, apply
from wizard.remedies.in_vain import warned
from wizard.remedies.journal import Journal, JournalEntry
from wizard.remedies.plan import Plan, plan
from wizard.remedies.running_values import living_session
from wizard.remedies.situation import observe
from wizard.remedies.undo import Undone, undo
from wizard.remedies.verify import Verification, verify
from wizard.server.session import ServerSession
from wizard.steps.step import Context

Progress = Callable[[str], None]


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
    session = _session(context)
    with living_session(session, context.connector) as living:
        situation = observe(living, context.target, context.case, context.host)
    return warned(plan(remedy, situation, wanted, persist), diagnosis)


def carry_out(context: Context, planned: Plan, journal: Journal, progress: Progress) -> Applied:
    """Make the change that was shown. Raises JournalError or ServerError before anything is
    changed."""
    applied = apply(planned, _session(context), context.connector, journal, progress)
    context.case = with_change(context.case, applied.entry)
    return applied


def prove(context: Context, applied: Applied, journal: Journal, progress: Progress) -> Verification:
    """Repeat what failed before. `progress` may raise to stop the proof; the change stays."""
    try:
        return verify(applied.entry, _session(context), context.connector, journal, progress)
    finally:
        context.case = _with_newest(context.case, applied.entry, journal)


def take_back(context: Context, entry: JournalEntry, journal: Journal, overwrite: bool) -> Undone:
    """Undo a change. Without a session only its file is put back. Raises UndoRefused."""
    session = context.server
    try:
        if session is None:
            return undo(entry, None, journal, overwrite)
        with living_session(session, context.connector) as living:
            return undo(entry, living, journal, overwrite)
    finally:
        context.case = _with_newest(context.case, entry, journal)


def with_change(case: Case, entry: JournalEntry) -> Case:
    """The case with this change in its newest state."""
    change = entry.as_change()
    others = tuple(c for c in case.changes if c.id != change.id)
    return replace(case, changes=(*others, change))


def _with_newest(case: Case, entry: JournalEntry, journal: Journal) -> Case:
    return with_change(case, journal.find(entry.id) or entry)


def _session(context: Context) -> ServerSession:
    if context.server is None:
        context.server = context.connector.connect()
    return context.server
