"""Lists that take plain text only, with vi's keys beside the arrows."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from screens.text.words import hanging

VI_KEYS: list[BindingType] = [
    Binding("j", "cursor_down", "Down", show=False),
    Binding("k", "cursor_up", "Up", show=False),
]


class PlainList(OptionList):
    """An OptionList that never parses markup."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *VI_KEYS,
        Binding("g", "first", "First", show=False),
        Binding("G", "last", "Last", show=False),
    ]

    def __init__(self, *content: Option, id: str | None = None, classes: str = "") -> None:
        super().__init__(*content, id=id, classes=classes, markup=False, compact=True)

    def fill(self, rows: list[tuple[str, Content]]) -> None:
        """Replace all rows. While the list has the keys, the highlight stays on the row with
        the same id, else at its index; else the list begins at its top."""
        kept = self.highlighted if self.has_focus else None
        kept_id = self.highlighted_id if self.has_focus else None
        self.clear_options()
        self.add_options(Option(prompt, id=row_id) for row_id, prompt in rows)
        ids = [row_id for row_id, _ in rows]
        if kept_id in ids:
            self.highlighted = ids.index(kept_id)
        elif rows:
            self.highlighted = min(kept or 0, len(rows) - 1)
        if not self.has_focus:
            self.scroll_home(animate=False)

    def action_page_up(self) -> None:
        if self._is_laid_out:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        if self._is_laid_out:
            super().action_page_down()  # type: ignore[no-untyped-call]

    @property
    def _is_laid_out(self) -> bool:
        """A page has no length before; Textual ends with a KeyError where one is asked for."""
        return bool(self.scrollable_content_region)

    @property
    def highlighted_id(self) -> str | None:
        option = self.highlighted_option
        return None if option is None else option.id


class WrappedList(PlainList):
    """A list whose rows go on below themselves, so that no sentence loses its end."""

    def __init__(self, indent: int, *, id: str) -> None:
        super().__init__(id=id)
        self._indent = indent
        self._rows: list[tuple[str, str]] = []

    def tell(self, rows: list[tuple[str, str]]) -> None:
        """Hold these ids and texts from outside.

        Who has moved nowhere stays at the top, whatever stands there now.
        """
        if self.highlighted == 0 and rows != self._rows:
            self.highlighted = None
        self._rows = rows
        self._lay()

    def on_resize(self, _event: events.Resize) -> None:
        self._lay()

    def _lay(self) -> None:
        width = self.size.width - 1
        self.fill([(key, hanging(text, width, self._indent)) for key, text in self._rows])
