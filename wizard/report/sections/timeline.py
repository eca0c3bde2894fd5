"""The failures on a time axis, one row a cause, over the whole window."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from wizard.case.case import Window
from wizard.columns import chop, pad
from wizard.diagnosis.model import Attribution
from wizard.report.model import Drawing, TimeFigure
from wizard.report.sections.server_life import legend
from wizard.report.time_axis import counts, ends, marks, placed, rows_by_cause

_BINS = 48
_LABEL = 25

Life = Sequence[tuple[datetime, str]]
"""The server's ends and starts: when, and the mark."""


def draw(
    window: Window, attributions: Sequence[Attribution], zone: tzinfo, life: Life = ()
) -> Drawing | None:
    """The time axis with one row a cause, and below them the server's life.

    From the window's beginning to its end, further where failures lie outside. None where no
    failure has a time.
    """
    times = [a.failure.at for a in attributions if a.failure.at is not None]
    if not times:
        return None
    since, until = min(window.since, *times), max(window.until, *times)
    dated = [a for a in attributions if a.failure.at is not None]
    rows = tuple(
        (name, tuple(counts(row, since, until, _BINS)))
        for name, row in rows_by_cause(dated).items()
    )
    begin, end = ends(since, until, zone)
    whole = (until - since).total_seconds() or 1.0
    explained = f"server: {legend(life)}" if life else ""
    drawn = placed(life, since, until, _BINS)
    server = [f"{'' if n else 'server':<{_LABEL}} {row}" for n, row in enumerate(drawn)]
    lines = (
        f"{'':<{_LABEL}} {begin}{end:>{_BINS - len(begin)}}",
        *(f"{pad(chop(label, _LABEL)[0], _LABEL)} {marks(numbers)}" for label, numbers in rows),
        *server,
        f"{'':<{_LABEL}} each mark is {_width(since, until)}; # is ten or more",
        *((explained,) if explained else ()),
    )
    shares = tuple(((at - since).total_seconds() / whole, mark) for at, mark in life)
    return Drawing(lines, TimeFigure(begin, end, rows, shares, explained))


def _width(since: datetime, until: datetime) -> str:
    seconds = (until - since).total_seconds() / _BINS
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
