"""Failures on a time axis, as text: one row a cause. Pure functions."""

from __future__ import annotations

from datetime import datetime, timedelta

from screens.text.words import middle_cut, wrapped
from wizard.case.case import Case
from wizard.diagnosis.model import Diagnosis, Reason
from wizard.report.sections.server_life import legend, server_life
from wizard.report.time_axis import Rows, counts, ends, marks, placed, rows_by_cause

NAME_WIDTH = 19
COUNT_WIDTH = 5
FEWEST = 8
NARROWEST = NAME_WIDTH + 1 + FEWEST + COUNT_WIDTH
"""Columns of a row whose axis has its fewest columns."""

LOST = "L"


def timeline(
    diagnosis: Diagnosis, case: Case | None, width: int, losses: tuple[datetime, ...] = ()
) -> list[str]:
    """Rows of at most `width` columns. A mark counts the failures of its column: 1 to 9, `#` for
    more, `.` for none. A failure whose time is not known is counted behind its row.

    Below stand the server's ends and starts, and the `losses` that the wizard itself saw.
    """
    rows = rows_by_cause(diagnosis.attributions) or _by_evidence(diagnosis, case)
    life = [*(server_life(case) if case is not None else ()), *((at, LOST) for at in losses)]
    times = [at for row in rows.values() for at in row if at is not None]
    times += [at for at, _ in life] if rows or losses else []
    columns = max(width - NAME_WIDTH - COUNT_WIDTH - 1, FEWEST)
    lines = []
    begin = end = datetime.min
    if times:
        begin, end = min(times), max(times)
        begin = min(begin, end - timedelta(seconds=columns))
        lines.append(" " * (NAME_WIDTH + 1) + _axis(begin, end, columns))
    for name, row in rows.items():
        drawn = marks(counts(row, begin, end, columns)) if times else ""
        lines.append(f"{middle_cut(name, NAME_WIDTH):<{NAME_WIDTH}} {drawn} {len(row):>4}")
        undated = sum(at is None for at in row)
        if undated and times:
            lines.append(" " * (NAME_WIDTH + 1) + f"{undated} of them without a time")
    if life and times:
        for number, drawn in enumerate(placed(life, begin, end, columns)):
            lines.append(f"{'' if number else 'server':<{NAME_WIDTH}} {drawn}")
        told = [words for words in (legend(life), f"{LOST} lost by the wizard") if words]
        lines += wrapped(", ".join(told if losses else told[:1]), width, 2)
    return lines


def _by_evidence(diagnosis: Diagnosis, case: Case | None) -> Rows:
    """Where only the server saw failures: when it saw those that each accused cause explains."""
    rows: Rows = {}
    for finding in diagnosis.accused:
        seen = max((_times(r, case) for r in finding.supports), key=len, default=[])
        told: list[datetime | None] = [*(seen[-finding.explains :] if finding.explains else seen)]
        if told:
            rows[finding.cause] = told + [None] * (finding.explains - len(told))
    return rows


def _times(reason: Reason, case: Case | None) -> list[datetime]:
    """When it was, as far as that is told: what was derived of several steps has two ends only."""
    seen = [e for e in case.evidence if e.signal == reason.signal] if case is not None else []
    times = [o.at for e in seen for o in e.occurrences if o.at is not None]
    if times or seen:
        return times
    ends = [reason.first, reason.last][: reason.count]
    return [at for at in ends if at is not None]


def _axis(begin: datetime, end: datetime, columns: int) -> str:
    left, right = ends(begin, end)
    if len(left) + len(right) >= columns:
        return left
    return left + right.rjust(columns - len(left))
