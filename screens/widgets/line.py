"""Texts that are told again and again, and cost nothing while they stay the same."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.content import Content
from textual.widgets import Static

from screens.text.words import block_on_screen, safe, safe_block, wrapped


class SteadyText(Static):
    """Text from outside. It may change its height, so others are laid out anew with it."""

    lays_out: ClassVar[bool] = True

    def __init__(self, text: str = "", *, id: str | None = None, classes: str = "") -> None:
        super().__init__(self.made_safe(text), id=id, classes=classes, markup=False)
        self._told = text

    def made_safe(self, text: str) -> Content:
        """What is drawn of a text from outside: one line."""
        return safe(text)

    def tell(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self.update(self.made_safe(text), layout=self.lays_out or self.has_class("-folded"))


class SteadyBlock(SteadyText):
    """Text in lines of its own."""

    def made_safe(self, text: str) -> Content:
        return safe_block(text)


class SteadyLine(SteadyText):
    """One row, whatever it says."""

    lays_out = False


class FoldedText(Static):
    """Lines from outside, folded at blanks.

    Textual also breaks a path at its hyphens and a fingerprint at its slashes, where each would
    fit on a line of its own.
    """

    def __init__(self, text: str, *, id: str | None = None, classes: str = "") -> None:
        super().__init__(safe_block(text), id=id, classes=classes, markup=False)
        self._lines = block_on_screen(text, 2000).splitlines()
        self._width = 0

    def on_resize(self, _event: events.Resize) -> None:
        if self.size.width != self._width:
            self._width = self.size.width
            self.update(Content("\n".join(self._folded())))

    def _folded(self) -> list[str]:
        return [part for line in self._lines for part in wrapped(line, self._width, 0) or [""]]
