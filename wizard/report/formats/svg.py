"""Figures as inline SVG. They scale, print, and follow the page's colours; nothing is loaded."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from wizard.report.model import BarFigure, TimeFigure

_TOP = 24
_LETTER = 12


@dataclass(frozen=True, slots=True)
class _Layout:
    """Room in the figure's own units: `left` of the bars for names, `right` for numbers.

    Where `above` is not 0, both stand in a line of that height above their bars.
    """

    name: str
    width: int
    left: int
    right: int
    row: int
    above: int

    @property
    def room(self) -> int:
        return self.width - self.left - self.right

    @property
    def tallest(self) -> int:
        return self.row - 8 - self.above

    def words_at(self, base: float) -> float:
        return base - self.tallest - 5 if self.above else base - 6


_TIME = (_Layout("broad", 720, 170, 96, 30, 0), _Layout("narrow", 360, 0, 0, 42, 16))
_BARS = (_Layout("broad", 720, 190, 200, 22, 0), _Layout("narrow", 360, 0, 0, 38, 16))
"""For a page, and for a phone or a column on paper; the style shows one of the two."""

_LINE = 15
_LETTERS = 46
"""What a narrow line has room for: a letter of 12 px takes up to 7.5 units in DejaVu Sans."""


def time_figure(figure: TimeFigure) -> Iterator[str]:
    """Bars over time, one row a cause, each scaled to its own largest, which is told."""
    for layout in _TIME:
        yield from _over_time(figure, layout)
    if figure.legend:
        yield f'<p class="dim">{escape(figure.legend)}</p>'


def bar_figure(figure: BarFigure) -> Iterator[str]:
    """Horizontal bars: a histogram, or how long each rung of a ladder lived."""
    for layout in _BARS:
        more = _LINE if layout.above and _is_crowded(figure) else 0
        row = layout.row + more
        yield _open(layout, len(figure.rows) * row + 6, figure.title)
        for number, (label, share, words) in enumerate(figure.rows):
            top = number * row + layout.above + more
            long = max(share * layout.room, 1.0)
            yield _rect(layout.left, top + 4, long, 14, "bar")
            if layout.above:
                yield _text(0, top - 1 - more, label, "label")
                yield _text(layout.width, top - 1, words, "count end")
            else:
                yield _text(0, top + 15, label, "label")
                yield _text(layout.left + long + 8, top + 15, words, "count")
        yield "</svg>"


def _is_crowded(figure: BarFigure) -> bool:
    """Whether a name and the words behind it would meet in one line."""
    return any(len(label) + len(words) > _LETTERS for label, _share, words in figure.rows)


def _over_time(figure: TimeFigure, layout: _Layout) -> Iterator[str]:
    rows = len(figure.rows) + bool(figure.marks)
    yield _open(layout, _TOP + rows * layout.row + 6, "Failures in time, by cause")
    yield _text(layout.left, 14, figure.begin, "axis")
    yield _text(layout.left + layout.room, 14, figure.end, "axis end")
    for number, (label, counts) in enumerate(figure.rows):
        base = _TOP + (number + 1) * layout.row - 4
        yield from _row(layout, base, label)
        step, most = layout.room / max(len(counts), 1), max((*counts, 1))
        for index, count in enumerate(counts):
            if count:
                tall = max(3.0, count / most * layout.tallest)
                left = layout.left + index * step
                yield _rect(left, base - tall, max(step - 1, 1), tall, "bar")
        told = f"{sum(counts)} (max {most})"
        yield _text(layout.width, layout.words_at(base), told, "count end")
    if figure.marks:
        yield from _marks(figure, layout, _TOP + rows * layout.row - 4)
    yield "</svg>"


def _marks(figure: TimeFigure, layout: _Layout, base: float) -> Iterator[str]:
    """The server's life; a letter moves aside for the one before, and stays in the figure."""
    yield from _row(layout, base, "server")
    free = 0.0
    last = layout.width - _LETTER
    for share, mark in figure.marks:
        x = layout.left + share * layout.room
        yield _line(x, _TOP, x, base, "event")
        at = min(max(x + 3, free), last)
        yield _text(at, base - 6, mark, "mark")
        free = at + _LETTER


def _row(layout: _Layout, base: float, label: str) -> Iterator[str]:
    yield _text(0, layout.words_at(base), label, "label")
    yield _line(layout.left, base, layout.left + layout.room, base)


def _open(layout: _Layout, height: float, title: str) -> str:
    return (
        f'<svg class="figure {layout.name}" viewBox="0 0 {layout.width} {height:.0f}" role="img">'
        f"<title>{escape(title)}</title>"
    )


def _text(x: float, y: float, text: str, name: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" class="{name}">{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, name: str = "rule") -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{name}"></line>'


def _rect(x: float, y: float, width: float, height: float, name: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        f' class="{name}"></rect>'
    )
