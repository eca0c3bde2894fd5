"""The Knowledge pane, and the same browser in a window of its own for where no frame is yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from screens.panes.pane import Pane
from screens.places import SEARCH
from screens.state import State
from screens.text.words import safe
from screens.widgets.knowledge_browser import Browser


class KnowledgePane(Pane):
    """Needs nothing from the case, so there are never news."""

    has_keys = True

    def body(self) -> Iterator[Widget]:
        yield Browser()

    def news(self, _state: State) -> None:
        return None

    def point(self, part: str) -> None:
        if part == SEARCH:
            self.query_one(Browser).action_search()

    def about(self) -> str:
        topic = self.query_one(Browser).topic
        return "" if topic is None else topic.id


class KnowledgeWindow(ModalScreen[None]):
    """Over the Connect form."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f2", "close", "Close")]

    def compose(self) -> ComposeResult:
        with Vertical(classes="window"):
            yield Static("Knowledge", classes="head", markup=False)
            yield Browser()
            yield Static("Enter page   / search   c copy   Esc close", id="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(Browser).action_search()

    def say(self, remark: str) -> None:
        self.query_one("#hint", Static).update(safe(remark))

    def action_close(self) -> None:
        self.dismiss(None)
