"""Makes a planned change: the journal first, then the server, then the file; all or nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from wizard.hosts.protocol import HostError
from wizard.remedies.alone import NotAlone, alone_on_server
from wizard.remedies.files import Files
from wizard.remedies.journal import Journal, JournalError
from wizard.remedies.journal_entry import ChangeState, FileRecord, JournalEntry, new_entry
from wizard.remedies.option_check import Check
from wizard.remedies.option_file_write import HERE, FileChangeError, add_block, remove_block
from wizard.remedies.plan import Plan, VariableChange, set_statement, undo_statements
from wizard.remedies.running_values import living_session, running_value
from wizard.remedies.trials import Trial, trial_of
from wizard.safety.sanitize import sanitize
from wizard.server.session import Connector, QueryDenied, QueryFailed, ServerError, ServerSession
from wizard.server.values import same

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done. Where `ok` is false nothing is left changed, unless a line says so.

    `witness` is a session from before the change, for the proof, which closes it."""

    entry: JournalEntry
    ok: bool
    lines: tuple[str, ...]
    witness: ServerSession | None = None


class _Stopped(Exception):
    """A statement or the file failed; the message is one line. `is_clean`: the file is as it
    was. `tried` is what the server was told to change, and said no to."""

    def __init__(
        self, message: str, is_clean: bool = True, tried: VariableChange | None = None
    ) -> None:
        super().__init__(message)
        self.is_clean = is_clean
        self.tried = tried


def apply(
    plan: Plan,
    session: ServerSession,
    connector: Connector,
    journal: Journal,
    progress: Progress = lambda _text: None,
    files: Files = HERE,
    check: Check | None = None,
) -> Applied:
    """Make the change. `files` are those of the server's machine, and `check` tells what the
    server has against them. The session may be lost before or on the way: `connector` opens another
    one, also to find out how far it came. Raises JournalError, NotAlone or ServerError
    before anything is changed."""
    with living_session(session, connector) as living, alone_on_server(living):
        witness = _witness(plan, connector)
        writer = Writer(files, check)
        applied = _apply(plan, living, connector, journal, progress, writer)
    if not applied.ok and witness is not None:
        witness.close()
        return applied
    return replace(applied, witness=witness)


def _witness(plan: Plan, connector: Connector) -> ServerSession | None:
    """A session that will keep the old value, where the proof can use one. A server without a
    free slot is changed all the same."""
    tried = (trial_of(change) for change in plan.changes)
    if not any(isinstance(trial, Trial) for trial in tried):
        return None
    try:
        return connector.connect()
    except ServerError:
        return None


def _apply(
    plan: Plan,
    session: ServerSession,
    connector: Connector,
    journal: Journal,
    progress: Progress,
    writer: "Writer",
) -> Applied:
    entry = new_entry(plan, writer.files.machine)
    journal.record(entry)
    lines: list[str] = []
    done: list[VariableChange] = []
    try:
        for change in plan.changes:
            progress(set_statement(change.name, change.new, plan.set_persist))
            done.append(_set(session, change, plan.set_persist, lines))
        if entry.file is not None:
            progress(f"writing {entry.file.path}")
            writer.write(entry.file, lines)
    except _Stopped as stopped:
        lines.append(str(stopped))
        is_clean, line = _back_out(plan, done, stopped.tried, session, connector)
        lines.append(line)
        # What could not be taken back stays on offer for undo.
        state = ChangeState.FAILED if is_clean and stopped.is_clean else ChangeState.PLANNED
        return Applied(_noted(journal, entry, state, lines), False, tuple(lines))
    # Where the server made another value of it, that is the one to compare with later.
    entry = replace(entry, changes=tuple(done), boundary=_boundary(connector))
    return Applied(_noted(journal, entry, ChangeState.APPLIED, lines), True, tuple(lines))


def _boundary(connector: Connector) -> int:
    """The number of a session that is opened now; 0 where none can be."""
    try:
        fresh = connector.connect()
    except ServerError:
        return 0
    number = fresh.info.connection_id
    fresh.close()
    return number


def _noted(
    journal: Journal, entry: JournalEntry, state: ChangeState, lines: list[str]
) -> JournalEntry:
    """The entry in its new state, noted in the journal if that can be.

    What has been done stays done where the journal can no longer say so: its first line, written
    before, is enough for undo.
    """
    entry = replace(entry, state=state, text=lines[-1])
    try:
        journal.record(entry)
    except JournalError as error:
        lines.append(f"CAUTION: {error}; the change is listed as planned there")
    return entry


def _set(
    session: ServerSession, change: VariableChange, persist: bool, lines: list[str]
) -> VariableChange:
    """Set it, and read what the server made of it."""
    statement = set_statement(change.name, change.new, persist)
    try:
        now = running_value(session, change.name, change.unit)
        if not same(now, change.old):
            raise _Stopped(
                f"{change.name} is {now} now, {change.old} was shown and {change.new} was to be"
                " set: somebody changed it meanwhile; look at it again"
            )
        warnings = session.execute(statement)
        now = running_value(session, change.name, change.unit)
    except QueryDenied as denied:
        raise _Stopped(f"{statement} was refused: {denied}. Needed: {denied.advice}") from None
    except ServerError as error:
        raise _Stopped(f"{statement} failed: {error}", tried=change) from None
    lines += [f"the server warns: {sanitize(str(w.get('Message', '')))}" for w in warnings]
    if not same(now, change.new):
        lines.append(f"{change.name}: the server made {now} of {change.new}")
    lines.append(f"{statement}: @@global.{change.name} is {now}")
    return replace(change, new=now)


@dataclass(frozen=True, slots=True)
class Writer:
    """Adds the block, and takes it out where the server's own check refuses it."""

    files: Files
    check: Check | None

    def write(self, record: FileRecord, lines: list[str]) -> None:
        already = self._checked()
        try:
            add_block(record, self.files)
        except (FileChangeError, NotAlone) as error:
            raise _Stopped(str(error)) from None
        lines.append(f"written: {record.path}")
        if self.check is None:
            lines.append("the server's own check of its option files is not to be had here")
        elif already:
            lines.append(f"the server's own check tells nothing: {already}")
        elif refused := self._checked():
            self._take_out(record, refused)
        else:
            lines.append("the server's own check accepts its option files")

    def _checked(self) -> str:
        try:
            return self.check() if self.check is not None else ""
        except HostError as error:
            return str(error)

    def _take_out(self, record: FileRecord, refused: str) -> None:
        try:
            remove_block(record, self.files)
        except FileChangeError as error:
            raise _Stopped(
                f"the server refuses the option file ({refused}), and the lines could not be"
                f" taken out of {record.path}: {error}",
                is_clean=False,
            ) from None
        raise _Stopped(f"the server refuses the option file, the lines are out again: {refused}")


def _back_out(
    plan: Plan,
    done: list[VariableChange],
    tried: VariableChange | None,
    session: ServerSession,
    connector: Connector,
) -> tuple[bool, str]:
    """Take back what was set before the failure: whether nothing is left, and one line.

    After a lost session the last statement may have reached the server, so every change that
    shows its new value is taken back; and MySQL sets a value before it finds that it cannot keep
    it (SET PERSIST on a full disk).
    """
    left: list[str] = []
    try:
        with living_session(session, connector) as living:
            if living is not session:
                done = [c for c in plan.changes if _shows_new(living, c)]
            elif tried is not None and _shows_new(living, tried):
                done = [*done, tried]
            for change in reversed(done):
                left += _taken_back(living, change, plan.set_persist, change is not tried)
    except ServerError as error:
        names = ", ".join(c.name for c in done or plan.changes)
        return False, f"{names} could not be taken back: {error}; undo when the server answers"
    if left:
        names = ", ".join(c.name for c in done)
        return False, f"taken back for now: {names}; undo again later, as {'; '.join(left)}"
    if not done:
        return True, "nothing was changed"
    return True, f"taken back: {', '.join(c.name for c in done)}; nothing is left changed"


def _taken_back(
    session: ServerSession, change: VariableChange, persisted: bool, was_kept: bool
) -> list[str]:
    """What of it failed: where what is kept cannot be put back, the running value still is.

    Where the server could not keep the new value, its file needs no other one.
    """
    failed = []
    *kept, running = undo_statements(change, persisted)
    for statement in kept if was_kept else kept[-1:]:
        try:
            session.execute(statement)
        except (QueryDenied, QueryFailed) as error:
            failed.append(f"{statement} failed: {error}")
    session.execute(running)
    return failed


def _shows_new(session: ServerSession, change: VariableChange) -> bool:
    now = running_value(session, change.name, change.unit)
    return same(now, change.new) and not same(change.old, change.new)
