"""The one frame: top line, step list, the place in the middle, suspects, status, keys."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.screen import Screen
from textual.widgets import OptionList

from screens import messages
from screens.abilities import HearsBursts
from screens.frame_keys import FRAME_KEYS
from screens.key_order import is_field
from screens.panes.make import make_pane
from screens.panes.pane import Pane
from screens.places import NETWORK, PLACES, SEARCH, SYMPTOM, WORK_TITLES
from screens.state import State
from screens.text.key_hints import FIELD_KEYS, KeyHint, key_hints
from screens.text.next_step import next_lines
from screens.text.status import standing, status_line, top_line
from screens.widgets.key_line import KeyLine
from screens.widgets.line import SteadyLine, SteadyText
from screens.widgets.step_list import StepList
from screens.widgets.suspects import Suspects
from wizard.columns import chop
from wizard.target.model import Sources

MIN_WIDTH, MIN_HEIGHT, WIDE = 60, 20, 160
ROOMY_WIDTH, ROOMY_HEIGHT = 80, 24
"""Below it the suspects give their rows to the pane."""


class Frame(Screen[None]):
    """Shows a State, and turns keys into places. Starts no work itself.

    Keys are handled in the app's task and messages in the screen's, so a key only posts a
    message: panes are then mounted and filled by one task, one after the other.
    """

    BINDINGS: ClassVar[list[BindingType]] = list(FRAME_KEYS)

    def __init__(self, state: State, sources: Sources, first: str) -> None:
        super().__init__()
        self.state = state
        self.sources = sources
        self.current = first
        self.remark = ""
        self._trail: list[str] = []

    def compose(self) -> ComposeResult:
        yield SteadyLine(self._top(MIN_WIDTH), id="top")
        with Container(id="frame"):
            yield Suspects()
            with Horizontal(id="main"):
                yield StepList()
                yield Container(id="middle")
        yield SteadyText(id="too-small")
        yield SteadyLine(id="next")
        yield SteadyLine(id="or")
        yield SteadyLine(id="status")
        yield KeyLine()

    @property
    def too_small(self) -> bool:
        return self.size.width < MIN_WIDTH or self.size.height < MIN_HEIGHT

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Behind the notice that the window is too small nothing is obeyed but quitting."""
        del parameters
        return not self.too_small or action == "quit"

    async def on_mount(self) -> None:
        self.query_one(StepList).focus()
        await self.go(self.current)
        self.set_interval(1.0, self.show_status)

    @property
    def pane(self) -> Pane:
        """The place that is shown."""
        return self.query_one(f"#pane-{self.current}", Pane)

    @property
    def panes(self) -> dict[str, Pane]:
        return {pane.place.id: pane for pane in self.query(Pane)}

    def use_sources(self, sources: Sources) -> None:
        """What the first window was given."""
        self.sources = sources
        for pane in self.query(Pane):
            pane.use_sources(sources)

    async def show(self, asked: str = "") -> None:
        """Bring everything in line with the state. `asked` is the step whose result the
        operator asked for."""
        self.query_one(StepList).show(self.state, self.current)
        self.query_one(Suspects).show(self.state, self.size.width >= WIDE)
        self.show_status()
        for name, pane in self.panes.items():
            await pane.take(self.state, asked=name == asked)

    def show_status(self) -> None:
        """Top and status line; called at least once a second."""
        top, width = self.query_one("#top", SteadyLine), self.size.width
        top.tell(self._top(max(width, MIN_WIDTH)))
        top.set_class(self.state.up is False, "-lost")
        remark = self.remark or standing(self.state, self.current, datetime.now(UTC), width)
        first, second = next_lines(self.state, self.current, width)
        self.query_one("#next", SteadyLine).tell(first)
        self.query_one("#or", SteadyLine).tell(second)
        self.query_one(KeyLine).show_keys(self)
        line = status_line(self.state, WORK_TITLES, remark, time.monotonic(), width)
        status = self.query_one("#status", SteadyLine)
        # Why the server does not answer is told whole: nothing else on the screen says it.
        lost = self.state.up is False and not self.state.running
        rows = len(chop(line, width)) if width else 1
        status.set_class(lost and 1 < rows <= self._rows_for(status), "-folded")
        status.tell(line)

    def _rows_for(self, status: SteadyLine) -> int:
        """How many rows the status line may take, so that no step is pushed out of sight."""
        steps = self.query_one(StepList)
        return status.size.height + steps.size.height - steps.option_count

    def _top(self, width: int) -> str:
        return top_line(self.state, width, datetime.now(UTC))

    def say(self, remark: str) -> None:
        """A remark that stays on the status line until the next one."""
        self.remark = remark
        self.show_status()

    async def go(self, place_id: str, enter: bool = False) -> None:
        """Show a place, made when it is first seen. `enter` moves the keys into it."""
        inside = enter or self.query_one("#middle").has_focus_within
        pane = self.panes.get(place_id)
        if pane is None:
            pane = make_pane(place_id, self.sources)
            await self.query_one("#middle").mount(pane)
            await pane.take(self.state, asked=True)
        if place_id != self.current:
            self.remark = ""
        self.current = place_id
        self.query_one(KeyLine).show_keys(self)
        for name, other in self.panes.items():
            other.display = name == place_id
        self.query_one(StepList).show(self.state, place_id)
        self.show_status()
        await pane.opened()
        if enter:
            pane.first_focus().focus(scroll_visible=False)
        elif inside:
            (pane.landing() or self.query_one(StepList)).focus(scroll_visible=False)

    async def on_key(self, event: events.Key) -> None:
        """A place's own keys, which NEXT and the last row name, from the list of steps too."""
        if isinstance(self.focused, StepList) and not self.too_small:
            action = self.pane.own_action(event.key)
            if action:
                event.stop()
                await self.pane.run_action(action)

    def action_go(self, place_id: str) -> None:
        self.post_message(messages.GoTo(place_id))

    def action_step(self, by: int) -> None:
        self.post_message(messages.GoBy(by))

    def action_escape(self) -> None:
        """Leave the field or pane. Work goes on: Ctrl+C stops it."""
        inside = self.focused is not None and self.pane in self.focused.ancestors
        if not (inside and not is_field(self.focused) and self.pane.leave()):
            self.query_one(StepList).focus()

    def take_pasted(self, text: str) -> None:
        self.post_message(messages.Pasted(text))

    @on(messages.Pasted)
    async def _pasted(self, message: messages.Pasted) -> None:
        """What is pasted is the application's error, wherever the operator is."""
        await self.go(SYMPTOM)
        self.query_one(StepList).focus()
        self.pane.take_pasted(message.text)
        self.app.post_message(messages.RunAgain())

    @property
    def key_hints(self) -> tuple[KeyHint, ...]:
        """The keys of this very screen, for the last line."""
        return FIELD_KEYS if is_field(self.focused) else key_hints(self.current, self.state)

    def action_turn(self, pages: int) -> None:
        pane = self.pane
        pane.scroll_relative(y=pages * max(pane.size.height - 2, 1), animate=False)

    def action_search(self) -> None:
        if not self.pane.search():
            self.post_message(messages.GoTo("knowledge", part=SEARCH))

    def action_back(self) -> None:
        self.post_message(messages.GoBack())

    @on(messages.GoBack)
    async def _went_back(self) -> None:
        if self._trail:
            await self.go(self._trail.pop())
        else:
            self.say("There was no jump to come back from.")

    def action_suspects(self) -> None:
        self.query_one(Suspects).open()

    def action_evidence(self) -> None:
        suspects = self.query_one(Suspects)
        at_suspects = suspects.rows.has_focus
        shown = suspects.evidence() if at_suspects else self.pane.evidence()
        opens = messages.ShowEvidence if at_suspects else self.pane.window()
        if shown is None:
            self.say("No evidence here. s goes to the suspects.")
        else:
            self.app.post_message(opens(*shown))

    def action_explain(self) -> None:
        suspects = self.query_one(Suspects)
        word = suspects.rows.highlighted_id if suspects.rows.has_focus else self.pane.about()
        if word:
            self.app.post_message(messages.Explain(word))
        else:
            self.say("Nothing to explain here. K opens all that is known.")

    def action_decide(self) -> None:
        """Go to the probe that would decide on the highlighted suspect, else on the first."""
        from screens.text.deciding_probe import deciding_probe, next_probe

        suspects = self.query_one(Suspects)
        finding = suspects.finding if suspects.rows.has_focus else self.pane.suspect()
        if finding is not None:
            probe = deciding_probe(finding)
        else:
            probe = next_probe(self.state.diagnosis) if self.state.diagnosis is not None else ""
        if finding is not None and not probe:
            self.say(f"No probe would tell more about {finding.cause}.")
        else:
            self.post_message(messages.GoTo(NETWORK, enter=True, part=probe))

    def action_save(self) -> None:
        if isinstance(self.app, HearsBursts) and not self.app.typed_alone:
            self.say("Not saved: w came together with other keys. Press it alone.")
        elif not self.pane.save():
            self.say(self.pane.nothing_to_save())

    def action_copy(self) -> None:
        from screens.widgets.clipboard import copy

        text = self.pane.copied()
        self.say(copy(self.app, text) if text else "Nothing to copy here.")

    def action_fresh(self) -> None:
        self.post_message(messages.ShowWaiting())

    @on(messages.Changed)
    async def _changed(self, message: messages.Changed) -> None:
        await self.show(message.asked)

    @on(messages.ShowWaiting)
    async def _show_waiting(self) -> None:
        await self.pane.show_waiting()

    @on(OptionList.OptionHighlighted, "#steps")
    async def _moved(self, event: OptionList.OptionHighlighted) -> None:
        newest = event.option_index == event.option_list.highlighted
        if newest and event.option_id is not None and event.option_id != self.current:
            await self.go(event.option_id)

    @on(OptionList.OptionSelected, "#steps")
    async def _entered(self, event: OptionList.OptionSelected) -> None:
        if event.option_id is not None:
            await self.go(event.option_id, enter=True)

    @on(messages.GoTo)
    async def _sent(self, event: messages.GoTo) -> None:
        if event.place != self.current:
            self._trail.append(self.current)
        await self.go(event.place, event.enter)
        self.pane.point(event.part)
        if self.pane.has_keys and event.part != SEARCH:
            (self.pane.landing() or self.query_one(StepList)).focus(scroll_visible=False)

    @on(messages.GoBy)
    async def _sent_by(self, event: messages.GoBy) -> None:
        ids = [place.id for place in PLACES]
        index = ids.index(self.current) + event.by
        if 0 <= index < len(ids):
            await self.go(ids[index])

    def on_descendant_blur(self, _event: events.DescendantBlur) -> None:
        self.query_one(Suspects).show(self.state, self.size.width >= WIDE)

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        small = width < MIN_WIDTH or height < MIN_HEIGHT
        if small:
            self.query_one("#too-small", SteadyText).tell(
                f"This window is {width}x{height}. goneaway-wizard needs {MIN_WIDTH}x{MIN_HEIGHT}."
                " Make it larger to go on; q quits."
            )
        else:
            self.query_one(Suspects).show(self.state, width >= WIDE)
            self.show_status()
            if self.focused is None:
                self.query_one(StepList).focus()
