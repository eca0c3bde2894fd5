"""What a step brought: its headline, notes, evidence and tables, with a filter for the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from textual import events, on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import DataTable, Input, OptionList, Static

from screens import messages
from screens.panes.pane import Pane
from screens.state import State
from screens.text.age import outdated_line
from screens.text.evidence import evidence_text
from screens.text.step_state import step_state
from screens.text.unusual_first import unusual_first
from screens.text.words import clock, counted, hanging, safe, state_word
from screens.widgets.fields import PlainInput
from screens.widgets.line import FoldedText
from screens.widgets.lists import PlainList
from screens.widgets.table import PlainTable
from wizard.case.evidence import Evidence, StepResult, StepStatus, Table

MAX_ROWS = 1000
"""Rows drawn of one table; the report holds all of them."""


class ResultPane(Pane):
    """A step's headline, notes, evidence and tables."""

    def body(self) -> Iterator[Widget]:
        yield from self.form()
        filtered = Horizontal(
            Static("Filter ", markup=False),
            PlainInput(id="filter", placeholder="words that a row must hold"),
            classes="form-row filter",
        )
        filtered.display = False
        yield filtered
        yield Vertical(Static("not run yet", markup=False), classes="result")

    def form(self) -> Iterator[Widget]:
        """What the operator can enter; nothing here."""
        yield from ()

    def news(self, state: State) -> StepResult | None:
        result = state.case.step(self.place.id) if state.case is not None else None
        self.say_head(f"{self.place.title}: {step_state(self.place.id, state).word}")
        self.say_stale(outdated_line(state, self.place.id))
        return replace(result, seconds=0.0) if result is not None else None

    def announce(self, news: StepResult) -> str:
        return f"New: {state_word(news)}"

    async def draw(self, news: StepResult) -> None:
        result = self.query_one(".result", Vertical)
        focused = self.screen.focused
        inside = focused is not None and result in focused.ancestors
        kept = self.scroll_y
        async with self.batch():
            await result.remove_children()
            await result.mount_all(list(self.parts(news)))
        self.call_after_refresh(self.scroll_to, y=kept, animate=False)
        self._filter()
        if inside:
            self.first_focus().focus(scroll_visible=False)

    def search(self) -> bool:
        if not self.query(PlainTable):
            return False
        self.query_one(".filter").display = True
        self.query_one("#filter", Input).focus()
        return True

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._filter()

    @on(Input.Submitted, "#filter")
    def _filtered(self, event: Input.Submitted) -> None:
        """Enter leads into the rows that are left; an empty field takes its row back."""
        event.stop()
        self.query_one(".filter").display = bool(event.value)
        self.query(PlainTable).first().focus()

    def _filter(self) -> None:
        words = self.query_one("#filter", Input).value
        for table in self.query(PlainTable):
            table.filter(words)

    def parts(self, result: StepResult) -> Iterator[Widget]:
        """What a result is drawn as."""
        yield from headline_of(result)
        yield from notes_of(result)
        yield from evidence_of(result)
        yield from tables_of(result.tables)

    def evidence(self) -> tuple[str, str] | None:
        focused = self.screen.focused
        if isinstance(focused, PlainTable) and focused.row_count:
            return focused.table.title, focused.row_text(focused.cursor_row)
        lists = self.query(EvidenceList)
        return lists.first().text() if lists else None

    def about(self) -> str:
        """The first cell of a row, which is a variable's name in the tables of settings."""
        focused = self.screen.focused
        if isinstance(focused, PlainTable) and focused.row_count:
            return focused.row(focused.cursor_row)[0]
        return ""

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if isinstance(event.option_list, EvidenceList):
            event.stop()
            self.app.post_message(messages.ShowEvidence(*event.option_list.text()))

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        table = event.data_table
        if isinstance(table, PlainTable):
            event.stop()
            self.app.post_message(messages.ShowEvidence(*self.of_row(table)))

    def of_row(self, table: PlainTable) -> tuple[str, str]:
        """Title and text of the row that is marked."""
        return table.table.title, table.row_text(table.cursor_row)


class EvidenceList(PlainList):
    """Evidence, one entry a fact; Enter opens it."""

    def __init__(self, facts: tuple[Evidence, ...]) -> None:
        super().__init__(classes="evidence")
        self.facts = facts

    def show(self, facts: tuple[Evidence, ...]) -> None:
        """Hold other facts; without any, take no room."""
        self.display = bool(facts)
        if facts != self.facts:
            self.facts = facts
            self._fill()

    def on_resize(self, _event: events.Resize) -> None:
        self._fill()

    def _fill(self) -> None:
        width = self.size.width - 1
        self.fill([(f"e{n}", _evidence_row(e, width)) for n, e in enumerate(self.facts)])

    def text(self) -> tuple[str, str]:
        fact = self.facts[self.highlighted or 0]
        return fact.text, evidence_text(fact)


def _evidence_row(fact: Evidence, width: int) -> Content:
    weak = "  (when is not known)" if fact.weak else ""
    last = f"  last {clock(fact.last)}" if fact.last is not None else ""
    what = hanging(f"- {counted(fact.count, fact.text)}", width, 2)
    return Content("\n").join([what, hanging(f"    {fact.source}{last}{weak}", width, 4)])


def headline_of(result: StepResult) -> Iterator[Widget]:
    """What was found, or why nobody could look."""
    told = result.headline if result.status is StepStatus.DONE else _not_told_below(result)
    if told:
        yield Static(safe(told), markup=False)


def _not_told_below(result: StepResult) -> str:
    """Why nobody could look, without the sentence that is listed as evidence."""
    told = state_word(result)
    for fact in result.evidence:
        before, found, after = told.partition(fact.text)
        told = f"{before.rstrip(': ')}: {after.lstrip('; ')}" if found and after else told
    return told


def notes_of(result: StepResult) -> Iterator[Widget]:
    for note in result.notes:
        yield FoldedText(note, classes="note")


def evidence_of(result: StepResult) -> Iterator[Widget]:
    if result.evidence:
        yield EvidenceList(result.evidence)


def tables_of(tables: Sequence[Table]) -> Iterator[Widget]:
    for table in tables:
        count = len(table.rows)
        shown = f"{count}, the first {MAX_ROWS} shown" if count > MAX_ROWS else f"{count}"
        yield Static(safe(f"{table.title} ({shown})"), markup=False, classes="title")
        if table.note:
            yield FoldedText(table.note, classes="note")
        if table.rows:
            yield PlainTable(_bounded(unusual_first(table)))


def _bounded(table: Table) -> Table:
    return replace(table, rows=table.rows[:MAX_ROWS])
