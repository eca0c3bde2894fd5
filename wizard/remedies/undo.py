"""Takes a change back, from whatever process, with nothing but the journal."""

from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from wizard.remedies.alone import alone_on_server
from wizard.remedies.files import Files
from wizard.remedies.journal import Journal, JournalError
from wizard.remedies.journal_entry import ChangeState, FileRecord, JournalEntry
from wizard.remedies.option_file_write import (
    HERE,
    FileChangeError,
    content_conflict,
    elsewhere,
    file_conflict,
    in_doubt,
    remove_block,
)
from wizard.remedies.place import Machine, this_machine
from wizard.remedies.plan import VariableChange, undo_statements
from wizard.remedies.running_values import persisted_value, running_value
from wizard.remedies.which_change import later_change
from wizard.safety.errors import WizardError
from wizard.server.answers import number_of
from wizard.server.session import QueryDenied, ServerError, ServerSession
from wizard.server.values import same

_CLOCK_MARGIN = 2.0
"""Seconds: `Uptime` is whole, and a change takes a moment after it was planned."""


class UndoRefused(WizardError):
    """Nothing was taken back; the message is one line that says why."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo came to.

    `state` is UNDONE, PARTLY_UNDONE (the server has to be seen for the rest) or, where something
    failed, the state that the entry had before.
    """

    state: ChangeState
    lines: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return self.state is ChangeState.UNDONE


def undo_conflicts(
    entry: JournalEntry, session: ServerSession | None, files: Files = HERE
) -> tuple[str, ...]:
    """What others have changed since, one line each: undo would overwrite it.

    `files` are those of the server's machine. Raises ServerError, and UndoRefused where a file
    cannot be looked at."""
    found = []
    for change in entry.changes if session is not None else ():
        assert session is not None
        now = running_value(session, change.name, change.unit)
        if (
            not same(now, change.new)
            and not same(now, change.old)
            and not gone_by_restart(entry, session)
        ):
            found.append(
                f"{change.name} is {now} now, neither {change.new} as it was set nor"
                f" {change.old} as before: somebody changed it since"
            )
        stored = persisted_value(session, change.name) if entry.set_persist else None
        # An undo that was cut short may have kept the old value, and not yet taken that out.
        ours = (change.new, change.persisted, change.old)
        if entry.set_persist and not any(same(stored, v) for v in ours):
            found.append(
                f"{change.name} is persisted as {stored or 'nothing'} now: somebody changed it"
                " since"
            )
    if entry.file is not None:
        try:
            conflict = file_conflict(entry.file, _is_written(entry), files=files)
        except FileChangeError as error:
            raise UndoRefused(str(error)) from None
        if conflict:
            found.append(conflict)
    return tuple(found)


def undo_preview(entry: JournalEntry, session: ServerSession | None) -> tuple[str, ...]:
    """What undo would do, one line each, without doing it. Raises ServerError."""
    lines = []
    if session is not None:
        lines += [s for c in reversed(entry.changes) for s in _needed(entry, c, session)]
    else:
        lines.append("the server is not seen: only files are put back")
    if entry.file is not None:
        lines.append(f"take the added lines out of {entry.file.path}")
    return tuple(lines) if lines else ("nothing: the old values are in force already",)


def undo(
    entry: JournalEntry,
    session: ServerSession | None,
    journal: Journal,
    overwrite: bool = False,
    files: Files = HERE,
) -> Undone:
    """Take `entry` back. `files` are those of the server's machine.

    Without a session only its file is put back. What others changed since is overwritten only with
    `overwrite`. Raises UndoRefused, NotAlone, ServerError, JournalError.
    """
    if entry.actions:
        raise UndoRefused(f"{entry.id} cannot be undone: {'; '.join(entry.actions)}")
    if entry.file is not None and (reason := out_of_sight(entry, entry.file, files)):
        raise UndoRefused(reason)
    with nullcontext() if session is None else alone_on_server(session):
        require_newest(entry, journal)
        return _undo(entry, session, journal, overwrite, files)


def require_newest(entry: JournalEntry, journal: Journal) -> None:
    """Whether it is its turn, as the journal tells now. Raises UndoRefused.

    Not where it is taken back already, also by another wizard a moment ago, nor where a later
    change has to be taken back before it.
    """
    state = entry.state
    entries: tuple[JournalEntry, ...] = ()
    with suppress(JournalError):
        entries = journal.entries()
        state = next((e.state for e in entries if e.id == entry.id), state)
    if not state.in_force:
        raise UndoRefused(f"{entry.id} is {state}: there is nothing to take back")
    if later := later_change(entry, entries):
        raise UndoRefused(later)


def out_of_sight(entry: JournalEntry, record: FileRecord, files: Files) -> str:
    """Why the file is not the one that was changed, or an empty string.

    Where only the names of the machines differ, a file that holds our lines is that one.
    """
    here = _machine(files)
    if reason := elsewhere(record, here):
        return reason
    if not record.machine.is_in_doubt(here):
        return ""
    try:
        if not content_conflict(record, _is_written(entry), files):
            return ""
    except FileChangeError:
        pass
    return f"{file_conflict(record, True, here, files)}: run goneaway-wizard undo there"


def made_elsewhere(entry: JournalEntry, files: Files = HERE) -> str:
    """Why the change's file is, or may be, that of another machine, or an empty string."""
    if entry.file is None:
        return ""
    here = _machine(files)
    return elsewhere(entry.file, here) or in_doubt(entry.file, here)


def _machine(files: Files) -> Machine:
    return this_machine() if files is HERE else files.machine


def _undo(
    entry: JournalEntry,
    session: ServerSession | None,
    journal: Journal,
    overwrite: bool,
    files: Files,
) -> Undone:
    conflicts = undo_conflicts(entry, session, files)
    if conflicts and not overwrite:
        raise UndoRefused("; ".join(conflicts))
    lines: list[str] = []
    # Where the journal can no longer be written, what was changed can be taken back all the same.
    with suppress(JournalError):
        journal.move(entry, ChangeState.UNDOING, entry.text)
    try:
        if session is not None:
            for change in reversed(entry.changes):
                lines += _take_back(entry, change, session)
        if entry.file is not None:
            lines.append(file_back(entry, overwrite, files))
    except (ServerError, FileChangeError) as error:
        advice = f" Needed: {error.advice}" if isinstance(error, QueryDenied) else ""
        lines.append(f"not taken back: {error}.{advice}")
        journal.note(entry, entry.state, lines)
        return Undone(entry.state, tuple(lines))
    state = ChangeState.UNDONE if session is not None else _without_server(entry, lines)
    journal.note(entry, state, lines)
    return Undone(state, tuple(lines))


def _without_server(entry: JournalEntry, lines: list[str]) -> ChangeState:
    names = ", ".join(c.name for c in entry.changes)
    lines.append(
        f"{names}: the server is not seen. If it is down, its next start brings the values of"
        " its files; if it runs, undo again when it answers."
        if not entry.set_persist
        else f"{names}: SET PERSIST can be taken back only when the server answers"
    )
    return ChangeState.PARTLY_UNDONE if entry.file is not None else entry.state


def _is_written(entry: JournalEntry) -> bool:
    """Whether the change is known to have reached its file.

    A crash may have come before, and an undo without the server has taken it out already.
    """
    return entry.state in (ChangeState.APPLIED, ChangeState.VERIFIED)


def file_back(entry: JournalEntry, overwrite: bool, files: Files) -> str:
    """Take our lines out of the file; one line about it. Raises FileChangeError."""
    assert entry.file is not None
    if overwrite and content_conflict(entry.file, _is_written(entry), files):
        return f"{entry.file.path} is left as others made it"
    return remove_block(entry.file, files)


def _take_back(entry: JournalEntry, change: VariableChange, session: ServerSession) -> list[str]:
    lines = []
    for statement in _needed(entry, change, session):
        session.execute(statement)
        lines.append(statement)
    now = running_value(session, change.name, change.unit)
    if not lines and not same(now, change.old):
        return [f"@@global.{change.name} is {now}: a restart took the change back already"]
    if not same(now, change.old):
        raise ServerError(f"@@global.{change.name} is {now}, not {change.old}")
    return [*lines, f"@@global.{change.name} is {now}"]


def gone_by_restart(entry: JournalEntry, session: ServerSession) -> bool:
    """Whether the server has started since the change.

    One that nothing keeps went with the last run, and what is in force now comes from its files.
    `Uptime` is asked for now, as a session may be hours old.
    """
    if entry.set_persist or entry.file is not None:
        return False
    rows = session.rows("SHOW GLOBAL STATUS LIKE 'Uptime'")
    if not rows or not str(rows[0]["Value"]).isdecimal():
        return False
    age = (datetime.now(UTC) - entry.at).total_seconds()
    return number_of(rows[0]["Value"]) + _CLOCK_MARGIN < age


def _needed(entry: JournalEntry, change: VariableChange, session: ServerSession) -> tuple[str, ...]:
    """The statements that are still needed.

    None where the old value is back already (the change was never made, or a restart took it back).
    """
    if entry.set_persist and not same(persisted_value(session, change.name), change.persisted):
        return undo_statements(change, persisted=True)
    now = running_value(session, change.name, change.unit)
    if same(now, change.old) or (not same(now, change.new) and gone_by_restart(entry, session)):
        return ()
    return undo_statements(change, persisted=False)
