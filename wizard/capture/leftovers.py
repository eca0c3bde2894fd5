"""Puts back what a capture left: the last resort, at a later start of the wizard."""

from contextlib import suppress
from datetime import UTC, datetime

from wizard.capture.journal import CaptureEntry, CaptureJournal, CaptureState
from wizard.capture.logging_state import CaptureKind
from wizard.capture.own_file import own_file
from wizard.capture.plan import LOCK, CannotCapture
from wizard.capture.server_view import is_on_as_planned, whose, writes_to_table
from wizard.capture.table_part import has_rows_since
from wizard.hosts.protocol import Host
from wizard.server.answers import number_of
from wizard.server.clock_zone import clock_of
from wizard.server.session import QueryDenied, QueryFailed, ServerError, ServerSession


def restore(
    entry: CaptureEntry, session: ServerSession, journal: CaptureJournal, host: Host | None
) -> str:
    """Put back what is still as the capture made it; what was done. `host` is the server's
    machine, where it is seen. Raises ServerError, CannotCapture, CaptureJournalError."""
    if session.value("SELECT GET_LOCK(%s, 0)", (LOCK,)) != 1:
        raise CannotCapture(f"another capture is in force on this server: {whose(session)}")
    try:
        was_on = still_on(entry, session)
        if not _restarted(entry, session):
            # The switch comes first; what is no longer ours stays as it is.
            _run(entry.restore if was_on else entry.restore[1:], session)
        if entry.cleanup and (was_on or _all_are_its_own(entry, session)):
            _run(entry.cleanup, session)
        if (file := own_file(entry.own_file, host, 0)) is not None:
            with suppress(OSError):
                file.forget_name()
        journal.move(entry.id, CaptureState.RESTORED)
        return "the log was put back" if was_on else "the log had been put back already"
    finally:
        with suppress(ServerError):
            session.value("SELECT RELEASE_LOCK(%s)", (LOCK,))


def still_on(entry: CaptureEntry, session: ServerSession) -> bool:
    """Whether the log is on as the capture left it. Raises ServerError."""
    return is_on_as_planned(session, _Words(entry)) and not _restarted(entry, session)


class _Words:
    """What the journal kept, in the words that a question about the log takes."""

    def __init__(self, entry: CaptureEntry) -> None:
        self.switch: str = CaptureKind(entry.kind).switch
        self.file_variable: str = CaptureKind(entry.kind).file_variable
        self.own_name = entry.own_name


def _all_are_its_own(entry: CaptureEntry, session: ServerSession) -> bool:
    """Whether the log's table holds what the capture left there, and nothing later."""
    ended = clock_of(session) - (datetime.now(UTC) - entry.ends)
    return not writes_to_table(session, _Words(entry)) and not has_rows_since(
        session, CaptureKind(entry.kind), ended
    )


def _restarted(entry: CaptureEntry, session: ServerSession) -> bool:
    """A server that was started since then is as its option files say."""
    rows = session.rows("SHOW GLOBAL STATUS LIKE 'Uptime'")
    uptime = number_of(rows[0]["Value"]) if rows else 0
    return uptime + 2 < (datetime.now(UTC) - entry.at).total_seconds()


def _run(statements: tuple[str, ...], session: ServerSession) -> None:
    failed: ServerError | None = None
    for statement in statements:
        try:
            session.execute(statement)
        except (QueryDenied, QueryFailed) as error:
            failed = failed or error
    if failed is not None:
        raise failed
