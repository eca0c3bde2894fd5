"""Lists that take plain text only, with vi's keys beside the arrows."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import DataTable, OptionList
from textual.widgets.option_list import Option

from wizard.case.evidence import Table
from wizard.safety.sanitize import sanitize

VI_KEYS: list[BindingType] = [
    Binding("j", "cursor_down", "Down", show=False),
    Binding("k", "cursor_up", "Up", show=False),
]


NAME_ROOM = 24
"""Columns of a name or value in a table that judges them; Enter shows the whole row."""


def middle(text: str, room: int) -> str:
    """`text` in at most `room` columns; what is too much goes from its middle."""
    if len(text) <= room:
        return text
    end = (room - 1) // 2
    return f"{text[: room - 1 - end]}…{text[-end:]}"


class PlainList(OptionList):
    """An OptionList that never parses markup."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *VI_KEYS,
        Binding("g", "first", "First", show=False),
        Binding("G", "last", "Last", show=False),
    ]

    def __init__(self, *content: Option, id: str | None = None, classes: str = "") -> None:
        super().__init__(*content, id=id, classes=classes, markup=False, compact=True)

    def fill(self, rows: list[tuple[str, Content]]) -> None:
        """Replace all rows. While the list has the keys, the highlight stays on the row with
        the same id, else at its index; else the list begins at its top."""
        kept = self.highlighted if self.has_focus else None
        kept_id = self.highlighted_id if self.has_focus else None
        self.clear_options()
        self.add_options(Option(prompt, id=row_id) for row_id, prompt in rows)
        ids = [row_id for row_id, _ in rows]
        if kept_id in ids:
            self.highlighted = ids.index(kept_id)
        elif rows:
            self.highlighted = min(kept or 0, len(rows) - 1)
        if not self.has_focus:
            self.scroll_home(animate=False)

    @property
    def highlighted_id(self) -> str | None:
        option = self.highlighted_option
        return None if option is None else option.id


class PlainTable(DataTable[Text]):
    """A DataTable of a `Table` whose cells are never parsed; Enter shows a whole row.

    Cells are rich Texts: a DataTable does not measure the width of a Content.
    """

    BINDINGS: ClassVar[list[BindingType]] = list(VI_KEYS)

    def __init__(self, table: Table) -> None:
        super().__init__(cursor_type="row", zebra_stripes=False, fixed_columns=1)
        self.table = table

    def on_mount(self) -> None:
        self.add_columns(*(Text(sanitize(name)) for name in self.table.columns))
        # A column of names and values may not push what judges them off the screen.
        room = NAME_ROOM if "DEFAULT" in self.table.columns else 0
        for row in self.table.rows:
            cells = [sanitize(cell) for cell in row]
            self.add_row(*(Text(middle(cell, room) if room else cell) for cell in cells))

    def row_text(self, index: int) -> str:
        """One row as `column: value` lines."""
        cells = zip(self.table.columns, self.table.rows[index], strict=False)
        return "\n".join(f"{sanitize(name)}: {sanitize(cell)}" for name, cell in cells)
