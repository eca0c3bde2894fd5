"""A drawing in characters, drawn again for a page that is narrower than its lines. Pure."""

from collections.abc import Iterator, Sequence
from math import ceil

from wizard.columns import chop, pad, width, wrap
from wizard.report.model import BarFigure, Drawing, TimeFigure
from wizard.report.time_axis import in_rows, marks

_LABEL = 19


def fitted(drawing: Drawing, columns: int) -> Iterator[str]:
    """Its own lines where they fit; else the figure anew, or the lines broken."""
    if all(width(line) <= columns for line in drawing.lines):
        yield from drawing.lines
        return
    match drawing.figure:
        case TimeFigure() as figure:
            yield from _time(figure, columns)
        case BarFigure() as figure:
            yield from _bars(figure, columns)
        case None:
            for line in drawing.lines:
                yield from (part.rstrip() for part in chop(line, columns))


def _time(figure: TimeFigure, columns: int) -> Iterator[str]:
    """Neighbouring columns become one, so that no failure is lost."""
    bins = max((len(counts) for _label, counts in figure.rows), default=1)
    merged = ceil(bins / max(columns - _LABEL - 1, 1))
    room = ceil(bins / merged)
    yield from _axis(figure.begin, figure.end, room, columns)
    for label, counts in figure.rows:
        yield f"{_label(label)} {marks(_summed(counts, merged))}"
    drawn = in_rows(
        ((min(int(share * room), room - 1), mark) for share, mark in figure.marks), room
    )
    for number, row in enumerate(drawn):
        yield f"{_label('' if number else 'server')} {row}"
    yield from wrap(f"# is ten or more. {figure.legend}".strip(), columns)


def _axis(begin: str, end: str, room: int, columns: int) -> Iterator[str]:
    """Both ends over the `room` of the marks; the end on a line of its own where they touch."""
    between = room - len(begin) - len(end)
    lines = [begin + " " * between + end] if between > 0 else [begin, end.rjust(room)]
    for line in lines:
        yield f"{'':<{_LABEL}} {line}" if _LABEL + 1 + len(line) <= columns else line.strip()


def _summed(counts: Sequence[int], size: int) -> list[int]:
    return [sum(counts[at : at + size]) for at in range(0, len(counts), size)]


def _bars(figure: BarFigure, columns: int) -> Iterator[str]:
    words = max((width(row[2]) for row in figure.rows), default=0)
    room = max(columns - _LABEL - 2 - min(words, columns // 2), 4)
    for label, share, told in figure.rows:
        line = f"{_label(label)} {'#' * round(share * room):<{room}} {told}"
        yield from wrap(line, columns) if width(line) > columns else (line.rstrip(),)


def _label(text: str) -> str:
    return pad((chop(text, _LABEL) or [""])[0], _LABEL)
