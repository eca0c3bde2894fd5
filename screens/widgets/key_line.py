"""The line of keys at the bottom: those of this very screen, as many as fit."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from textual.app import ComposeResult
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from screens.text.key_hints import KeyHint, fitting


@runtime_checkable
class Keyed(Protocol):
    """A screen that knows its keys."""

    @property
    def key_hints(self) -> tuple[KeyHint, ...]: ...

    @property
    def size(self) -> Size: ...


class KeyLine(Footer):
    """A Footer that is built again only when what it shows has changed.

    Textual builds its Footer twice for every move of the focus, which costs more than all else
    that a key does, and bytes over SSH. A click on a key is that key.
    """

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)
        self._hints: tuple[KeyHint, ...] = ()

    def compose(self) -> ComposeResult:
        for hint in self._hints:
            yield FooterKey(hint.key, hint.shown, hint.label, "")

    def show_keys(self, screen: Keyed) -> None:
        hints = fitting(screen.key_hints, screen.size.width)
        if hints != self._hints:
            self._hints = hints
            self.call_after_refresh(self.recompose)

    def bindings_changed(self, screen: Screen[object]) -> None:
        """The focus moved: a field has other keys than what is around it."""
        if screen.app.app_focus and screen is self.screen and isinstance(screen, Keyed):
            self.show_keys(screen)
