"""Captures of earlier runs that nothing put back: looked for at the start, and offered."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

from screens.opening import Engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.capture.journal import CaptureEntry
    from wizard.server.pymysql_session import PyMySqlConnector, PyMySqlSession

WORD = "restore"
"""What is typed to agree."""

TITLE = "An earlier capture may have left a log switched on"
DECLINED = "Left as it is. goneaway-wizard capture restore puts it back later."


def may_be() -> bool:
    """Whether anything was ever captured from this account."""
    from wizard.safety.state_directory import state_file

    return os.path.exists(state_file("captures.jsonl"))  # noqa: PTH110 - raises nothing


def look(engine: Engine, _say: Callable[[str], None]) -> tuple[str, ...]:
    """One line for each on this server. A server that does not answer has none in force."""
    from wizard.capture.journal import CaptureJournal, CaptureJournalError, leftovers
    from wizard.safety.errors import WizardError

    try:
        if not leftovers(CaptureJournal.default()):
            return ()
        session = _connector(engine).connect()
    except (CaptureJournalError, WizardError):
        return ()
    try:
        found = leftovers(CaptureJournal.default(), _identity(session))
    finally:
        session.close()
    return tuple(map(told, found))


def told(entry: CaptureEntry) -> str:
    """What was left, and the statements that put it back."""
    from wizard.units import moment

    statements = "\n".join(f"  {line};" for line in (*entry.restore, *entry.cleanup))
    return (
        f"The {entry.kind} log of {entry.label}, captured at {moment(entry.at)}: whatever would"
        f" have put it back was killed. These statements do:\n\n{statements}"
    )


def put_back(engine: Engine, _say: Callable[[str], None]) -> tuple[str, ...]:
    """What was done, a line for each. Raises WizardError."""
    from wizard.capture.journal import CaptureJournal, leftovers
    from wizard.capture.leftovers import restore

    journal, session = CaptureJournal.default(), _connector(engine).connect()
    host = engine.context.host
    try:
        return tuple(
            f"The {entry.kind} log of {entry.label}: {restore(entry, session, journal, host)}."
            for entry in leftovers(journal, _identity(session))
        )
    finally:
        session.close()


def _connector(engine: Engine) -> PyMySqlConnector:
    return cast("PyMySqlConnector", engine.context.connector)


def _identity(session: PyMySqlSession) -> str:
    from wizard.capture.logging_state import CaptureKind, read_logging_state

    return read_logging_state(session, CaptureKind.GENERAL).identity
