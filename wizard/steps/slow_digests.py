"""The server's own statement digests, as the slow log's table."""

from typing import Any

from wizard import units
from wizard.case.evidence import Table
from wizard.safety.sanitize import sanitize
from wizard.server.answers import number_of, time_of
from wizard.server.pymysql_session import TAG
from wizard.server.session import ServerSession

_PICOSECONDS = 1e12
_ROWS = 50

_NOT_OURS = f" AND query_sample_text NOT LIKE '{TAG}%%'"
"""A digest has no comments; the statement that the server keeps beside it has, from 8.0 on."""


def digest_table(server: ServerSession) -> Table | None:
    """None where the server keeps none (performance_schema is off, or its consumer). MySQL 8.0
    and later also know the quantiles."""
    if not number_of(server.value("SELECT @@GLOBAL.performance_schema")):
        return None
    newer = server.info.has_error_summary
    quantile = ", quantile_95 AS p95" if newer else ""
    rows = server.rows(
        "SELECT digest_text AS text, count_star AS count, sum_timer_wait AS total,"
        " max_timer_wait AS longest, sum_lock_time AS locked, sum_rows_examined AS examined,"
        f" sum_rows_sent AS sent, UNIX_TIMESTAMP(last_seen) AS last{quantile}"
        " FROM performance_schema.events_statements_summary_by_digest"
        f" WHERE digest_text IS NOT NULL{_NOT_OURS if newer else ''}"
        f" ORDER BY sum_timer_wait DESC LIMIT {_ROWS}"
    )
    if not rows:
        return None
    columns = ("count", "total", "p95", "max", "lock", "examined", "sent", "last", "statement")
    return Table(
        "Statements by shape, since the server was started",
        columns,
        tuple(_row(row) for row in rows),
        "from performance_schema.events_statements_summary_by_digest",
    )


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        str(row["count"]),
        _seconds(row["total"]),
        _seconds(row["p95"]) if "p95" in row else "-",
        _seconds(row["longest"]),
        _seconds(row["locked"]),
        str(row["examined"]),
        str(row["sent"]),
        _clock(row["last"]),
        sanitize(str(row["text"]))[:160],
    )


def _clock(seconds: Any) -> str:
    return units.moment(time_of(seconds)) if seconds else "-"


def _seconds(picoseconds: int) -> str:
    return units.duration(int(picoseconds) / _PICOSECONDS)
