"""The report as plain text, 80 columns wide, for a terminal or a mail."""

from collections.abc import Iterator

from wizard.columns import chop, pad, width, wrap
from wizard.report.formats.fitted import fitted
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


def render(model: ReportModel, columns: int = COLUMNS) -> str:
    """The whole report, `columns` wide; our own words are ASCII."""
    lines = [*_answer(model.answer, columns), "", *wrap(model.subject, columns)]
    for section in model.sections:
        title = section.title.upper()
        lines += ["", title, "-" * len(title)]
        for index, block in enumerate(section.blocks):
            if index and _needs_space(section.blocks[index - 1], block):
                lines.append("")
            lines += _block(block, columns)
    return "\n".join([*lines, "", *wrap(model.footer, columns)]) + "\n"


def _needs_space(before: Block, block: Block) -> bool:
    if isinstance(before, Drawing) or (isinstance(before, Grid) and isinstance(block, Items)):
        return True
    return isinstance(block, Heading | Grid | Drawing) and not isinstance(before, Heading)


def _answer(answer: Answer, columns: int) -> Iterator[str]:
    for line in answer.lines:
        told = f"{line.cause} - {line.text}" if line.cause else line.text
        yield from _hanging(f"{line.word}  ", told, columns)
    if answer.do_first:
        yield from _hanging("Do first: ", answer.do_first, columns)
    for remark in answer.remarks:
        yield from wrap(remark, columns)


def _block(block: Block, columns: int) -> Iterator[str]:
    match block:
        case Paragraph(text):
            yield from wrap(text, columns)
        case Heading(text):
            yield from wrap(text, columns)
        case Items():
            yield from _items(block, columns)
        case Grid():
            yield from _grid(block, columns)
        case Drawing():
            yield from fitted(block, columns)


def _items(items: Items, columns: int) -> Iterator[str]:
    indent = "  " if items.label else ""
    if items.label:
        yield f"{items.label}:"
    for item in items.items:
        yield from _item(item, indent, columns)
    if items.more:
        yield from _hanging(indent, items.more, columns)


def _item(item: Item, indent: str, columns: int) -> Iterator[str]:
    yield from _hanging(f"{indent}* ", item.text, columns)
    below = " " * (len(indent) + 2)
    for detail in item.details:
        yield from _hanging(below, detail, columns)
    for line in item.excerpt.splitlines():
        mark = f"{below}| "
        yield from (f"{mark}{piece}".rstrip() for piece in chop(line, columns - len(mark)))


def _hanging(first: str, text: str, columns: int) -> Iterator[str]:
    """`text` after `first`, its further lines below its beginning."""
    margin = " " * min(len(first), 16)
    for index, line in enumerate(wrap(text, columns - len(first))):
        yield (first if index == 0 else margin) + line


def _grid(grid: Grid, columns: int) -> Iterator[str]:
    widths = _widths(grid, columns)
    if columns < COLUMNS and any(w < f for w, f in zip(widths, _floors(grid), strict=True)):
        for row in grid.rows:
            yield from _record(grid, row, columns)
    else:
        for row in (grid.columns, *grid.rows):
            cells = [wrap(cell, room) for cell, room in zip(row, widths, strict=True)]
            for index in range(max(len(cell) for cell in cells)):
                yield _row(tuple(c[index] if index < len(c) else "" for c in cells), widths)
    if grid.more:
        yield from wrap(grid.more, columns)


def _record(grid: Grid, row: tuple[str, ...], columns: int) -> Iterator[str]:
    """A row whose cells stand below each other, for a page too narrow for the columns."""
    yield from _hanging("* ", "  ".join(row[:2]), columns)
    for name, cell in zip(grid.columns[2:], row[2:], strict=False):
        yield from _hanging(f"  {name.lower()}: ", cell, columns)


def _row(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = (pad(cell, columns) for cell, columns in zip(cells, widths, strict=True))
    return (" " * _GAP).join(padded).rstrip()


def _widths(grid: Grid, columns: int) -> list[int]:
    """The width of each column, as wide as its content where the row fits.

    Else the widest ones give first, and no column breaks its words while another one has room.
    """
    cells = [[row[i] for row in (grid.columns, *grid.rows)] for i in range(len(grid.columns))]
    widths = [max(1, *(width(cell) for cell in column)) for column in cells]
    floors = _floors(grid)
    room = columns - _GAP * (len(widths) - 1)
    for lowest in (floors, [1] * len(widths)):
        while sum(widths) > room and any(w > f for w, f in zip(widths, lowest, strict=True)):
            spare = [w if w > f else 0 for w, f in zip(widths, lowest, strict=True)]
            widths[spare.index(max(spare))] -= 1
    return widths


def _floors(grid: Grid) -> list[int]:
    """The widths below which a word of a column would be broken."""
    cells = [[row[i] for row in (grid.columns, *grid.rows)] for i in range(len(grid.columns))]
    return [
        min(_WORD, max(width(word) for cell in column for word in cell.split() or [""]))
        for column in cells
    ]
