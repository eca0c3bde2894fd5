"""Failures on a time axis, as text: one row a cause. Pure functions."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from screens.text.words import wrapped
from wizard.case.case import Case
from wizard.diagnosis.model import Diagnosis
from wizard.report.sections.server_life import LEGEND, server_life

UNEXPLAINED = "not explained"
NAME_WIDTH = 19
COUNT_WIDTH = 5

LOST = "L"

Rows = dict[str, list[datetime | None]]


def timeline(
    diagnosis: Diagnosis, case: Case | None, width: int, losses: tuple[datetime, ...] = ()
) -> list[str]:
    """Rows of at most `width` columns. A mark counts the failures of its column: 1 to 9, `#` for
    more, `.` for none. A failure whose time is not known is counted behind its row.

    Below stand the server's ends and starts, and the `losses` that the wizard itself saw.
    """
    rows = _by_cause(diagnosis) or _by_evidence(diagnosis, case)
    life = [*(server_life(case) if case is not None else ()), *((at, LOST) for at in losses)]
    times = [at for row in rows.values() for at in row if at is not None]
    times += [at for at, _ in life] if times or losses else []
    columns = max(width - NAME_WIDTH - COUNT_WIDTH - 1, 8)
    lines = []
    begin = end = datetime.min
    if times:
        begin, end = min(times), max(times)
        end = max(end, begin + timedelta(seconds=columns))
        lines.append(" " * (NAME_WIDTH + 1) + _axis(begin, end, columns))
    for name, row in rows.items():
        marks = _marks(row, begin, end, columns) if times else ""
        lines.append(f"{name[:NAME_WIDTH]:<{NAME_WIDTH}} {marks} {len(row):>4}")
        undated = sum(at is None for at in row)
        if undated and times:
            lines.append(" " * (NAME_WIDTH + 1) + f"{undated} of them without a time")
    if life and times:
        lines.append(f"{'server':<{NAME_WIDTH}} {_life(life, begin, end, columns)}")
        lines += wrapped(f"{LEGEND}, {LOST} lost by the wizard", width, 2)
    return lines


def _by_cause(diagnosis: Diagnosis) -> Rows:
    """Times by cause, in the order of the findings; what nothing explains comes last."""
    rows: Rows = {finding.cause: [] for finding in diagnosis.findings}
    unexplained: list[datetime | None] = []
    for attribution in diagnosis.attributions:
        row = unexplained if attribution.cause is None else rows.setdefault(attribution.cause, [])
        row.append(attribution.failure.at)
    filled = {cause: row for cause, row in rows.items() if row}
    return {**filled, UNEXPLAINED: unexplained} if unexplained else filled


def _by_evidence(diagnosis: Diagnosis, case: Case | None) -> Rows:
    """Where only the server saw failures: when it saw what speaks for each accused cause."""
    rows: Rows = {}
    for finding in diagnosis.accused:
        signals = {reason.signal for reason in finding.supports}
        seen = [e for e in case.evidence if e.signal in signals] if case is not None else []
        times = [o.at for e in seen for o in e.occurrences if o.at is not None]
        if times:
            rows[finding.cause] = list(times)
    return rows


def _life(life: list[tuple[datetime, str]], begin: datetime, end: datetime, columns: int) -> str:
    step = (end - begin) / columns
    row = ["."] * columns
    for at, mark in life:
        row[min(int((at - begin) / step), columns - 1)] = mark
    return "".join(row)


def _marks(row: list[datetime | None], begin: datetime, end: datetime, columns: int) -> str:
    step = (end - begin) / columns
    counts = Counter(min(int((at - begin) / step), columns - 1) for at in row if at is not None)
    return "".join(_mark(counts[n]) for n in range(columns))


def _mark(count: int) -> str:
    if count == 0:
        return "."
    return str(count) if count < 10 else "#"


def _axis(begin: datetime, end: datetime, columns: int) -> str:
    shape = "%H:%M:%S" if begin.date() == end.date() else "%m-%d %H:%M"
    left, right = begin.strftime(shape), end.strftime(shape)
    if len(left) + len(right) >= columns:
        return left
    return left + right.rjust(columns - len(left))
