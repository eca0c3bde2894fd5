"""A question that takes a typed word: nothing is changed by one stray key."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from screens.text.words import safe, safe_block
from screens.widgets.fields import PlainInput


class Confirm(ModalScreen[bool]):
    """Shows what will be done; typing `word` and Enter agrees, Esc declines."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "decline", "Cancel")]

    def __init__(self, title: str, text: str, word: str) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._word = word

    def compose(self) -> ComposeResult:
        with Vertical(classes="window"):
            yield Static(safe(self._title), classes="head", markup=False)
            yield VerticalScroll(Static(safe_block(self._text), markup=False))
            yield Static(
                safe(f"Type {self._word} and press Enter to go on. Esc changes nothing."),
                markup=False,
            )
            yield PlainInput(id="word")
            yield Static("", id="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#word", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip() == self._word:
            self.dismiss(True)
        else:
            self.query_one("#hint", Static).update(safe(f"That is not {self._word}."))

    def action_decline(self) -> None:
        self.dismiss(False)
