"""A step's table as lines for a terminal."""

from collections.abc import Iterator

from wizard.case.evidence import Table
from wizard.columns import pad, width

_GAP = "  "


def table_lines(table: Table) -> Iterator[str]:
    """Columns as wide as their widest cell; the last one is left as it is."""
    yield f"{table.title}:"
    widths = [
        max(width(cell) for cell in column)
        for column in zip(table.columns, *table.rows, strict=True)
    ]
    for row in (table.columns, *table.rows):
        cells = (pad(cell, columns) for cell, columns in zip(row, widths, strict=True))
        yield f"  {_GAP.join(cells)}".rstrip()
    if table.note:
        yield f"  {table.note}"
