"""The report as plain text, 80 columns wide, for a terminal or a mail."""

from collections.abc import Iterator

from wizard.report.formats.columns import chop, pad, width, wrap
from wizard.report.model import (
    Answer,
    Block,
    Drawing,
    Grid,
    Heading,
    Item,
    Items,
    Paragraph,
    ReportModel,
)

COLUMNS = 80
_GAP = 2
_WORD = 24
"""Longest word for whose sake a column stays wide."""


def render(model: ReportModel) -> str:
    """The whole report; our own words are ASCII."""
    lines = [*_answer(model.answer), "", *wrap(model.subject, COLUMNS)]
    for section in model.sections:
        title = section.title.upper()
        lines += ["", title, "-" * len(title)]
        for index, block in enumerate(section.blocks):
            if index and _needs_space(section.blocks[index - 1], block):
                lines.append("")
            lines += _block(block)
    return "\n".join([*lines, "", *wrap(model.footer, COLUMNS)]) + "\n"


def _needs_space(before: Block, block: Block) -> bool:
    if isinstance(before, Drawing) or (isinstance(before, Grid) and isinstance(block, Items)):
        return True
    return isinstance(block, Heading | Grid | Drawing) and not isinstance(before, Heading)


def _answer(answer: Answer) -> Iterator[str]:
    for line in answer.lines:
        told = f"{line.cause} - {line.text}" if line.cause else line.text
        yield from _hanging(f"{line.word}  ", told)
    if answer.do_first:
        yield from _hanging("Do first: ", answer.do_first)
    for remark in answer.remarks:
        yield from wrap(remark, COLUMNS)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text):
            yield from wrap(text, COLUMNS)
        case Heading(text):
            yield from wrap(text, COLUMNS)
        case Items():
            yield from _items(block)
        case Grid():
            yield from _grid(block)
        case Drawing(lines):
            yield from lines


def _items(items: Items) -> Iterator[str]:
    indent = "  " if items.label else ""
    if items.label:
        yield f"{items.label}:"
    for item in items.items:
        yield from _item(item, indent)
    if items.more:
        yield from _hanging(indent, items.more)


def _item(item: Item, indent: str) -> Iterator[str]:
    yield from _hanging(f"{indent}* ", item.text)
    below = " " * (len(indent) + 2)
    for detail in item.details:
        yield from _hanging(below, detail)
    for line in item.excerpt.splitlines():
        mark = f"{below}| "
        yield from (f"{mark}{piece}".rstrip() for piece in chop(line, COLUMNS - len(mark)))


def _hanging(first: str, text: str) -> Iterator[str]:
    """`text` after `first`, its further lines below its beginning."""
    margin = " " * min(len(first), 16)
    for index, line in enumerate(wrap(text, COLUMNS - len(first))):
        yield (first if index == 0 else margin) + line


def _grid(grid: Grid) -> Iterator[str]:
    widths = _widths(grid)
    yield _row(grid.columns, widths)
    for row in grid.rows:
        cells = [wrap(cell, columns) for cell, columns in zip(row, widths, strict=True)]
        for index in range(max(len(cell) for cell in cells)):
            yield _row(tuple(c[index] if index < len(c) else "" for c in cells), widths)
    if grid.more:
        yield from wrap(grid.more, COLUMNS)


def _row(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = (pad(cell, columns) for cell, columns in zip(cells, widths, strict=True))
    return (" " * _GAP).join(padded).rstrip()


def _widths(grid: Grid) -> list[int]:
    """The width of each column, as wide as its content where the row fits.

    Else the widest ones give first, and no column breaks its words while another one has room.
    """
    cells = [[row[i] for row in (grid.columns, *grid.rows)] for i in range(len(grid.columns))]
    widths = [max(1, *(width(cell) for cell in column)) for column in cells]
    floors = [
        min(_WORD, max(width(word) for cell in column for word in cell.split() or [""]))
        for column in cells
    ]
    room = COLUMNS - _GAP * (len(widths) - 1)
    for lowest in (floors, [1] * len(widths)):
        while sum(widths) > room and any(w > f for w, f in zip(widths, lowest, strict=True)):
            spare = [w if w > f else 0 for w, f in zip(widths, lowest, strict=True)]
            widths[spare.index(max(spare))] -= 1
    return widths
