"""The lower part of the Fix screen, from where Tab leads to the value that may be changed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Input

VALUES = "#values"
"""The row in which values are named; it is shown where a remedy takes any."""


class PreviewScroll(VerticalScroll):
    """What a remedy would do. The value stands above it, and would be the last that Tab reaches."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "to_value", "Set", show=False)]

    def action_to_value(self) -> None:
        values = self.screen.query_one(VALUES)
        if values.display:
            values.query_one(Input).focus()
        else:
            self.screen.focus_next()
