"""What a capture will set, and the statements that put everything back. Pure."""

import posixpath
from dataclasses import dataclass
from enum import StrEnum

from wizard.capture.logging_state import CaptureKind, LoggingState
from wizard.safety.errors import WizardError

LOCK = "goneaway-wizard.capture"
"""The server-wide lock that the holder of the switch keeps (GET_LOCK()): one capture a server."""

GRACE = 5
"""Seconds that the server's own switch lets pass after the asked time: the wizard comes first,
so that it has read the log before a table is emptied."""

TIME_OVER = "the time was over"
"""How a capture ends of which nothing else came before."""

READING = 120
"""Seconds that the wizard may take to read a log table before the server empties it."""


class Where(StrEnum):
    """Where the log is written while it is captured."""

    FILE = "FILE"
    TABLE = "TABLE"


class CannotCapture(WizardError):
    """The log cannot be captured here; the message says why and what would allow it."""


class MayBeOn(CannotCapture):
    """The way to the server is lost; the message says what puts the log back, and what tells."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What this account and machine can get at. `directory` is the server's data directory as we
    see it, "" where files in it can be neither read nor removed; `why_no_file` says why. `free` is
    what may still be written there. `root` is where the server's `/` is as we see it, None where
    its process is not known."""

    directory: str = ""
    why_no_file: str = "the server's files are not within reach"
    free: int | None = None
    root: str | None = None


@dataclass(frozen=True, slots=True)
class CapturePlan:
    """All of one capture. `setup` switches the log on; `restore` puts it back.

    Each statement of `restore` does nothing where somebody else has set the variable meanwhile,
    so that all may run twice. `own_file` is the file that the server makes, as we see it, and
    `own_name` as the server does. `empties_table`: the table was empty, so it is emptied again.
    """

    kind: CaptureKind
    where: Where
    seconds: int
    max_bytes: int
    setup: tuple[str, ...]
    restore: tuple[str, ...]
    own_file: str = ""
    own_name: str = ""
    empties_table: bool = False
    remarks: tuple[str, ...] = ()
    long: float | None = None

    @property
    def switch(self) -> str:
        return self.kind.switch

    @property
    def file_variable(self) -> str:
        return self.kind.file_variable

    @property
    def wait(self) -> str:
        """The statement that waits, and ends early where the client is gone.

        SLEEP() then ends within 5 s, and the rest of the packet runs all the same; measured on
        MariaDB 10.5 and 10.11 and on MySQL 9.7 (knowledge/captures.toml).
        """
        return f"DO SLEEP({self.seconds + GRACE})"

    @property
    def packet(self) -> tuple[str, ...]:
        """One packet that switches on, waits and puts back.

        There is no moment in which the log is on and nothing in the server knows when it ends. A
        table is emptied after a second wait, in which the wizard reads it.
        """
        cleanup = (f"DO SLEEP({READING})", *self.cleanup) if self.cleanup else ()
        return (*self.setup, self.wait, *self.restore, *cleanup)

    @property
    def cleanup(self) -> tuple[str, ...]:
        return (f"TRUNCATE TABLE {self.kind.table}",) if self.empties_table else ()


def plan_capture(
    state: LoggingState,
    kind: CaptureKind,
    reach: Reach,
    seconds: int,
    max_bytes: int,
    token: str,
    long_query_time: float | None = None,
    is_mariadb: bool = False,
) -> CapturePlan:
    """`token` makes the file's name unique. Raises CannotCapture."""
    where = _place(state, kind, reach)
    setup: list[str] = []
    back: list[str] = []
    own_name = own_file = ""
    if where is Where.FILE:
        name = f"goneaway-wizard-{kind}-{token}.log"
        own_name = posixpath.join(state.values.get("datadir", ""), name)
        own_file = posixpath.join(reach.directory, name)
        setup.append(f"SET GLOBAL {kind.file_variable} = {quoted(own_name)}")
    output = _output(state, kind, where)
    if output != state.values.get("log_output", "FILE"):
        setup.append(f"SET GLOBAL log_output = {quoted(output)}")
        back.append(_back(state, "log_output", output))
    if kind is CaptureKind.SLOW:
        _slow_settings(state, long_query_time, is_mariadb, setup, back)
    setup.append(f"SET GLOBAL {kind.switch} = 1")
    if own_name:
        held = f"@@GLOBAL.{kind.file_variable} = {quoted(own_name)}"
        off = f"SET GLOBAL {kind.switch} = IF({held}, 0, @@GLOBAL.{kind.switch})"
        back.append(_back(state, kind.file_variable, own_name))
    else:
        off = f"SET GLOBAL {kind.switch} = 0"
    empties = where is Where.TABLE and state.rows_in_table == 0
    return CapturePlan(
        kind, where, seconds, max_bytes, tuple(setup), (off, *back), own_file, own_name, empties,
        _remarks(kind, where, empties, reach.why_no_file), long_query_time,
    )  # fmt: skip


def quoted(text: str) -> str:
    """A string literal, whatever the SQL mode.

    Hexadecimal where it holds more than plain characters (NO_BACKSLASH_ESCAPES changes what a
    backslash means).
    """
    if "\\" in text or not text.isprintable():
        return f"CONVERT(0x{text.encode().hex()} USING utf8mb4)"
    return "'" + text.replace("'", "''") + "'"


def _place(state: LoggingState, kind: CaptureKind, reach: Reach) -> Where:
    if reach.directory:
        return Where.FILE
    if state.rows_in_table is not None:
        return Where.TABLE
    raise CannotCapture(
        f"the {kind} log can be read neither as a file ({reach.why_no_file}) nor as a table: run "
        f"the wizard as root on the server's machine, or GRANT SELECT, DROP ON {kind.table}"
    )


def _output(state: LoggingState, kind: CaptureKind, where: Where) -> str:
    """The other log goes on to where it went. In the server's own order: what is put back is told
    by comparing with what the server says."""
    other = CaptureKind.SLOW if kind is CaptureKind.GENERAL else CaptureKind.GENERAL
    if state.writes_to("NONE") or not state.is_on(other):
        return where.value
    return ",".join(place for place in Where if place is where or state.writes_to(place))


def _slow_settings(
    state: LoggingState,
    long_query_time: float | None,
    is_mariadb: bool,
    setup: list[str],
    back: list[str],
) -> None:
    if long_query_time is not None:
        setup.append(f"SET GLOBAL long_query_time = {long_query_time:.6f}")
        before, now = float(state.values.get("long_query_time", "10")), "@@GLOBAL.long_query_time"
        ours = f"ABS({now} - {long_query_time:.6f}) < 0.0000005"
        back.append(f"SET GLOBAL long_query_time = IF({ours}, {before:.6f}, {now})")
    if not is_mariadb and state.values.get("log_slow_extra", "ON") == "OFF":
        setup.append("SET GLOBAL log_slow_extra = 1")
        back.append("SET GLOBAL log_slow_extra = 0")


def _back(state: LoggingState, name: str, ours: str) -> str:
    """Nothing changes where the variable is no longer what we made it."""
    now, before = f"@@GLOBAL.{name}", quoted(state.values.get(name, ""))
    return f"SET GLOBAL {name} = IF({now} = {quoted(ours)}, {before}, {now})"


def _remarks(kind: CaptureKind, where: Where, empties: bool, why_no_file: str) -> tuple[str, ...]:
    told = []
    if where is Where.TABLE and not empties:
        told.append(
            f"{kind.table} holds rows of before: those of the capture stay among them, as a log "
            "table can only be emptied whole"
        )
    if kind is CaptureKind.SLOW:
        told.append(
            "sessions copied long_query_time at login: those that are open keep theirs, and only "
            "new ones are logged by the new limit"
        )
    if where is Where.TABLE:
        told.append(
            f"the log goes to a table, which costs about twice as much as a file: {why_no_file}"
        )
    return tuple(told)
