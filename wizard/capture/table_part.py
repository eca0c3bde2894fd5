"""The rows that a log table has got since a moment, and how much that is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wizard.capture.logging_state import CaptureKind
from wizard.server.bounded_connection import AnswerBounds
from wizard.server.pymysql_session import PyMySqlSession
from wizard.server.session import Row, ServerError, ServerSession

MOST_ROWS = 500_000
"""Rows of a log table that are read."""

READ_SECONDS = 100.0
"""Seconds in which they are read: the server empties the table a little later (plan.READING)."""

_ROW_BYTES = {CaptureKind.GENERAL: 90, CaptureKind.SLOW: 220}
"""Bytes of a row beside the statement, in the CSV files of MariaDB 10.11 and MySQL 9.7."""


@dataclass(frozen=True, slots=True)
class Received:
    """What the server got of its clients since its start, from its counters."""

    statements: int
    size: int
    slow: int


def rows_since(
    session: PyMySqlSession, kind: CaptureKind, began: datetime, most_bytes: int
) -> list[Row]:
    """`began` is by the server's clock. The rows' times are the session's, which is set to UTC.
    `most_bytes` is where the capture ends: it is over a little later, and an answer is larger."""
    bounds = AnswerBounds(MOST_ROWS + 100, 2 * most_bytes + (64 << 20), READ_SECONDS)
    return session.rows_within(_asked(kind, MOST_ROWS), (_said(began),), bounds)


def has_rows_since(session: ServerSession, kind: CaptureKind, began: datetime) -> bool:
    return bool(session.rows(_asked(kind, 1), (_said(began),)))


def _asked(kind: CaptureKind, most: int) -> str:
    at = "event_time" if kind is CaptureKind.GENERAL else "start_time"
    return f"SELECT * FROM {kind.table} WHERE {at} >= %s LIMIT {most}"


def _said(began: datetime) -> str:
    return f"{began - timedelta(seconds=1):%Y-%m-%d %H:%M:%S}"


def received(session: ServerSession) -> Received | None:
    """None where the server does not say."""
    try:
        rows = session.rows(
            "SHOW GLOBAL STATUS WHERE Variable_name IN"
            " ('Questions', 'Bytes_received', 'Slow_queries')"
        )
    except ServerError:
        return None
    told = {str(row["Variable_name"]): int(row["Value"]) for row in rows}
    return Received(
        told.get("Questions", 0), told.get("Bytes_received", 0), told.get("Slow_queries", 0)
    )


def grown(kind: CaptureKind, before: Received | None, now: Received | None) -> int | None:
    """About how many bytes the log's table has got between two looks at the counters.

    Both servers give the length of a log table as 0 (SHOW TABLE STATUS), and to count its rows
    would read them all.
    """
    if before is None or now is None:
        return None
    if kind is CaptureKind.GENERAL:
        size, rows = now.size - before.size, now.statements - before.statements
    else:
        rows = now.slow - before.slow
        size = rows * (now.size // max(now.statements, 1))
    return max(0, size + rows * _ROW_BYTES[kind])
