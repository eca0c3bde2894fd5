"""A page of the knowledge base in the whole window, with the way on to what it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static, TextArea

from screens.text.knowledge_page import WIDTH, linked, row, shown
from screens.text.words import safe
from screens.widgets.fields import PlainArea
from screens.widgets.knowledge_browser import columns
from screens.widgets.lists import PlainList

if TYPE_CHECKING:
    from wizard.explain import Topic

MOST_COLUMNS = 100
"""Longer lines are hard to read."""

HINT = "Esc back   Tab see also, Enter opens it   c copy   q close"


class PageModal(ModalScreen[None]):
    """Esc leads back through the pages that were opened here. `c` copies the page, or what is
    selected."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back"),
        Binding("q", "close", "Close"),
        Binding("c,y", "copy", "Copy"),
    ]

    def __init__(self, topic: Topic) -> None:
        super().__init__()
        self._trail = [topic]
        self._links: list[Topic] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="window"):
            yield PlainArea("", id="page", read_only=True, wrap=False)
            yield PlainList(id="see-also")
            yield Static(HINT, markup=False, id="hint")

    def on_resize(self, _event: events.Resize) -> None:
        self._show()

    def _show(self) -> None:
        from wizard.explain import page

        topic = self._trail[-1]
        area = self.query_one("#page", PlainArea)
        area.show(shown(topic, min(columns(area), MOST_COLUMNS)))
        area.focus()
        self._links = linked(page(topic))
        links = self.query_one("#see-also", PlainList)
        links.display = bool(self._links)
        links.fill([(str(n), safe(row(link))) for n, link in enumerate(self._links)])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._trail.append(self._links[event.option_index])
        self._show()

    def action_back(self) -> None:
        self._trail.pop()
        if self._trail:
            self._show()
        else:
            self.dismiss(None)

    def action_close(self) -> None:
        self.dismiss(None)

    def action_copy(self) -> None:
        from screens.widgets.clipboard import copy

        chosen = self.query_one(TextArea).selected_text or shown(self._trail[-1], WIDTH)
        self.query_one("#hint", Static).update(safe(copy(self.app, chosen)))
