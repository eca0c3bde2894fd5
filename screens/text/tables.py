"""Tables as plain text, the two ways to the server beside each other where both fit. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from rich.cells import cell_len, set_cell_size

from screens.text.words import on_screen, wrapped
from wizard.case.evidence import Table
from wizard.units import many

GAPS = (2, 1)
"""Columns between two columns of one table: the first that all of it fits with, else the last."""

BETWEEN = 4
"""Columns between two tables."""

NARROWEST = 8
"""No column that holds more is made narrower than this."""

MOST_ROWS = 200
"""Rows shown of one table; the report holds all of them."""

WAYS = ("from here", "from the application")
"""How the labels of `wizard.probes.shared.way` begin."""


def tables_lines(tables: Sequence[Table], width: int) -> list[str]:
    """All tables in their order, an empty line before each."""
    lines: list[str] = []
    rest = list(tables)
    while rest:
        first = rest.pop(0)
        other = next((table for table in rest if _same_of_two_ways(first, table)), None)
        if other is not None and _both_fit(first, other, width):
            rest.remove(other)
            lines += ["", *_beside(first, other, width)]
        else:
            lines += ["", *_head(first, width), *_body(first, width)]
    return lines


def _same_of_two_ways(left: Table, right: Table) -> bool:
    """Whether both tell the same of different ways."""
    (name, way), (other_name, other_way) = _named(left), _named(right)
    both = bool(way and other_way) and way != other_way
    return both and name == other_name and left.columns == right.columns


def _named(table: Table) -> tuple[str, str]:
    """What a table tells, and of which way; "" where its title names none."""
    way = next((way for way in WAYS if way in table.title), "")
    return (table.title.partition(way)[0] if way else table.title), way


def _both_fit(left: Table, right: Table, width: int) -> bool:
    return _natural(left) + BETWEEN + _natural(right) <= width


def _beside(left: Table, right: Table, width: int) -> list[str]:
    """The heads are as high as the higher one, so that the rows stand at one height."""
    title = cell_len(on_screen(left.title))
    breadth = min(max(_natural(left), title), width - BETWEEN - _natural(right))
    rooms = (breadth, width - BETWEEN - breadth)
    heads = list(zip_longest(*map(_head, (left, right), rooms), fillvalue=""))
    bodies = zip_longest(*map(_body, (left, right), rooms), fillvalue="")
    return [(set_cell_size(a, breadth + BETWEEN) + b).rstrip() for a, b in (*heads, *bodies)]


def _head(table: Table, width: int) -> list[str]:
    title, note = on_screen(table.title), on_screen(table.note)
    return [*wrapped(title, width, 2), *(wrapped(note, width, 0) if note else ())]


def _body(table: Table, width: int) -> list[str]:
    lines = _rows(replace(table, rows=table.rows[:MOST_ROWS]), width) if table.rows else []
    left = len(table.rows) - MOST_ROWS
    return [*lines, f"... {many(left, 'more row')}"] if left > 0 else lines


def _natural(table: Table) -> int:
    """The breadth in which nothing of the table itself is wrapped; its title may be."""
    return max(sum(_widths(table)) + GAPS[0] * (len(table.columns) - 1), NARROWEST)


def _rows(table: Table, width: int) -> list[str]:
    fitted = _fitted(table, width)
    if fitted is None:
        return _records(table, width)
    gap, widths = fitted
    lines = []
    for row in (table.columns, *table.rows):
        cells = [wrapped(on_screen(c), w, 0) for c, w in zip(row, widths, strict=False)]
        for parts in zip_longest(*cells, fillvalue=""):
            line = (set_cell_size(part, w) for part, w in zip(parts, widths, strict=False))
            lines.append((" " * gap).join(line).rstrip())
    return lines


def _fitted(table: Table, width: int) -> tuple[int, list[int]] | None:
    """The gap and the columns' widths with which the table is `width` columns broad.

    What can be broken between words is made narrower before bars and numbers are. None where
    all of it would be too narrow to be read.
    """
    widths = _widths(table)
    between = len(table.columns) - 1
    for gap in GAPS:
        if sum(widths) + gap * between <= width:
            return gap, widths
    gap = GAPS[-1]
    worded = [
        n
        for n in range(len(widths))
        if any(" " in cell for row in table.rows for cell in row[n : n + 1])
    ]
    for candidates in (worded, range(len(widths))):
        while sum(widths) + gap * between > width:
            widest = max(candidates, key=widths.__getitem__, default=None)
            if widest is None or widths[widest] <= NARROWEST:
                break
            widths[widest] -= 1
    return (gap, widths) if sum(widths) + gap * between <= width else None


def _widths(table: Table) -> list[int]:
    rows = (table.columns, *table.rows)
    width = len(table.columns)
    return [
        max((cell_len(on_screen(row[n])) for row in rows if n < len(row)), default=0)
        for n in range(width)
    ]


def _records(table: Table, width: int) -> list[str]:
    """Where the columns do not fit beside each other: one `column: value` a line."""
    lines = []
    for row in table.rows:
        for name, cell in zip(table.columns, row, strict=False):
            lines += wrapped(on_screen(f"{name}: {cell}"), width, 2)
        lines.append("")
    return lines[:-1]
