"""Tables as plain text, the two ways to the server beside each other where both fit. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from rich.cells import cell_len, set_cell_size

from screens.words import wrapped
from wizard.evidence import Table
from wizard.sanitize import sanitize

GAP = 2
"""Columns between two columns of one table."""

BETWEEN = 4
"""Columns between two tables."""

NARROWEST = 8
"""No column that holds more is made narrower than this."""

MOST_ROWS = 200
"""Rows shown of one table; the report holds all of them."""

WAYS = ("from here", "from the application")
"""How the labels of `wizard.probes.ways` begin."""


def tables_lines(tables: Sequence[Table], width: int) -> list[str]:
    """All tables in their order, an empty line before each."""
    lines: list[str] = []
    rest = list(tables)
    while rest:
        first = rest.pop(0)
        if rest and _same_of_two_ways(first, rest[0]) and _both_fit(first, rest[0], width):
            lines += ["", *_beside(first, rest.pop(0), width)]
        else:
            lines += ["", *_head(first, width), *_body(first, width)]
    return lines


def _same_of_two_ways(left: Table, right: Table) -> bool:
    """Whether both tell the same of different ways."""
    return (
        left.columns == right.columns
        and _way(left) is not None
        and _way(right) is not None
        and _way(left) != _way(right)
    )


def _way(table: Table) -> str | None:
    return next((way for way in WAYS if way in table.title), None)


def _both_fit(left: Table, right: Table, width: int) -> bool:
    return _natural(left) + BETWEEN + _natural(right) <= width


def _beside(left: Table, right: Table, width: int) -> list[str]:
    """The heads are as high as the higher one, so that the rows stand at one height."""
    title = cell_len(sanitize(left.title))
    breadth = min(max(_natural(left), title), width - BETWEEN - _natural(right))
    rooms = (breadth, width - BETWEEN - breadth)
    heads = list(zip_longest(*map(_head, (left, right), rooms), fillvalue=""))
    bodies = zip_longest(*map(_body, (left, right), rooms), fillvalue="")
    return [(set_cell_size(a, breadth + BETWEEN) + b).rstrip() for a, b in (*heads, *bodies)]


def _head(table: Table, width: int) -> list[str]:
    title, note = sanitize(table.title), sanitize(table.note)
    return [*wrapped(title, width, 2), *(wrapped(note, width, 0) if note else ())]


def _body(table: Table, width: int) -> list[str]:
    lines = _rows(replace(table, rows=table.rows[:MOST_ROWS]), width) if table.rows else []
    left = len(table.rows) - MOST_ROWS
    return [*lines, f"... {left} more rows"] if left > 0 else lines


def _natural(table: Table) -> int:
    """The breadth in which nothing of the table itself is wrapped; its title may be."""
    return max(sum(_widths(table)) + GAP * (len(table.columns) - 1), NARROWEST)


def _rows(table: Table, width: int) -> list[str]:
    widths = _fitted(_widths(table), width - GAP * (len(table.columns) - 1))
    if widths is None:
        return _records(table, width)
    lines = []
    for row in (table.columns, *table.rows):
        cells = [wrapped(sanitize(c), w, 0) for c, w in zip(row, widths, strict=False)]
        for parts in zip_longest(*cells, fillvalue=""):
            line = (set_cell_size(part, w) for part, w in zip(parts, widths, strict=False))
            lines.append((" " * GAP).join(line).rstrip())
    return lines


def _widths(table: Table) -> list[int]:
    rows = (table.columns, *table.rows)
    width = len(table.columns)
    return [
        max((cell_len(sanitize(row[n])) for row in rows if n < len(row)), default=0)
        for n in range(width)
    ]


def _fitted(widths: list[int], room: int) -> list[int] | None:
    """The widest columns made narrower until all fit; None where that is not enough."""
    fitted = list(widths)
    while sum(fitted) > room:
        widest = max(fitted)
        if widest <= NARROWEST:
            return None
        fitted[fitted.index(widest)] -= 1
    return fitted


def _records(table: Table, width: int) -> list[str]:
    """Where the columns do not fit beside each other: one `column: value` a line."""
    lines = []
    for row in table.rows:
        for name, cell in zip(table.columns, row, strict=False):
            lines += wrapped(sanitize(f"{name}: {cell}"), width, 2)
        lines.append("")
    return lines[:-1]
