"""The global status counters that bear on lost connections."""

from collections.abc import Mapping
from dataclasses import dataclass

from wizard.case.evidence import Scalar
from wizard.server.answers import MOST, life_of, number_of, pairs_of
from wizard.server.session import ServerSession
from wizard.units import whole_number

NAMES = (
    "Aborted_clients",
    "Aborted_connects",
    "Aborted_connects_preauth",
    "Access_denied_errors",
    "Com_kill",
    "Com_load",
    "Connection_errors_accept",
    "Connection_errors_internal",
    "Connection_errors_max_connections",
    "Connection_errors_peer_address",
    "Connection_errors_select",
    "Connection_errors_tcpwrap",
    "Connections",
    "Max_execution_time_exceeded",
    "Max_statement_time_exceeded",
    "Max_used_connections",
    "Slow_launch_threads",
    "Threads_connected",
    "Threads_running",
    "Uptime",
    "Uptime_since_flush_status",
)


@dataclass(frozen=True, slots=True)
class StatusCounters:
    """SHOW GLOBAL STATUS, the rows of NAMES that this server has. Totals since its start."""

    values: Mapping[str, int]
    max_connections: int

    def __getitem__(self, name: str) -> int:
        return self.values.get(name, 0)

    @property
    def uptime(self) -> int | None:
        """Seconds; None where the server's clock was put back since it started."""
        return life_of(self["Uptime"])

    def facts(self) -> dict[str, Scalar]:
        facts: dict[str, Scalar] = {name.lower(): value for name, value in self.values.items()}
        return {**facts, "max_connections": self.max_connections}


def read_status(server: ServerSession) -> StatusCounters:
    """Needs no privilege. Raises what ServerSession.rows raises."""
    listed = ", ".join(f"'{name}'" for name in NAMES)
    rows = server.rows(f"SHOW GLOBAL STATUS WHERE Variable_name IN ({listed})")
    values = {}
    for name, value in pairs_of(rows):
        number = whole_number(value, MOST)
        if number is not None:
            values[name] = number
    limit = number_of(server.value("SELECT @@GLOBAL.max_connections"))
    return StatusCounters(values, limit)
