"""A pane: one place in the middle. The generic one shows any step's result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import DataTable, Input, OptionList, Static

from screens import messages
from screens.key_order import is_field
from screens.places import ScreenPlace
from screens.state import State
from screens.text.age import outdated_line
from screens.text.evidence import evidence_text
from screens.text.step_state import step_state
from screens.text.step_words import article_note, ours_line, why_line
from screens.text.unusual_first import unusual_first
from screens.text.words import clock, counted, hanging, safe, safe_block, state_word
from screens.widgets.fields import PlainInput
from screens.widgets.line import SteadyText
from screens.widgets.lists import PlainList
from screens.widgets.table import PlainTable
from wizard.case.evidence import Evidence, StepResult, StepStatus, Table
from wizard.diagnosis.model import Finding
from wizard.safety.redact import mask_lines
from wizard.target.model import Sources

MAX_ROWS = 1000
"""Rows drawn of one table; the report holds all of them."""


class Pane(VerticalScroll):
    """Stays mounted once it was shown, so what was entered is kept.

    What is new is drawn at once only where nobody reads: in a hidden pane, during the first
    run, or when the operator asked for it. Else a line announces it, and `n` draws it.
    `has_keys` says that the pane has keys of its own: a jump to it moves the focus into it.
    `opens` is what shows its evidence.
    """

    has_keys: ClassVar[bool] = False
    opens: ClassVar[type[messages.ShowEvidence]] = messages.ShowEvidence

    def __init__(self, place: ScreenPlace) -> None:
        super().__init__(id=f"pane-{place.id}", classes="pane")
        self.place = place
        self._shown: Any = None
        self._waiting: Any = None

    def compose(self) -> ComposeResult:
        yield SteadyText(f"{self.place.purpose}{article_note(self.place.id)}", classes="head")
        yield SteadyText(classes="stale")
        yield SteadyText(why_line(self.place.id), classes="why")
        ours = ours_line(self.place.id)
        if ours:
            yield SteadyText(ours, classes="ours")
        yield SteadyText(classes="fresh")
        yield from self.body()

    def body(self) -> Iterator[Widget]:
        """What stands below the head."""
        yield from ()

    def news(self, state: State) -> Any:
        """What this pane shows of `state`; None while there is nothing."""
        raise NotImplementedError

    async def draw(self, news: Any) -> None:
        """Show what `news` gave."""
        raise NotImplementedError

    def announce(self, _news: Any) -> str:
        """One line for news that wait."""
        return "There is something new"

    def say_head(self, text: str) -> None:
        self.query_one(".head", SteadyText).tell(f"{text}{article_note(self.place.id)}")

    def say_stale(self, text: str) -> None:
        """Say that what is shown is older than a change; nothing where it is not."""
        stale = self.query_one(".stale", SteadyText)
        stale.tell(text)
        stale.display = bool(text)

    def on_mount(self) -> None:
        self.say_stale("")

    async def take(self, state: State, asked: bool) -> None:
        """`asked`: the operator asked for this very result."""
        news = self.news(state)
        if news is None:
            return
        if news == self._shown:
            if asked:
                self.app.post_message(messages.Remark("Read again: nothing has changed."))
            return
        if self._shown is None or asked or not self.display or not state.settled:
            await self._swap(news)
        else:
            self._waiting = news
            self._say_fresh(f"{self.announce(news)}. n shows it")

    async def show_waiting(self) -> None:
        """Swap in what came while the operator was reading."""
        if self._waiting is not None:
            await self._swap(self._waiting)

    async def _swap(self, news: Any) -> None:
        self._shown, self._waiting = news, None
        self._say_fresh("")
        await self.draw(news)
        self._keep_keys_inside()

    def _keep_keys_inside(self) -> None:
        """The pane itself takes keys only where nothing in it does: they would do nothing."""
        self.can_focus = not self.reachable

    def _say_fresh(self, text: str) -> None:
        fresh = self.query_one(".fresh", SteadyText)
        fresh.tell(text)
        fresh.set_class(bool(text), "-on")

    async def opened(self) -> None:
        """The operator came here."""

    def point(self, part: str) -> None:
        """Highlight a part of the pane by its id."""

    def leave(self) -> bool:
        """Esc here; false where it leads out of the pane."""
        return False

    def search(self) -> bool:
        """`/` here; false where there is nothing to filter."""
        return False

    def suspect(self) -> Finding | None:
        """The suspect that is highlighted here."""
        return None

    def sources(self) -> Sources | None:
        """The logs and text that a form here names."""
        return None

    def again(self) -> bool:
        """F5 where the place is no step; false where there is nothing to do again."""
        return False

    def evidence(self) -> tuple[str, str] | None:
        """Title and text for the evidence window, of what is highlighted here."""
        return None

    def about(self) -> str:
        """The word whose page of the knowledge base fits what is highlighted; empty for none."""
        return ""

    def copied(self) -> str:
        """What is copied from here, without anybody's values; empty for nothing."""
        shown = self.evidence()
        return "" if shown is None else mask_lines(shown[1])

    def save(self) -> bool:
        """Write what is shown to a file; false where there is nothing to write."""
        return False

    def use_sources(self, sources: Sources) -> None:
        """Fill a form with what the operator named before; only Symptom has one."""

    def take_pasted(self, text: str) -> None:
        """A text that was pasted where no field has the keys; only Symptom takes one."""

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """What has the keys is on the screen."""
        self.call_after_refresh(self.scroll_to_widget, event.widget, animate=False)

    def landing(self) -> Widget | None:
        """What takes the keys when a jump ends here.

        Never a field, which is entered with Enter or Tab only.
        """
        return next((inner for inner in self.reachable if not is_field(inner)), None)

    @property
    def reachable(self) -> list[Widget]:
        """What in the pane can take the keys now."""
        return [inner for inner in self.query("*") if inner.focusable and _is_shown(inner)]

    def first_focus(self) -> Widget:
        """What takes the keys when the operator enters the pane."""
        return next(iter(self.reachable), self)


def _is_shown(widget: Widget) -> bool:
    return all(part.display for part in widget.ancestors_with_self if isinstance(part, Widget))


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
        told = step_state(self.place.id, state).word
        if result is not None and result.status is not StepStatus.DONE and told != "running":
            told = state_word(result)
        self.say_head(f"{self.place.title}: {told}")
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
            text = table.row_text(event.cursor_row)
            self.app.post_message(messages.ShowEvidence(table.table.title, text))


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
    if result.headline and result.headline != result.reason:
        yield Static(safe(result.headline), markup=False)


def notes_of(result: StepResult) -> Iterator[Widget]:
    for note in result.notes:
        yield Static(safe_block(note), markup=False, classes="note")


def evidence_of(result: StepResult) -> Iterator[Widget]:
    if result.evidence:
        yield EvidenceList(result.evidence)


def tables_of(tables: Sequence[Table]) -> Iterator[Widget]:
    for table in tables:
        count = len(table.rows)
        shown = f"{count}, the first {MAX_ROWS} shown" if count > MAX_ROWS else f"{count}"
        yield Static(safe(f"{table.title} ({shown})"), markup=False, classes="title")
        if table.note:
            yield Static(safe_block(table.note), markup=False, classes="note")
        if table.rows:
            yield PlainTable(_bounded(unusual_first(table)))


def _bounded(table: Table) -> Table:
    return replace(table, rows=table.rows[:MAX_ROWS])
