"""The rows that a log table has got since a moment, and how much that is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wizard.capture.logging_state import CaptureKind
from wizard.server.answers import number_of
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
    """What the server got of its clients since its start, from its counters. `written` is what it
    wrote to the files of its log tables, None where this account cannot see that."""

    statements: int
    size: int
    slow: int
    written: int | None = None


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
        told = {str(row["Variable_name"]): number_of(row["Value"]) for row in rows}
    except ServerError:
        return None
    return Received(
        told.get("Questions", 0),
        told.get("Bytes_received", 0),
        told.get("Slow_queries", 0),
        _written(session),
    )


def _written(session: ServerSession) -> int | None:
    """The log tables are the only ones of the CSV engine that a server has of itself."""
    try:
        told = session.value(
            "SELECT SUM_NUMBER_OF_BYTES_WRITE FROM performance_schema.file_summary_by_event_name"
            " WHERE EVENT_NAME = 'wait/io/file/csv/data'"
        )
        return None if told is None else number_of(told)
    except ServerError:
        return None


def grown(kind: CaptureKind, before: Received | None, now: Received | None) -> int | None:
    """About how many bytes the log's table has got between two looks at the counters.

    Both servers give the length of a log table as 0 (SHOW TABLE STATUS), and to count its rows
    would read them all. performance_schema counts what is written (MySQL; MariaDB where it is on).
    Else it is reckoned from what came, which is right for text and for escaped or hexadecimal
    bytes. The CSV engine doubles each double quote, and bytes of a prepared statement are logged
    escaped: 1 MiB of random ones takes 1.4 MiB on MySQL 9.7 and 3.6 MiB on MariaDB 10.11.
    """
    if before is None or now is None:
        return None
    if before.written is not None and now.written is not None and now.written > before.written:
        return now.written - before.written
    if kind is CaptureKind.GENERAL:
        size, rows = now.size - before.size, now.statements - before.statements
    else:
        rows = now.slow - before.slow
        size = rows * (now.size // max(now.statements, 1))
    return max(0, size + rows * _ROW_BYTES[kind])
