"""Rows of mysql.general_log as the entries that a file would hold. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from wizard.logs.general.lines import KEPT, GeneralEntry
from wizard.server.answers import bytes_of, number_of


def entries_of_rows(rows: Iterable[Mapping[str, Any]]) -> Iterator[GeneralEntry]:
    """The times are the session's, which is set to UTC."""
    for row in rows:
        raw = bytes_of(row["argument"])
        at = row["event_time"]
        yield GeneralEntry(
            at.replace(tzinfo=UTC) if isinstance(at, datetime) else None,
            number_of(row["thread_id"]),
            str(row["command_type"]),
            raw[:KEPT],
            len(raw),
        )
