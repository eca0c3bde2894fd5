"""A pane: one place in the middle, and what every pane can be asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import Button, DataTable, OptionList, Select

from screens import messages
from screens.key_order import is_field
from screens.places import ScreenPlace
from screens.state import State
from screens.text.step_words import article_note, brief_why, ours_line, why_line
from screens.widgets.line import SteadyText
from wizard.diagnosis.model import Finding
from wizard.safety.redact import mask_lines
from wizard.target.model import Sources


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
        yield SteadyText(brief_why(self.place.id), classes="brief")
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

    def window(self) -> type[messages.ShowEvidence]:
        """What opens the window for it."""
        return self.opens

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

    def nothing_to_save(self) -> str:
        """Why there is nothing to write."""
        return "Nothing to save here. r goes to the report."

    def use_sources(self, sources: Sources) -> None:
        """Fill a form with what the operator named before; only Symptom has one."""

    def take_pasted(self, text: str) -> None:
        """A text that was pasted where no field has the keys; only Symptom takes one."""

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """What has the keys is on the screen."""
        self.call_after_refresh(self._bring_in, event.widget)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """A row that is marked with the keys is on the screen."""
        if event.data_table.has_focus:
            self.call_after_refresh(self._bring_in, event.data_table)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """The same for the rows of a list."""
        if event.option_list.has_focus:
            self.call_after_refresh(self._bring_in, event.option_list)

    def _bring_in(self, widget: Widget, laid_out: bool = False) -> None:
        """Scroll only where the marked row is out of sight: the head and the WHY stay."""
        if isinstance(widget, (DataTable, OptionList)):
            if not (widget.region or laid_out):
                self.call_after_refresh(self._bring_in, widget, laid_out=True)
                return
            if self._shows_marked(widget):
                return
        if isinstance(widget, DataTable) and not widget.cursor_row and widget.region:
            self._bring_in_first(widget)
            return
        if isinstance(widget, OptionList) and not widget.highlighted and widget.parent is self:
            place = widget.virtual_region
            self.scroll_to_region(Region(place.x, place.y, place.width, 1), animate=False)
        else:
            self.scroll_to_widget(widget, animate=False)

    def _bring_in_first(self, table: DataTable[Any]) -> None:
        """All of it where there is room, else half a window of it below what stands above."""
        docked = sum(p.outer_size.height for p in self.children if p.styles.dock == "bottom")
        room = self.scrollable_content_region.height - docked
        rows = table.region.height if table.region.height <= room else max(room // 2, 2)
        place = table.region.translate(self.scroll_offset - self.scrollable_content_region.offset)
        self.scroll_to_region(
            Region(place.x, place.y, place.width, rows + docked), animate=False, x_axis=False
        )

    def _shows_marked(self, rows: DataTable[Any] | OptionList) -> bool:
        """Of a list, whose rows have any height, only its first is known to be in sight."""
        if isinstance(rows, OptionList) and rows.highlighted:
            return False
        top = row = rows.region.y
        if isinstance(rows, DataTable):
            row += 1 + rows.cursor_row - round(rows.scroll_y)
        inside = self.scrollable_content_region
        docked = [part.region.y for part in self.children if part.styles.dock == "bottom"]
        return inside.y <= top and row < min([inside.bottom, *filter(None, docked)])

    def landing(self) -> Widget | None:
        """What takes the keys when a jump ends here.

        Never a field, which is entered with Enter or Tab only, nor a button, which the next
        Enter would press.
        """
        return next((inner for inner in self.reachable if not _obeys_enter(inner)), None)

    @property
    def reachable(self) -> list[Widget]:
        """What in the pane can take the keys now."""
        return [inner for inner in self.query("*") if inner.focusable and _is_shown(inner)]

    def own_action(self, key: str) -> str:
        """What this place does at one of its own keys; empty for any other key."""
        listed = vars(type(self)).get("BINDINGS", ())
        own = (known for known in listed if isinstance(known, Binding))
        return next((known.action for known in own if key in known.key.split(",")), "")

    def first_focus(self) -> Widget:
        """What takes the keys when the operator enters the pane."""
        return next(iter(self.reachable), self)


def _obeys_enter(widget: Widget) -> bool:
    """Whether letters are typed there, or Enter does at once what it is for."""
    return is_field(widget) or isinstance(widget, (Button, Select))


def _is_shown(widget: Widget) -> bool:
    return all(part.display for part in widget.ancestors_with_self if isinstance(part, Widget))
