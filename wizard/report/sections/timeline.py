"""The failures on a time axis, one row a cause, drawn in plain characters."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from wizard.case.case import Window
from wizard.diagnosis.model import Attribution
from wizard.report.formats.columns import chop, pad
from wizard.report.model import Drawing, TimeFigure
from wizard.report.sections.server_life import LEGEND

UNEXPLAINED = "not explained"

_BINS = 48
_LABEL = 25
_SHORT = timedelta(hours=1)
"""A window so short is told to the second."""


Life = Sequence[tuple[datetime, str]]
"""The server's ends and starts: when, and the mark."""


def draw(
    window: Window, attributions: Sequence[Attribution], zone: tzinfo, life: Life = ()
) -> Drawing | None:
    """The time axis with one row a cause, and below them the server's life.

    From the window's beginning to its end, further where failures lie outside. A mark is `.` for
    none, a digit, `#` for ten or more. None where no failure has a time.
    """
    times = [a.failure.at for a in attributions if a.failure.at is not None]
    if not times:
        return None
    since, until = min(window.since, *times), max(window.until, *times)
    ordered = _counted(attributions, since, until)
    begin, end = _ends(since, until, zone)
    whole = (until - since).total_seconds() or 1.0
    marks = tuple(((at - since).total_seconds() / whole, mark) for at, mark in life)
    lines = (
        f"{'':<{_LABEL}} {begin}{end:>{_BINS - len(begin)}}",
        *(f"{pad(chop(label, _LABEL)[0], _LABEL)} {_marks(counts)}" for label, counts in ordered),
        *_server(marks),
        f"{'':<{_LABEL}} each mark is {_width(since, until)}; # is ten or more",
        *((f"server: {LEGEND}",) if marks else ()),
    )
    rows = tuple((label, tuple(counts)) for label, counts in ordered)
    return Drawing(lines, TimeFigure(begin, end, rows, marks, f"server: {LEGEND}" if marks else ""))


def _server(marks: Sequence[tuple[float, str]]) -> tuple[str, ...]:
    if not marks:
        return ()
    row = ["."] * _BINS
    for share, mark in marks:
        row[min(int(share * _BINS), _BINS - 1)] = mark
    return (f"{'server':<{_LABEL}} {''.join(row)}",)


def _counted(
    attributions: Sequence[Attribution], since: datetime, until: datetime
) -> list[tuple[str, list[int]]]:
    """Failures by cause and bin; the most frequent first, what nothing explains last."""
    rows: dict[str, list[int]] = {}
    for attribution in attributions:
        if attribution.failure.at is not None:
            counts = rows.setdefault(attribution.cause or UNEXPLAINED, [0] * _BINS)
            counts[_bin(attribution.failure.at, since, until)] += 1
    return sorted(rows.items(), key=lambda r: (r[0] == UNEXPLAINED, -sum(r[1]), r[0]))


def _bin(at: datetime, since: datetime, until: datetime) -> int:
    whole = (until - since).total_seconds() or 1.0
    return min(_BINS - 1, int((at - since).total_seconds() / whole * _BINS))


def _marks(counts: Sequence[int]) -> str:
    return "".join("." if not n else str(n) if n < 10 else "#" for n in counts)


def _ends(since: datetime, until: datetime, zone: tzinfo) -> tuple[str, str]:
    begin, end = since.astimezone(zone), until.astimezone(zone)
    form = "%H:%M:%S" if until - since < _SHORT else "%H:%M"
    if begin.date() != end.date():
        form = f"%m-%d {form}"
    return begin.strftime(form), end.strftime(form)


def _width(since: datetime, until: datetime) -> str:
    seconds = (until - since).total_seconds() / _BINS
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
