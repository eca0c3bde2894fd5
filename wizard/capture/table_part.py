"""The rows that a log table has got since a moment."""

from datetime import datetime, timedelta

from wizard.capture.logging_state import CaptureKind
from wizard.server.session import Row, ServerError, ServerSession

MOST_ROWS = 500_000
"""Rows of a log table that are read."""


def rows_since(
    session: ServerSession, kind: CaptureKind, began: datetime, most: int = MOST_ROWS
) -> list[Row]:
    """Their times are the session's, which is set to UTC."""
    at = "event_time" if kind is CaptureKind.GENERAL else "start_time"
    return session.rows(
        f"SELECT * FROM {kind.table} WHERE {at} >= %s LIMIT {most}",
        (f"{began - timedelta(seconds=1):%Y-%m-%d %H:%M:%S}",),
    )


def table_size(session: ServerSession, kind: CaptureKind) -> int | None:
    """The log tables are CSV files, whose length the server knows."""
    schema, _, table = kind.table.partition(".")
    try:
        rows = session.rows(f"SHOW TABLE STATUS FROM {schema} LIKE %s", (table,))
    except ServerError:
        return None
    return int(rows[0]["Data_length"] or 0) if rows else None
