"""The knowledge browser: a search field, what it found, and the page of what is highlighted."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, OptionList, Static

from screens import messages
from screens.text.knowledge_page import WIDTH, found, row, shown
from screens.text.words import safe
from screens.widgets.fields import PlainArea, PlainInput
from screens.widgets.lists import PlainList

if TYPE_CHECKING:
    from wizard.explain import Topic

NOTHING = "Nothing is known about these words."


def columns(area: PlainArea) -> int:
    """How wide a page may be that `area` shows as it is, with its cursor behind the last one."""
    return max(area.scrollable_content_region.width - 1, 40)


class Browser(Vertical):
    """Works without any server. Enter opens the page in the whole window."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", show=False),
        Binding("c", "copy", "Copy", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="browser")
        self._topics: list[Topic] = []

    def compose(self) -> ComposeResult:
        field = PlainInput(id="search", placeholder="2006, idle-timeout, wait_timeout, myths ...")
        yield Horizontal(Static("Search ", markup=False), field, classes="form-row")
        yield PlainList(id="topics")
        yield PlainArea("", id="page", read_only=True)

    def on_mount(self) -> None:
        """Later, since the first search reads the whole knowledge base."""
        self.call_after_refresh(self._search, "")

    @property
    def topic(self) -> Topic | None:
        """What is highlighted."""
        index = self.query_one("#topics", PlainList).highlighted
        known = index is not None and index < len(self._topics)
        return self._topics[index or 0] if known else None

    @on(Input.Changed, "#search")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._search(event.value)

    def _search(self, words: str) -> None:
        """The new highlight shows its page."""
        self._topics = found(words)
        rows = [(f"{topic.kind} {topic.id}", safe(row(topic))) for topic in self._topics]
        self.query_one("#topics", PlainList).fill(rows or [("", safe(NOTHING))])

    @on(OptionList.OptionHighlighted, "#topics")
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._show_page()

    def _show_page(self) -> None:
        area = self.query_one("#page", PlainArea)
        area.show(shown(self.topic, columns(area)) if self.topic else "")

    def on_resize(self, _event: events.Resize) -> None:
        self._show_page()

    @on(Input.Submitted, "#search")
    @on(OptionList.OptionSelected, "#topics")
    def _open(self, event: Input.Submitted | OptionList.OptionSelected) -> None:
        event.stop()
        if self.topic is not None:
            self.app.post_message(messages.ShowTopic(self.topic))

    def on_key(self, event: events.Key) -> None:
        """From the field the arrow leads to what was found."""
        if event.key == "down" and self.query_one("#search").has_focus:
            event.stop()
            self.query_one("#topics").focus()

    def action_search(self) -> None:
        self.query_one("#search").focus()

    def action_copy(self) -> None:
        from screens.widgets.clipboard import copy

        if self.topic is not None:
            self.app.post_message(messages.Remark(copy(self.app, shown(self.topic, WIDTH))))
