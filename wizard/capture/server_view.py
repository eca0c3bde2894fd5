"""What a server says of a capture: whether its log is on, where it is written, who captures."""

from contextlib import suppress
from typing import Protocol

from wizard.capture.plan import LOCK
from wizard.server.session import QueryDenied, QueryFailed, ServerSession
from wizard.units import duration


class SwitchWords(Protocol):
    """What is switched: a plan, or what the journal kept of one."""

    @property
    def switch(self) -> str: ...

    @property
    def file_variable(self) -> str: ...

    @property
    def own_name(self) -> str: ...


def is_on_as_planned(session: ServerSession, words: SwitchWords) -> bool:
    """Whether the log is on, and writes to our file where we gave it one."""
    row = session.rows(
        f"SELECT @@GLOBAL.{words.switch} AS is_on, @@GLOBAL.{words.file_variable} AS file"
    )[0]
    is_on = str(row["is_on"]).upper() in ("1", "ON")
    return is_on and (not words.own_name or str(row["file"]) == words.own_name)


def whose(session: ServerSession) -> str:
    """Who holds the lock of a capture, as far as this account may know."""
    holder = session.value("SELECT IS_USED_LOCK(%s)", (LOCK,))
    if holder is None:
        return "it has just ended; try again"
    told = f"session {holder}"
    with suppress(QueryDenied, QueryFailed):
        rows = session.rows(
            "SELECT user, host, time FROM information_schema.processlist WHERE id = %s", (holder,)
        )
        for row in rows:
            names = {k.lower(): v for k, v in row.items()}
            told += (
                f", {names['user']}@{names['host']}, for {duration(float(names['time']))} so far"
            )
    return told


def writes_to_table(session: ServerSession, words: SwitchWords) -> bool:
    """Whether the log is on, for whomever, and rows of it go to its table."""
    row = session.rows(f"SELECT @@GLOBAL.{words.switch} AS is_on, @@GLOBAL.log_output AS output")[0]
    is_on = str(row["is_on"]).upper() in ("1", "ON")
    return is_on and "TABLE" in str(row["output"]).upper()
