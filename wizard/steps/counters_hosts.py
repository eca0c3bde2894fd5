"""What the server counted for each client host or user: MySQL's host cache, MariaDB's userstat.

MySQL Reference Manual, "The host_cache Table": a host has a row only where names are resolved
(skip_name_resolve = OFF) and host_cache_size is not 0. MariaDB: "User Statistics" (userstat).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from wizard.case.case import Window
from wizard.case.evidence import Evidence, Table
from wizard.safety.sanitize import sanitize
from wizard.server.answers import number_of
from wizard.server.session import QueryDenied, QueryFailed, Row, ServerSession

NAMES_LATE = "count.name-failed"
_MOST_HOSTS = 200

_COLUMNS = {
    "sum_connect_errors": "broken handshakes",
    "count_host_blocked_errors": "refused as blocked",
    "count_nameinfo_transient_errors": "name not resolved in time",
    "count_nameinfo_permanent_errors": "no name",
    "count_handshake_errors": "left in the handshake",
    "count_authentication_errors": "denied",
    "count_max_user_connections_errors": "over the account's limit",
    "count_init_connect_errors": "init_connect failed",
    "count_ssl_errors": "TLS failed",
}


@dataclass(frozen=True, slots=True)
class HostCount:
    """One row of the host cache: `counts` by column, without zeros; `last` is of an error."""

    host: str
    counts: dict[str, int]
    last: datetime | None


def host_rows(server: ServerSession) -> tuple[HostCount, ...]:
    """Hosts with any error, the latest first. Raises QueryDenied without SELECT there."""
    columns = ", ".join(f"{name} AS {name}" for name in _COLUMNS)
    rows = server.rows(
        f"SELECT ip AS ip, host AS name, {columns}, last_error_seen AS last_at"
        " FROM performance_schema.host_cache WHERE first_error_seen IS NOT NULL"
        f" ORDER BY last_error_seen DESC LIMIT {_MOST_HOSTS}"
    )
    return tuple(_host(row) for row in rows)


def _host(row: Row) -> HostCount:
    name = f" ({row['name']})" if row["name"] else ""
    last = row["last_at"]
    return HostCount(
        sanitize(f"{row['ip']}{name}", 120),
        {column: number_of(row[column]) for column in _COLUMNS if row[column]},
        last.replace(tzinfo=UTC) if isinstance(last, datetime) else None,
    )


def host_evidence(hosts: Sequence[HostCount], window: Window) -> Iterator[Evidence]:
    """Names that could not be looked up in time, where the latest error is of the window."""
    column = "count_nameinfo_transient_errors"
    slow = [h for h in hosts if h.counts.get(column) and window.holds(h.last)]
    if slow:
        yield Evidence(
            NAMES_LATE,
            "clients whose names could not be looked up in time: "
            + ", ".join(h.host for h in slow[:3]),
            "performance_schema.host_cache",
            count=len(slow),
            last=max(h.last for h in slow if h.last is not None),
        )


def host_table(hosts: Sequence[HostCount]) -> Iterator[Table]:
    if hosts:
        rows = tuple(
            (
                h.host,
                ", ".join(f"{count} {_COLUMNS[name]}" for name, count in h.counts.items()),
                "" if h.last is None else f"{h.last:%Y-%m-%d %H:%M:%S}",
            )
            for h in hosts
        )
        yield Table(
            "Hosts that met errors at login",
            ("HOST", "WHAT", "LAST (UTC)"),
            rows,
            note="since the host came into the cache (performance_schema.host_cache)",
        )


def user_table(server: ServerSession) -> Iterator[Table]:
    """MariaDB's totals by user, where userstat is on."""
    try:
        if not number_of(server.value("SELECT @@GLOBAL.userstat")):
            return
        rows = server.rows(
            "SELECT user AS who, total_connections AS opened, denied_connections AS denied,"
            " access_denied AS refused, lost_connections AS lost"
            " FROM information_schema.user_statistics ORDER BY total_connections DESC LIMIT 50"
        )
    except (QueryDenied, QueryFailed):
        return
    if rows:
        yield Table(
            "Users since userstat is on",
            ("USER", "CONNECTIONS", "DENIED", "ACCESS DENIED", "LOST"),
            tuple(tuple(sanitize(str(value), 80) for value in row.values()) for row in rows),
            note="totals; LOST counts little of what is lost",
        )
