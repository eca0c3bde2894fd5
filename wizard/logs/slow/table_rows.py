"""Rows of mysql.slow_log as the rows of a file. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from wizard.logs.slow.lines import KEPT, Row
from wizard.server.answers import bytes_of, number_of


def rows_of_table(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Row]]:
    """The times are the session's, which is set to UTC; `start_time` is when it was logged."""
    yield [_row(row) for row in rows]


def _row(row: Mapping[str, Any]) -> Row:
    seconds = _seconds(row["query_time"])
    head = f"# Id: {number_of(row['thread_id'])}"
    if row.get("rows_affected") is not None:
        head += f" Rows_affected: {number_of(row['rows_affected'])}"
    return (
        b"",
        f"{head}\nuse {row['db'] or ''};\n".encode("utf-8", "replace"),
        str(row["user_host"]).encode("utf-8", "replace"),
        b"%.6f" % seconds,
        b"%.6f" % _seconds(row["lock_time"]),
        b"%d" % number_of(row["rows_sent"]),
        b"%d" % number_of(row["rows_examined"]),
        b"",
        _began(row["start_time"], seconds),
        bytes_of(row["sql_text"])[:KEPT],
    )


def _began(logged: Any, seconds: float) -> bytes:
    if not isinstance(logged, datetime):
        return b""
    return b"%.6f" % max(0.0, logged.replace(tzinfo=UTC).timestamp() - seconds)


def _seconds(value: Any) -> float:
    return float(value.total_seconds()) if isinstance(value, timedelta) else 0.0
