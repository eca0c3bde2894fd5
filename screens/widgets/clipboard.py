"""Copy to the terminal's clipboard, and say what may be in the way."""

from __future__ import annotations

from typing import Any

from textual.app import App


def copy(app: App[Any], text: str) -> str:
    """Send `text` by OSC 52, which no terminal answers; returns the line to show."""
    from screens.widgets.osc52 import SENT, TOO_LARGE, osc52

    if osc52(text) is None:
        return TOO_LARGE
    app.copy_to_clipboard(text)
    return SENT
