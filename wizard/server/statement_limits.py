"""The server's limits on how long a statement may run and an answer may wait for its reader."""

from dataclasses import dataclass

from wizard.server.answers import amount_of
from wizard.server.session import QueryDenied, QueryFailed, ServerSession


@dataclass(frozen=True, slots=True)
class SlowLimits:
    """Seconds; None where there is none or it is not known.

    `variable` names the statement limit. `client` is how long a client was seen to wait for an
    answer, `proxy` how long one between lets nothing flow; the server knows neither.
    """

    statement: float | None = None
    net_write_timeout: float | None = None
    client: float | None = None
    proxy: float | None = None
    variable: str = "the statement limit"

    @property
    def named(self) -> dict[str, float]:
        """Those that are known, by name."""
        told = {
            self.variable: self.statement,
            "net_write_timeout": self.net_write_timeout,
            "the client's read timeout": self.client,
            "the proxy's timeout": self.proxy,
        }
        return {name: seconds for name, seconds in told.items() if seconds}


def read_slow_limits(server: ServerSession | None) -> SlowLimits:
    """MySQL counts max_execution_time in milliseconds; 0 is no limit."""
    if server is None:
        return SlowLimits()
    try:
        rows = server.rows(
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN"
            " ('max_execution_time', 'max_statement_time', 'net_write_timeout')"
        )
        told = {str(r["Variable_name"]).lower(): amount_of(r["Value"]) for r in rows}
    except (QueryDenied, QueryFailed):
        return SlowLimits()
    statement = told.get("max_statement_time") or told.get("max_execution_time", 0.0) / 1000
    variable = "max_statement_time" if "max_statement_time" in told else "max_execution_time"
    return SlowLimits(statement or None, told.get("net_write_timeout"), variable=variable)
