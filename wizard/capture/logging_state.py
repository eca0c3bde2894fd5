"""How a server logs statements at this moment: which logs, where to, from how long on."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from wizard.safety.sanitize import sanitize
from wizard.server.answers import number_of
from wizard.server.session import QueryDenied, QueryFailed, ServerSession

_MAX_PATH = 4096

NAMES = (
    "general_log",
    "general_log_file",
    "slow_query_log",
    "slow_query_log_file",
    "log_output",
    "long_query_time",
    "log_slow_extra",
    "log_slow_verbosity",
    "log_slow_rate_limit",
    "datadir",
    "hostname",
    "port",
    "server_uuid",
    "server_uid",
    "max_connections",
)


class CaptureKind(StrEnum):
    """Which log is switched on."""

    GENERAL = "general"
    SLOW = "slow"

    @property
    def switch(self) -> str:
        """The variable that switches it (Server System Variables)."""
        return "general_log" if self is CaptureKind.GENERAL else "slow_query_log"

    @property
    def file_variable(self) -> str:
        return f"{self.switch}_file"

    @property
    def table(self) -> str:
        return f"mysql.{'general_log' if self is CaptureKind.GENERAL else 'slow_log'}"


@dataclass(frozen=True, slots=True)
class LoggingState:
    """The global variables about the logs, by name, and what is in the logs' tables.

    `rows_in_table` is None where the account may not read the table.
    """

    values: Mapping[str, str]
    questions: int
    uptime: int
    bytes_received: int
    rows_in_table: int | None

    def is_on(self, kind: CaptureKind) -> bool:
        return self.values.get(kind.switch, "OFF").upper() in ("ON", "1")

    def writes_to(self, place: str) -> bool:
        """Whether `log_output` names `place` (FILE or TABLE)."""
        return place in self.values.get("log_output", "FILE").upper().split(",")

    @property
    def identity(self) -> str:
        """The same however the server is reached."""
        own = self.values.get("server_uuid") or self.values.get("server_uid")
        return own or "|".join(self.values.get(n, "") for n in ("hostname", "port", "datadir"))


def read_logging_state(session: ServerSession, kind: CaptureKind) -> LoggingState:
    """Raises ServerError."""
    listed = ", ".join(f"'{name}'" for name in NAMES)
    rows = session.rows(f"SHOW GLOBAL VARIABLES WHERE Variable_name IN ({listed})")
    values = {str(r["Variable_name"]).lower(): sanitize(str(r["Value"]), _MAX_PATH) for r in rows}
    status = {
        str(r["Variable_name"]): number_of(r["Value"])
        for r in session.rows(
            "SHOW GLOBAL STATUS WHERE Variable_name IN ('Questions', 'Uptime', 'Bytes_received')"
        )
    }
    return LoggingState(
        values,
        status.get("Questions", 0),
        status.get("Uptime", 0),
        status.get("Bytes_received", 0),
        _rows_in(session, kind),
    )


def _rows_in(session: ServerSession, kind: CaptureKind) -> int | None:
    """0 or 1: whether the table holds any row; it has no index, and may be huge."""
    try:
        return len(session.rows(f"SELECT 1 AS found FROM {kind.table} LIMIT 1"))
    except (QueryDenied, QueryFailed):
        return None
