"""From totals since the server's start to evidence: all that MariaDB has. Pure."""

from collections.abc import Iterator

from wizard.case.evidence import Evidence
from wizard.server.status import StatusCounters

TOTAL_SIGNALS = (
    "count.killed",
    "count.refused-connections",
    "count.preauth",
    "count.slots-full",
    "count.load-data",
    "count.no-thread",
)


def evidence_from_totals(status: StatusCounters, inside: bool) -> tuple[Evidence, ...]:
    """MariaDB, and MySQL without performance_schema. `inside`: started inside the window.

    MariaDB never counts a 1040 as such; what is left of Aborted_connects after logins refused
    and connections without a login is that, or met an account's limit (1226) or lock (4151). It is
    weak unless a session more than there are slots has been there, which is one that was refused.
    """
    found = []
    weak = not inside
    source = "SHOW GLOBAL STATUS"
    if status["Com_kill"]:
        found.append(
            Evidence(
                "count.killed",
                "sessions or statements were killed; KILL QUERY counts too",
                f"{source} (Com_kill)",
                count=status["Com_kill"],
                weak=True,
            )
        )
    if refused := _refused(status):
        found.append(
            Evidence(
                "count.refused-connections",
                f"logins refused, while up to {status['Max_used_connections']} sessions wanted "
                f"{status.max_connections} slots",
                f"{source} (Aborted_connects, Max_used_connections)",
                count=refused,
                weak=weak or status["Max_used_connections"] <= status.max_connections,
            )
        )
    if status["Aborted_connects_preauth"]:
        found.append(
            Evidence(
                "count.preauth",
                "connections that ended before any login",
                f"{source} (Aborted_connects_preauth)",
                count=status["Aborted_connects_preauth"],
                weak=weak,
            )
        )
    return (*found, *slots(status), *load_data(status), *no_thread(status, weak))


def signals_of_totals(status: StatusCounters) -> tuple[str, ...]:
    """What these totals can tell. MariaDB counts statements that met a missing privilege among the
    denied logins, so that these may hide that more sessions came than there are slots."""
    failed = status["Aborted_connects"] - _before_login(status)
    wanted_more = status["Max_used_connections"] > status.max_connections
    hidden = "Access_denied_errors" in status.values and failed > 0 and wanted_more
    if hidden and not _refused(status):
        return tuple(signal for signal in TOTAL_SIGNALS if signal != "count.refused-connections")
    return TOTAL_SIGNALS


def _before_login(status: StatusCounters) -> int:
    return status["Aborted_connects_preauth"] + status["Connection_errors_internal"]


def _refused(status: StatusCounters) -> int:
    if status["Connection_errors_max_connections"]:
        return status["Connection_errors_max_connections"]
    if "Access_denied_errors" not in status.values:
        return 0
    told = _before_login(status) + status["Access_denied_errors"]
    return max(0, status["Aborted_connects"] - told)


def slots(status: StatusCounters) -> Iterator[Evidence]:
    if status["Threads_connected"] >= status.max_connections:
        yield Evidence(
            "count.slots-full",
            f"{status['Threads_connected']} of {status.max_connections} connections in use now",
            "SHOW GLOBAL STATUS (Threads_connected), @@max_connections",
        )


def load_data(status: StatusCounters) -> Iterator[Evidence]:
    """Matters where it is absent: without LOAD DATA there is little to read in pieces."""
    if status["Com_load"]:
        yield Evidence(
            "count.load-data",
            "LOAD DATA statements",
            "SHOW GLOBAL STATUS (Com_load)",
            count=status["Com_load"],
            weak=True,
        )


def no_thread(status: StatusCounters, weak: bool) -> Iterator[Evidence]:
    if status["Connection_errors_internal"]:
        yield Evidence(
            "count.no-thread",
            "connections refused for want of a thread or memory",
            "SHOW GLOBAL STATUS (Connection_errors_internal)",
            count=status["Connection_errors_internal"],
            weak=weak,
        )
