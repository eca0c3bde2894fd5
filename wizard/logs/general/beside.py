"""Connections of a general log beside the ends that the error log tells, by id and second. Pure.

The general log knows what a connection did and never why it ended; the error log knows why, and
nothing of what went before.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from knowledge.load import load
from wizard.case.evidence import Evidence, Occurrence, Table
from wizard.logs.general.lines import seconds_between
from wizard.logs.general.sessions import SessionSeen, Workload
from wizard.units import duration

ABNORMAL = "log.aborted-"
"""What the signals of abnormal ends begin with."""

SLACK = timedelta(seconds=1)
"""Both logs may tell whole seconds."""

MOST_ROWS = 50


def beside_error_log(work: Workload, evidence: Iterable[Evidence]) -> tuple[Table, ...]:
    """One table, of the connections that both logs know; none where there are none."""
    rows = sorted(_rows(work, evidence))
    if not rows:
        return ()
    columns = ("ended", "id", "account", "the error log says", "rest before", "last said")
    note = f"{len(rows) - MOST_ROWS} more" if len(rows) > MOST_ROWS else ""
    return (
        Table("Ended abnormally: both logs side by side", columns, tuple(rows[:MOST_ROWS]), note),
    )


def _rows(work: Workload, evidence: Iterable[Evidence]) -> Iterator[tuple[str, ...]]:
    sessions: dict[int, list[SessionSeen]] = defaultdict(list)
    for session in work.sessions:
        if not session.quit and not session.refused:
            sessions[session.connection_id].append(session)
    for found in evidence:
        if not found.signal.startswith(ABNORMAL):
            continue
        for end in found.occurrences:
            known = _session(sessions.get(end.connection_id or 0, ()), end)
            if known is not None and end.at is not None:
                yield _row(known, end.at, load().signals[found.signal].text)


def _session(sessions: Iterable[SessionSeen], end: Occurrence) -> SessionSeen | None:
    """The one of this id that can have ended then: a restarted server counts from 1 again."""
    return next(
        (
            s
            for s in sessions
            if end.at is not None
            and (s.first is None or s.first <= end.at + SLACK)
            and (s.last is None or s.last <= end.at + SLACK)
        ),
        None,
    )


def _row(session: SessionSeen, at: datetime, says: str) -> tuple[str, ...]:
    return (
        f"{at:%Y-%m-%d %H:%M:%S}",
        str(session.connection_id),
        session.account,
        says,
        duration(round(seconds_between(session.last, at))),
        session.last_said[:120],
    )
