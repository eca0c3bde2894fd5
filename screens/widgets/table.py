"""A table whose rows can be filtered and ordered, and whose cells are never parsed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from screens.text.rows import Rows, breadths, holding, ordered, overflows, shapes, told_first
from screens.text.words import cell_cut, on_screen
from screens.widgets.lists import VI_KEYS
from wizard.case.evidence import Table

SLACK = 3
"""Columns that come with no bar at the side of a pane: a table that took them would bring the
bar back, and lose them again."""


class PlainTable(DataTable[Text]):
    """A DataTable of a `Table`; Enter shows a whole row, `o` orders by the next column.

    Cells are rich Texts: a DataTable does not measure the width of a Content.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *VI_KEYS,
        Binding("g", "scroll_top", "First", show=False),
        Binding("G", "scroll_bottom", "Last", show=False),
        Binding("o", "order", "Order", show=False),
    ]

    def __init__(self, table: Table) -> None:
        super().__init__(cursor_type="row", zebra_stripes=False, fixed_columns=1)
        self.table = table
        self._by: int | None = None
        self._words = ""
        self._rows = table.rows
        self._room = 0

    def on_mount(self) -> None:
        self._fill()

    def on_resize(self, _event: events.Resize) -> None:
        """Fit it to its room, which is known only now, and keep the row that is marked.

        The bar at its side is always left room for: filling it takes the bar away, which would
        be a resize again.
        """
        room = self.outer_size.width - self.scrollbar_size_vertical
        if not self._room <= room <= self._room + SLACK or not self._room:
            self._room, marked = room, self.cursor_row
            self._fill()
            self.move_cursor(row=marked)

    def filter(self, words: str) -> int:
        """Show only the rows that hold all these words; how many those are."""
        if words != self._words:
            self._words = words
            self._fill()
        return len(self._rows)

    def action_order(self) -> None:
        """By the next column, numbers the largest first; after the last as it was."""
        after = 0 if self._by is None else self._by + 1
        self._by = after if after < len(self.table.columns) else None
        self._fill()

    def _fill(self) -> None:
        self._rows = ordered(holding(self.table.rows, self._words), self._by)
        self.clear(columns=True)
        for columns, shown in shapes(self.table, self._rows):
            names, rows, natural = self._measured(columns, shown)
            if sum(natural) + 2 * len(natural) <= self._room:
                break
        self.cell_padding, breadth = breadths(natural, self._room or sum(natural) * 2)
        if self._room and overflows(breadth, self.cell_padding, self._room):
            order, breadth = told_first(natural, self._room)
            names, *rows = ([cells[n] for n in order] for cells in _whole(names, rows))
        gaps = [" " if not self.cell_padding else ""] * (len(names) - 1) + [""]
        for name, gap in zip(names, gaps, strict=True):
            self.add_column(Text(name + gap))
        for row in rows:
            fitting = zip(row, breadth, gaps, strict=False)
            self.add_row(*(Text(cell_cut(cell, most) + gap) for cell, most, gap in fitting))

    def _measured(
        self, columns: Sequence[str], shown: Rows
    ) -> tuple[list[str], list[list[str]], list[int]]:
        """Safe names and cells, and how broad each column would be."""
        names = [
            on_screen(name) + (" v" if number == self._by else "")
            for number, name in enumerate(columns)
        ]
        rows = [[on_screen(cell) for cell in row] for row in shown]
        natural = [max(map(cell_len, column)) for column in zip_longest(names, *rows, fillvalue="")]
        return names, rows, natural

    def row(self, index: int) -> tuple[str, ...]:
        return self._rows[index]

    def row_text(self, index: int) -> str:
        """One row as `column: value` lines."""
        cells = zip(self.table.columns, self._rows[index], strict=False)
        return "\n".join(f"{on_screen(name)}: {on_screen(cell)}" for name, cell in cells)


def _whole(names: list[str], rows: list[list[str]]) -> list[list[str]]:
    """The names and the rows, each with a cell in every column."""
    return [names, *(row + [""] * (len(names) - len(row)) for row in rows)]
