"""The Symptom pane: what the application shows, pasted or from its log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from textual import events
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button, Input, Static, TextArea

from screens import messages
from screens.pane import ResultPane
from screens.places import Place
from wizard.sanitize import sanitize_block
from wizard.target import Sources

MAX_PASTED_LINES = 20000


class PasteArea(TextArea):
    """A TextArea that drops control characters from what is pasted."""

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = sanitize_block(event.text, MAX_PASTED_LINES)
        await super()._on_paste(event)


class SymptomPane(ResultPane):
    """Error text and the application's log; Analyse or F5 reads them."""

    def __init__(self, place: Place, sources: Sources) -> None:
        super().__init__(place)
        self._sources = sources

    def form(self) -> Iterator[Widget]:
        yield Static("Paste the application's error, with its time if you have it:", markup=False)
        area = PasteArea(
            sanitize_block(self._sources.pasted, MAX_PASTED_LINES),
            id="pasted",
            compact=True,
            show_line_numbers=False,
        )
        area.cursor_blink = False
        yield area
        logs = ", ".join(str(path) for path in self._sources.app_logs)
        field = Input(logs, placeholder="path of the application's log", id="app-log", compact=True)
        field.cursor_blink = False
        yield Horizontal(
            Static("App log ", markup=False),
            field,
            Button("Analyse", id="analyse", compact=True),
            classes="form-row",
        )

    def sources(self) -> Sources:
        """The operator's sources with what the form holds now."""
        names = self.query_one("#app-log", Input).value.split(",")
        logs = tuple(Path(name.strip()).expanduser() for name in names if name.strip())
        return replace(
            self._sources, pasted=self.query_one("#pasted", TextArea).text, app_logs=logs
        )

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.app.post_message(messages.RunAgain())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.app.post_message(messages.RunAgain())
