"""Figures as inline SVG. They scale, print, and follow the page's colours; nothing is loaded."""

from collections.abc import Iterator
from html import escape

from wizard.report.model import BarFigure, TimeFigure

_WIDTH = 720
_LABEL = 170
_COUNT = 96
_ROW = 30
_TOP = 24
_LETTER = 12
_BAR_LABEL = 190
_BAR_WORDS = 200


def time_figure(figure: TimeFigure) -> Iterator[str]:
    """Bars over time, one row a cause, each scaled to its own largest, which is told."""
    rows = len(figure.rows) + bool(figure.marks)
    height = _TOP + rows * _ROW + 6
    yield _open(height, "Failures in time, by cause")
    room = _WIDTH - _LABEL - _COUNT
    yield _text(_LABEL, 14, figure.begin, "axis")
    yield _text(_WIDTH - _COUNT, 14, figure.end, "axis end")
    for number, (label, counts) in enumerate(figure.rows):
        base = _TOP + number * _ROW + _ROW - 4
        yield _text(0, base - 6, label, "label")
        yield _line(_LABEL, base, _WIDTH - _COUNT, base)
        step, most = room / max(len(counts), 1), max((*counts, 1))
        for index, count in enumerate(counts):
            if count:
                tall = max(3.0, count / most * (_ROW - 8))
                yield _rect(_LABEL + index * step, base - tall, max(step - 1, 1), tall, "bar")
        yield _text(_WIDTH, base - 6, f"{sum(counts)} (max {most})", "count end")
    base = _TOP + len(figure.rows) * _ROW + _ROW - 4
    if figure.marks:
        yield _text(0, base - 6, "server", "label")
        yield _line(_LABEL, base, _WIDTH - _COUNT, base)
    free = 0.0
    for share, mark in figure.marks:
        x = _LABEL + share * room
        yield _line(x, _TOP, x, base, "event")
        yield _text(max(x + 3, free), base - 6, mark, "mark")
        free = max(x + 3, free) + _LETTER
    yield "</svg>"
    if figure.legend:
        yield f'<p class="dim">{escape(figure.legend)}</p>'


def bar_figure(figure: BarFigure) -> Iterator[str]:
    """Horizontal bars: a histogram, or how long each rung of a ladder lived."""
    yield _open(len(figure.rows) * 22 + 6, figure.title)
    room = _WIDTH - _BAR_LABEL - _BAR_WORDS
    for number, (label, share, words) in enumerate(figure.rows):
        top = number * 22
        yield _text(0, top + 15, label, "label")
        yield _rect(_BAR_LABEL, top + 4, max(share * room, 1.0), 14, "bar")
        yield _text(_BAR_LABEL + share * room + 8, top + 15, words, "count")
    yield "</svg>"


def _open(height: float, title: str) -> str:
    return (
        f'<svg class="figure" viewBox="0 0 {_WIDTH} {height:.0f}" role="img">'
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
