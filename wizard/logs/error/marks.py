"""What single lines say about a server's life."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MarkKind(StrEnum):
    """What one line says about the server's life; the values are signature ids."""

    START = "run-start"
    START_BANNER = "run-start-banner"
    START_MARIADB = "run-start-mariadb"
    INITIALIZE = "run-initialize"
    INITIALIZED = "run-initialized"
    READY = "run-ready"
    VERSION = "run-version"
    STOP = "run-stop"
    STOP_MARIADB = "run-stop-mariadb"
    STOP_GRACEFUL = "run-stop-graceful"
    STOPPED = "run-stopped"
    TEMPORARY = "run-temporary"
    ABORT = "run-abort"
    SECOND_SERVER = "run-second"
    DATADIR_LOCKED = "run-locked"
    DOOMED = "run-doomed"
    JOINER_DOOMED = "run-joiner-doomed"
    JOINER_ALONE = "run-joiner-alone"
    FATAL_AT_START = "run-fatal"
    UNKNOWN_OPTION = "run-unknown-option"
    SIGNAL = "crash-signal"
    EXCEPTION = "crash-exception"
    ASSERTION = "crash-assertion"
    FATAL = "crash-fatal"
    GAVE_UP = "crash-gave-up"
    QUERY = "crash-query"
    SESSION = "crash-session"


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of a server's life. `before` is the time of the last line before it, `again`
    marks what MySQL prints a second time at the next start (MY-013951), and `error` is the
    last [ERROR] line before it."""

    kind: MarkKind
    at: datetime | None
    text: str
    line: int | None = None
    pid: int | None = None
    port: int | None = None
    who: str = ""
    before: datetime | None = None
    again: bool = False
    error: str = ""


STARTS = (MarkKind.START, MarkKind.START_BANNER, MarkKind.START_MARIADB)
ENDS_OF_REASONS = (*STARTS, MarkKind.STOPPED)
"""What was said before such a line is no reason for what comes after it."""

BIRTHS = (*STARTS, MarkKind.INITIALIZE, MarkKind.TEMPORARY)
"""What the first line of a complete log may say."""

DOOMS = (
    MarkKind.DOOMED,
    MarkKind.JOINER_DOOMED,
    MarkKind.JOINER_ALONE,
    MarkKind.FATAL_AT_START,
    MarkKind.UNKNOWN_OPTION,
)
"""After such a line a start gives up."""

STOPS = (MarkKind.STOP, MarkKind.STOP_MARIADB, MarkKind.STOP_GRACEFUL)
CRASHES = (
    MarkKind.SIGNAL,
    MarkKind.EXCEPTION,
    MarkKind.ASSERTION,
    MarkKind.FATAL,
    MarkKind.GAVE_UP,
)
DETAILS = (MarkKind.QUERY, MarkKind.SESSION)

START_TEXTS = (b" starting as process ", b"Starting MariaDB ")
"""What the first line of a run contains."""
