"""The line of keys at the bottom."""

from __future__ import annotations

from textual.screen import Screen
from textual.widgets import Footer


class KeyLine(Footer):
    """A Footer that is built again only when what it shows has changed.

    Textual builds its Footer twice for every move of the focus, which costs more than all else
    that a key does, and bytes over SSH.
    """

    def __init__(self) -> None:
        super().__init__(compact=True)
        self._keys: tuple[tuple[str, str, bool], ...] = ()

    def bindings_changed(self, screen: Screen[object]) -> None:
        keys = tuple(
            (active.binding.key, active.binding.description, active.enabled)
            for active in screen.active_bindings.values()
            if active.binding.show
        )
        if keys != self._keys and screen.app.app_focus:
            self._keys = keys
            super().bindings_changed(screen)
