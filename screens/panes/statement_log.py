"""The panes of the general and the slow log: what is in one, and a key to switch it on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button

from screens import messages
from screens.panes.result import ResultPane
from screens.places import GENERAL_LOG
from screens.state import State
from wizard.case.evidence import StepResult


class StatementLogPane(ResultPane):
    """The log is switched on in a window of its own, which says first what that costs."""

    has_keys = True

    BINDINGS: ClassVar[list[BindingType]] = [Binding("a", "capture", "Capture", show=False)]

    _offline = ""

    def form(self) -> Iterator[Widget]:
        label = "Switch it on for a while (a)"
        yield Horizontal(Button(label, id="capture", compact=True), classes="form-row")

    def news(self, state: State) -> StepResult | None:
        self._offline = state.offline
        self.query_one("#capture").display = not state.offline
        return super().news(state)

    @on(Button.Pressed, "#capture")
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_capture()

    def action_capture(self) -> None:
        from screens.windows.capture import GENERAL, SLOW, CaptureWindow

        if self._offline:
            self.app.post_message(messages.Remark(f"No log can be captured: {self._offline}."))
            return
        kind = GENERAL if self.place.id == GENERAL_LOG else SLOW
        self.app.push_screen(CaptureWindow(kind))
