"""A list of sessions, some of which are marked by hand: one by one, never by a pattern."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from screens.text.fix_path import session_row
from screens.text.words import safe
from screens.widgets.lists import PlainList

if TYPE_CHECKING:
    from wizard.remedies.actions import OpenSession


class SessionList(PlainList):
    """Space marks the row. A session that is gone when the list is read again loses its mark."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "mark", "Mark", show=False)]

    class Marked(Message):
        """What is marked has changed."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._sessions: dict[str, OpenSession] = {}
        self._marked: set[str] = set()

    def show(self, found: Sequence[OpenSession]) -> None:
        known = {str(one.number): one for one in found}
        self._marked = {n for n in self._marked if known.get(n) and self._is_same(known[n])}
        self._sessions = known
        rows = [(n, safe(session_row(one, n in self._marked))) for n, one in known.items()]
        self.fill(rows or [("", safe("No client's session is open."))])

    def _is_same(self, now: OpenSession) -> bool:
        before = self._sessions.get(str(now.number))
        return before is not None and before.account == now.account

    @property
    def numbers(self) -> tuple[int, ...]:
        """The marked sessions in the list's order; without a mark, the highlighted one."""
        marked = tuple(int(n) for n in self._sessions if n in self._marked)
        if marked or self.highlighted_id not in self._sessions:
            return marked
        return (int(self.highlighted_id),)

    def action_mark(self) -> None:
        number = self.highlighted_id
        if number is None or number not in self._sessions or self.highlighted is None:
            return
        self._marked ^= {number}
        row = session_row(self._sessions[number], number in self._marked)
        self.replace_option_prompt_at_index(self.highlighted, safe(row))
        self.post_message(self.Marked())
