"""Fields that keep control characters out and do not blink."""

from __future__ import annotations

from textual import events
from textual.widgets import Input, TextArea

from wizard.safety.sanitize import sanitize, sanitize_block

MAX_PASTED_LINES = 20000


class PlainInput(Input):
    """One line, one row high. A blinking cursor would cost 1.7 kB/s over SSH."""

    def __init__(
        self, value: str = "", *, id: str, placeholder: str = "", password: bool = False
    ) -> None:
        super().__init__(value, id=id, placeholder=placeholder, password=password, compact=True)
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        """Textual calls the handlers of the base classes too, with the same event."""
        event.text = sanitize(event.text.partition("\n")[0])


class PlainArea(TextArea):
    """Several lines without numbers; without `wrap`, long ones are scrolled to."""

    def __init__(
        self, text: str = "", *, id: str | None = None, read_only: bool = False, wrap: bool = True
    ) -> None:
        super().__init__(
            sanitize_block(text, MAX_PASTED_LINES),
            id=id,
            read_only=read_only,
            soft_wrap=wrap,
            compact=True,
            show_line_numbers=False,
        )
        self.cursor_blink = False

    async def _on_paste(self, event: events.Paste) -> None:
        """Textual calls the handlers of the base classes too, with the same event."""
        event.text = sanitize_block(event.text, MAX_PASTED_LINES)

    @property
    def wrap_width(self) -> int:
        """Where nothing is typed, no column is kept free for the cursor behind the last one.

        Textual's 0 stands for lines that are never wrapped."""
        width = super().wrap_width
        return width + self.read_only if width else 0

    def show(self, text: str) -> None:
        self.text = sanitize_block(text, MAX_PASTED_LINES)
