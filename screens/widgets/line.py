"""Texts that are told again and again, and cost nothing while they stay the same."""

from __future__ import annotations

from typing import ClassVar

from textual.widgets import Static

from screens.text.words import safe


class SteadyText(Static):
    """Text from outside. It may change its height, so others are laid out anew with it."""

    lays_out: ClassVar[bool] = True

    def __init__(self, text: str = "", *, id: str | None = None, classes: str = "") -> None:
        super().__init__(safe(text), id=id, classes=classes, markup=False)
        self._told = text

    def tell(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self.update(safe(text), layout=self.lays_out)


class SteadyLine(SteadyText):
    """One row, whatever it says."""

    lays_out = False
