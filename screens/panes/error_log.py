"""The Error log pane: one table at a time, by reason, account, host or time, with its lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import DataTable, Static

from screens import messages
from screens.panes.result import ResultPane, evidence_of, headline_of, notes_of, tables_of
from screens.places import ScreenPlace
from screens.text.log_views import lines_of, views
from screens.text.words import safe
from screens.widgets.table import PlainTable
from wizard.case.evidence import StepResult


class ErrorLogPane(ResultPane):
    """Enter on a row shows the real lines that belong to it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("v", "view", "By ...", show=False)]

    def __init__(self, place: ScreenPlace) -> None:
        super().__init__(place)
        self._view = 0

    def parts(self, result: StepResult) -> Iterator[Widget]:
        yield from headline_of(result)
        shown = views(result.tables)
        if len(shown) > 1:
            self._view %= len(shown)
            named = "  ".join(
                f"[{name}]" if n == self._view else name for n, (name, _) in enumerate(shown)
            )
            yield Static(safe(f"by {named}    v next"), markup=False, classes="title")
            yield from tables_of([shown[self._view][1]])
            yield from evidence_of(result)
        else:
            yield from evidence_of(result)
            yield from tables_of(result.tables)
        yield from notes_of(result)

    async def action_view(self) -> None:
        self._view += 1
        if isinstance(self._shown, StepResult):
            await self.draw(self._shown)
            tables = self.query(PlainTable)
            if tables:
                tables.first().focus()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        table = event.data_table
        if isinstance(table, PlainTable) and isinstance(self._shown, StepResult):
            event.stop()
            row = table.row(event.cursor_row)
            told = table.row_text(event.cursor_row)
            text = "\n".join((told, "", *lines_of(self._shown, row)))
            self.app.post_message(messages.ShowEvidence(table.table.title, text))
