"""Captures of earlier runs that nothing put back: looked for at the start, and offered."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

from screens.opening import Engine

if TYPE_CHECKING:
    from collections.abc import Callable

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
        return tuple(
            f"The {entry.kind} log of {entry.label}, captured at {entry.at:%Y-%m-%d %H:%M:%S} UTC:"
            f" whatever would have put it back was killed. These statements do:\n\n"
            + "\n".join(f"  {statement};" for statement in (*entry.restore, *entry.cleanup))
            for entry in leftovers(CaptureJournal.default(), _identity(session))
        )
    finally:
        session.close()


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
