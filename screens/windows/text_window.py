"""Windows of plain text that can be selected and copied."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from screens.text.in_keys import in_keys
from screens.text.words import safe
from screens.widgets.fields import PlainArea
from wizard.safety.redact import mask_lines
from wizard.safety.sanitize import sanitize_block

MAX_LINES = 5000


class TextModal(ModalScreen[None]):
    """Read-only text with a title. `c` copies all of it, or what is selected."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,e", "close", "Close"),
        Binding("c,y", "copy", "Copy"),
        Binding("f1", "close", "Close", show=False),
    ]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title = title
        self._text = sanitize_block(self.worded(text), MAX_LINES)

    def compose(self) -> ComposeResult:
        with Vertical(classes="window"):
            yield Static(safe(self._title), classes="head", markup=False)
            yield self.area(self._text)
            yield Static("Esc close   c copy   arrows, PgUp, PgDn scroll", markup=False, id="hint")

    def worded(self, text: str) -> str:
        """A text of the engine's, in keys."""
        return in_keys(text)

    def area(self, text: str) -> PlainArea:
        return PlainArea(text, read_only=True)

    def on_mount(self) -> None:
        self.query_one(TextArea).focus()

    def action_close(self) -> None:
        self.dismiss(None)

    def action_copy(self) -> None:
        from screens.widgets.clipboard import copy

        chosen = self.query_one(TextArea).selected_text or self._text
        self.query_one("#hint", Static).update(safe(copy(self.app, self.copied(chosen))))

    def copied(self, text: str) -> str:
        """What may go to the clipboard of a text that was chosen."""
        return text


class EvidenceText(TextModal):
    """What others wrote; a copy leaves this terminal, and is masked as a report is."""

    def copied(self, text: str) -> str:
        return mask_lines(text)


class WholeText(EvidenceText):
    """Text that has its own lines: all of the window; what is broader still is wrapped."""


class ReportText(WholeText):
    """For others, who have no screen before them."""

    def worded(self, text: str) -> str:
        return text


class OwnText(WholeText):
    """Our own words: a copy needs no mask."""

    def copied(self, text: str) -> str:
        return text
