"""The server's limits on how long a statement may run and an answer may wait for its reader."""

from dataclasses import dataclass

from wizard.server.session import QueryDenied, QueryFailed, ServerSession


@dataclass(frozen=True, slots=True)
class SlowLimits:
    """Seconds; None where there is none or it is not known."""

    statement: float | None = None
    net_write_timeout: float | None = None


def read_slow_limits(server: ServerSession | None) -> SlowLimits:
    """MySQL counts max_execution_time in milliseconds; 0 is no limit."""
    if server is None:
        return SlowLimits()
    try:
        rows = server.rows(
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN"
            " ('max_execution_time', 'max_statement_time', 'net_write_timeout')"
        )
    except (QueryDenied, QueryFailed):
        return SlowLimits()
    told = {str(r["Variable_name"]).lower(): float(r["Value"]) for r in rows}
    statement = told.get("max_statement_time") or told.get("max_execution_time", 0.0) / 1000
    return SlowLimits(statement or None, told.get("net_write_timeout"))
