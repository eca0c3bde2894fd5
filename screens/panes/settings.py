"""The Settings pane: each setting with its default, this case's advice and the article's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual import events
from textual.widget import Widget
from textual.widgets import DataTable

from screens.panes.result import ResultPane, evidence_of, headline_of, notes_of, tables_of
from screens.places import ScreenPlace
from screens.state import State
from screens.text.setting_advice import SettingAdvice, advised
from screens.text.unusual_first import changed_variables, setting_lines, with_advice
from screens.text.words import hanging
from screens.widgets.line import SteadyBlock
from screens.widgets.table import PlainTable
from wizard.case.evidence import StepResult, Table

BLOCK_ROWS, FEWEST_ROWS = 6, 4
"""Rows that the block below takes at most (wizard.tcss), and that a table keeps at least."""


class SettingsPane(ResultPane):
    """What is to be changed comes first and is marked, then what is not the default.

    Below the table stands what decides on the row that is marked in it.
    """

    def __init__(self, place: ScreenPlace) -> None:
        super().__init__(place)
        self._advice: Mapping[str, SettingAdvice] = {}
        self._result: StepResult | None = None
        self._width = 0

    def body(self) -> Iterator[Widget]:
        yield from super().body()
        block = SteadyBlock(id="setting")
        block.display = False
        yield block

    async def take(self, state: State, asked: bool) -> None:
        """The advice comes with the diagnosis, which may be later than the result."""
        result = state.case.step(self.place.id) if state.case is not None else None
        tables = result.tables if result is not None else ()
        changed = [name for table in tables for name in changed_variables(table)]
        advice = advised(state.diagnosis, state.case, changed)
        if advice != self._advice:
            self._advice = advice
            if not state.settled or asked:
                self._shown = None
        await super().take(state, asked)

    async def on_resize(self, _event: events.Resize) -> None:
        self._keep_clear_of_the_block()
        if self._result is not None and self._room != self._width:
            await self.draw(self._result)

    async def draw(self, news: StepResult) -> None:
        self._result, self._width = news, self._room
        await super().draw(news)
        self._keep_clear_of_the_block()
        first = next(iter(self.query(PlainTable)), None)
        if first is not None:
            self._tell_of(first)

    def _keep_clear_of_the_block(self) -> None:
        """No row of a table ends up behind what is told of the marked one."""
        for table in self.query(PlainTable):
            table.styles.max_height = max(self.size.height - BLOCK_ROWS, FEWEST_ROWS)

    @property
    def _room(self) -> int:
        """Columns for text; before the first layout, those of the place around this pane."""
        around = self.parent
        inside = self.scrollable_content_region.width
        return inside or (around.size.width - 3 if isinstance(around, Widget) else 0)

    def parts(self, result: StepResult) -> Iterator[Widget]:
        yield from headline_of(result)
        yield from evidence_of(result)
        yield from tables_of([with_advice(t, self._advice, self._width) for t in result.tables])
        yield from notes_of(result)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        if isinstance(event.data_table, PlainTable):
            self._tell_of(event.data_table)

    def _tell_of(self, table: PlainTable) -> None:
        """Tell of the row that is marked, where the table is of variables."""
        if table.row_count and table.table.columns[0] == "VARIABLE":
            told = self._lines(_name(table.row(table.cursor_row)[0]))
            block = self.query_one("#setting", SteadyBlock)
            block.tell("\n".join(hanging(line, self._room - 1, 9).plain for line in told))
            block.display = bool(told)

    def _lines(self, variable: str) -> tuple[str, ...]:
        told = (setting_lines(table, variable, self._advice) for table in self._tables)
        return next((lines for lines in told if lines), ())

    @property
    def _tables(self) -> tuple[Table, ...]:
        return self._result.tables if self._result is not None else ()

    def evidence(self) -> tuple[str, str] | None:
        """All of the row, also what a narrow table leaves out."""
        name = self.about()
        told = self._lines(name)
        for row in (row for table in self._tables for row in table.rows if told and row[0] == name):
            cells = zip(self._tables[0].columns, row, strict=False)
            listed = [f"{column}: {cell}" for column, cell in cells if cell]
            return name, "\n".join((*listed, "", *told[1:]))
        return super().evidence()

    def of_row(self, table: PlainTable) -> tuple[str, str]:
        return self.evidence() or super().of_row(table)

    def about(self) -> str:
        return _name(super().about())


def _name(cell: str) -> str:
    return cell.lstrip("!* ")
