"""The list of probes with their states; the one that is shown below is marked with `>`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets.option_list import Option

from screens.state import State
from screens.text.probe_states import probe_word
from screens.text.words import safe
from screens.widgets.lists import PlainList

if TYPE_CHECKING:
    from wizard.probes.probe import Probe


class ProbeList(PlainList):
    """The list is short, so the keys that turn pages are left to what stands below it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown,space", "turn(1)", "Page down", show=False),
        Binding("pageup", "turn(-1)", "Page up", show=False),
    ]

    class Turned(Message):
        """The operator turned the page of what stands below, by `pages`."""

        def __init__(self, pages: int) -> None:
            super().__init__()
            self.pages = pages

    def __init__(self, probes: Mapping[str, Probe]) -> None:
        super().__init__(*(Option(safe(name), id=name) for name in probes), id="probes")
        self._probes = probes

    @property
    def chosen(self) -> str:
        """The highlighted probe, or "" where there is none."""
        return self.highlighted_id or ""

    def action_turn(self, pages: int) -> None:
        self.post_message(self.Turned(pages))

    def point(self, probe: str) -> None:
        if probe in self._probes:
            self.highlighted = list(self._probes).index(probe)

    def show(self, state: State, now: float) -> None:
        """Refresh the words; `now` is in monotonic seconds."""
        breadth = max((len(probe.step.title) for probe in self._probes.values()), default=0)
        for number, (name, probe) in enumerate(self._probes.items()):
            mark = ">" if name == self.chosen else " "
            word = probe_word(name, state, now)
            row = safe(f"{mark}{probe.step.title:<{breadth}}  {word}")
            if self.get_option_at_index(number).prompt != row:
                self.replace_option_prompt_at_index(number, row)
