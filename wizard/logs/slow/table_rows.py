"""Rows of mysql.slow_log as the entries that a file would hold. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from wizard.logs.slow.lines import KEPT, SlowEntry
from wizard.safety.sanitize import sanitize

_WHO = re.compile(r"(?P<user>[^\[]{0,100})\[[^\]]*\] @ (?P<host>[^\[]{0,260}?) ?\[(?P<ip>[^\]]*)\]")


def entries_of_rows(rows: Iterable[Mapping[str, Any]]) -> Iterator[SlowEntry]:
    """The times are the session's, which is set to UTC; `start_time` is when it was logged."""
    for row in rows:
        text = row["sql_text"]
        raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else bytes(text)
        seconds = _seconds(row["query_time"])
        logged = row["start_time"]
        who = _WHO.match(str(row["user_host"]))
        user, host = (who["user"], who["host"] or who["ip"]) if who else ("", "")
        yield SlowEntry(
            logged.replace(tzinfo=UTC) - timedelta(seconds=seconds)
            if isinstance(logged, datetime)
            else None,
            seconds,
            sanitize(user),
            sanitize(host),
            int(row["thread_id"]),
            sanitize(str(row["db"] or "")),
            raw[:KEPT],
            len(raw),
            _seconds(row["lock_time"]),
            int(row["rows_sent"]),
            int(row["rows_examined"]),
            int(row["rows_affected"]) if row.get("rows_affected") is not None else None,
        )


def _seconds(value: Any) -> float:
    return float(value.total_seconds()) if isinstance(value, timedelta) else 0.0
