"""Failures and the server's life on one time axis, drawn in characters. Pure.

The report and the screens draw with it: the rows, their order and the marks are the same.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo

from wizard.diagnosis.model import Attribution

UNEXPLAINED = "not explained"
"""The row of failures that nothing explains."""

Rows = dict[str, list[datetime | None]]
"""The failures' times by cause; None for one whose time is not known."""

_SHORT = timedelta(hours=1)
"""A stretch so short is told to the second."""


def rows_by_cause(attributions: Iterable[Attribution]) -> Rows:
    """One row a cause, the most frequent first; what nothing explains comes last."""
    rows: Rows = {}
    for attribution in attributions:
        rows.setdefault(attribution.cause or UNEXPLAINED, []).append(attribution.failure.at)
    order = sorted(rows, key=lambda name: (name == UNEXPLAINED, -len(rows[name]), name))
    return {name: rows[name] for name in order}


def counts(
    times: Iterable[datetime | None], begin: datetime, end: datetime, columns: int
) -> list[int]:
    """How many of `times` fall into each of `columns`; those without a time into none."""
    found = Counter(_column(at, begin, end, columns) for at in times if at is not None)
    return [found[column] for column in range(columns)]


def marks(numbers: Sequence[int]) -> str:
    """`.` for none, a digit, `#` for ten or more."""
    return "".join("." if not n else str(n) if n < 10 else "#" for n in numbers)


def placed(
    life: Iterable[tuple[datetime, str]], begin: datetime, end: datetime, columns: int
) -> tuple[str, ...]:
    """Rows with each mark where its moment lies; no mark hides another one in its column."""
    return in_rows(((_column(at, begin, end, columns), mark) for at, mark in life), columns)


def in_rows(found: Iterable[tuple[int, str]], columns: int) -> tuple[str, ...]:
    """Marks in their columns, in as many rows as the fullest column has different ones."""
    rows: list[list[str]] = []
    for column, mark in found:
        free = next((row for row in rows if row[column] in (".", mark)), None)
        if free is None:
            rows.append(free := ["."] * columns)
        free[column] = mark
    return tuple("".join(row) for row in rows)


def ends(begin: datetime, end: datetime, zone: tzinfo | None = None) -> tuple[str, str]:
    """The axis's two ends in words, in `zone` or the one that they are in."""
    first, last = (at.astimezone(zone) if zone is not None else at for at in (begin, end))
    form = "%H:%M:%S" if end - begin <= _SHORT else "%H:%M"
    if first.date() != last.date():
        form = f"%m-%d {form}"
    return first.strftime(form), last.strftime(form)


def _column(at: datetime, begin: datetime, end: datetime, columns: int) -> int:
    whole = (end - begin).total_seconds() or 1.0
    share = (at - begin).total_seconds() / whole
    return min(max(int(share * columns), 0), columns - 1)
