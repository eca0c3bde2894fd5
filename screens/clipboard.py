"""Copy to the terminal's clipboard, and say what may be in the way."""

from __future__ import annotations

import os
from typing import Any

from textual.app import App


def copy(app: App[Any], text: str) -> str:
    """Send `text` by OSC 52 (no terminal answers it); returns the line to show."""
    app.copy_to_clipboard(text)
    size = len(text.encode())
    hint = "; tmux needs: set -s set-clipboard on" if os.environ.get("TMUX") else ""
    return f"Sent {size} bytes to the terminal's clipboard{hint}. Not there? Save the report."
