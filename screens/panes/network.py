"""The Network pane: the probes, the one that is highlighted, and its picture while it runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static

from screens import messages
from screens.panes.pane import Pane
from screens.panes.result import EvidenceList
from screens.places import ScreenPlace
from screens.state import State
from screens.text.probe import shown_lines, whole_text
from screens.text.probe_states import probes_line, result_of
from screens.text.words import safe_block
from screens.widgets.limits_form import LimitsForm
from screens.widgets.line import SteadyText
from screens.widgets.probe_list import ProbeList

if TYPE_CHECKING:
    from wizard.probes.probe import Probe

LIVE_SECONDS = 0.5
"""How often the picture of a running probe is drawn."""

MARGIN = 2
"""Columns of a whole window that text leaves free."""


class NetworkPane(Pane):
    """Nothing starts unasked. What a running probe knows is drawn at once, for it was asked for;
    the highlighted probe is the one that is shown."""

    has_keys = True
    opens = messages.ShowWhole

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "start_all", "All probes", show=False),
        Binding("l", "limits", "Limits", show=False),
    ]

    def __init__(self, place: ScreenPlace) -> None:
        from wizard.probes.order import PROBES

        super().__init__(place)
        self._probes: dict[str, Probe] = {probe.id: probe for probe in PROBES}
        self._state = State()
        self._followed = ""

    def body(self) -> Iterator[Widget]:
        yield ProbeList(self._probes)
        yield LimitsForm()
        with VerticalScroll(id="probe"):
            yield SteadyText(id="probe-head")
            yield EvidenceList(())
            yield Static(id="picture", markup=False)
            yield SteadyText(id="probe-opens")

    def on_mount(self) -> None:
        self.rows.highlighted = 0 if self._probes else None
        self.set_interval(LIVE_SECONDS, self._tick)

    def first_focus(self) -> Widget:
        return self.rows

    @property
    def rows(self) -> ProbeList:
        return self.query_one(ProbeList)

    async def take(self, state: State, asked: bool) -> None:  # noqa: ARG002
        """A result comes only where the operator asked for it, so it is never held back."""
        self._state = state
        busy = state.running in self._probes or bool(state.awaited)
        self.query_one(LimitsForm).display = not (state.offline or busy)
        self._follow()
        self._draw()

    def _follow(self) -> None:
        """While several run, the highlight goes along until the operator moves it away."""
        running = self._state.running
        if running not in self._probes or running == self._followed:
            return
        if self.rows.chosen == self._followed:
            self.point(running)
        self._followed = running

    def point(self, part: str) -> None:
        self.rows.point(part)

    def _tick(self) -> None:
        if self.display and self._state.running in self._probes:
            self._draw()

    def _draw(self) -> None:
        self.call_after_refresh(self._draw_head)
        self.rows.show(self._state, time.monotonic())
        probe = self._probes.get(self.rows.chosen)
        self.query_one("#probe-opens", SteadyText).tell(self._offer(probe))
        result = result_of(self.rows.chosen, self._state)
        running = self._state.running == self.rows.chosen
        facts = result.evidence if result is not None and not running else ()
        self.query_one(EvidenceList).show(facts)
        self._draw_picture()

    def _draw_head(self) -> None:
        self.say_head(f"{self.place.title}: {probes_line(self._state)}")
        more = "   Space: more below" if self.query_one("#probe").max_scroll_y else ""
        probe = self._probes.get(self.rows.chosen)
        self.query_one("#probe-head", SteadyText).tell(f"{self._headline(probe)}{more}")

    def _draw_picture(self) -> None:
        width = self.query_one("#probe").scrollable_content_region.width
        lines = shown_lines(self.rows.chosen, self._state, max(width, 40))
        drawn = self.query_one("#picture", Static)
        drawn.display = bool(lines)
        text = safe_block("\n".join(lines))
        if drawn.content != text:
            drawn.update(text)

    def _headline(self, probe: Probe | None) -> str:
        if probe is None:
            return "This version knows no probe."
        if self._state.running == probe.id:
            partial = self._state.partial.get(probe.id)
            known = partial.headline if partial is not None else ""
            return known or self._state.said or "started"
        result = result_of(probe.id, self._state)
        return probe.step.purpose if result is None else result.headline

    def _offer(self, probe: Probe | None) -> str:
        """What a start would open, or why there is none."""
        if probe is None or self._state.running == probe.id:
            return ""
        if self._state.offline:
            return "" if result_of(probe.id, self._state) else "It was not run."
        try:
            opens = probe.opens(self.query_one(LimitsForm).limits())
        except ValueError as error:
            return str(error)
        again = "runs it again" if result_of(probe.id, self._state) else "starts it"
        return f"Enter {again}, a starts all. Cost: {opens}"

    @on(OptionList.OptionHighlighted, "#probes")
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._draw()
        self.query_one("#probe").scroll_home(animate=False)

    @on(ProbeList.Turned)
    def _turn(self, event: ProbeList.Turned) -> None:
        event.stop()
        below = self.query_one("#probe")
        below.scroll_relative(y=event.pages * max(below.size.height - 1, 1), animate=False)

    @on(Input.Changed)
    def _edited(self, event: Input.Changed) -> None:
        event.stop()
        self._draw()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        """Enter in a field leads back to the list, where a start shows what it opens."""
        event.stop()
        self.first_focus().focus()

    def on_resize(self, _event: events.Resize) -> None:
        self._draw_picture()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if isinstance(event.option_list, EvidenceList):
            self.app.post_message(messages.ShowEvidence(*event.option_list.text()))
        else:
            self._start((self.rows.chosen,))

    def again(self) -> bool:
        """Run the marked probe once more; one that never ran starts with Enter, below its cost."""
        probe = self.rows.chosen
        if probe and result_of(probe, self._state) is None and self._state.running != probe:
            title = self._probes[probe].step.title
            self.app.post_message(messages.Remark(f"{title} was not run yet. Enter starts it."))
            return True
        return bool(probe) and self._start((probe,))

    def action_start_all(self) -> None:
        if self._start(tuple(self._probes)):
            self._followed = ""
            self.rows.highlighted = 0

    def action_limits(self) -> None:
        self.query(Input).first().focus()

    def _start(self, probes: tuple[str, ...]) -> bool:
        """Ask for a run; a limit that cannot be read is said instead."""
        try:
            limits = self.query_one(LimitsForm).limits()
        except ValueError as error:
            self.app.post_message(messages.Remark(str(error)))
        else:
            self.rows.focus()
            self.app.post_message(messages.RunProbes(probes, limits))
        return True

    def evidence(self) -> tuple[str, str] | None:
        width = self.app.size.width - MARGIN
        text = whole_text(self.rows.chosen, self._state, width)
        return (f"{self.place.title}: {self.rows.chosen}", text) if text else None
