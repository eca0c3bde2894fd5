"""The report as plain text, 80 columns wide, for a terminal or a mail."""

from collections.abc import Iterator

from wizard.report.columns import chop, pad, width, wrap
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
_NARROWEST = 6


def render(model: ReportModel) -> str:
    """The whole report; our own words are ASCII."""
    lines = [*_answer(model.answer), "", *wrap(model.subject, COLUMNS)]
    for section in model.sections:
        title = section.title.upper()
        lines += ["", title, "-" * len(title)]
        for block in section.blocks:
            lines += _block(block)
    return "\n".join([*lines, "", *wrap(model.footer, COLUMNS)]) + "\n"


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
            yield ""
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
        yield f"{indent}{items.more}"


def _item(item: Item, indent: str) -> Iterator[str]:
    yield from _hanging(f"{indent}* ", item.text)
    below = " " * (len(indent) + 2)
    for detail in item.details:
        yield from _hanging(below, detail)
    for line in item.excerpt.splitlines():
        mark = f"{below}| "
        yield from (mark + piece for piece in chop(line, COLUMNS - len(mark)))


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
        yield grid.more


def _row(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = (pad(cell, columns) for cell, columns in zip(cells, widths, strict=True))
    return (" " * _GAP).join(padded).rstrip()


def _widths(grid: Grid) -> list[int]:
    """Each column as wide as its content; the widest ones give until the row fits."""
    columns = range(len(grid.columns))
    widths = [max(width(r[i]) for r in (grid.columns, *grid.rows)) for i in columns]
    room = COLUMNS - _GAP * (len(widths) - 1)
    while sum(widths) > room and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return [max(1, w) for w in widths]
