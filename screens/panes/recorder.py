"""The Recorder pane: what a recorder kept, and one that watches while the wizard is open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import OptionList, Static

from screens import messages
from screens.panes.result import ResultPane
from screens.places import ScreenPlace
from screens.state import State
from screens.text.recorder import SPAN, event_row, event_text, kind_of, picture
from screens.text.words import safe_block
from screens.widgets.line import SteadyText
from screens.widgets.lists import PlainList
from wizard.case.evidence import StepResult, StepStatus

if TYPE_CHECKING:
    from screens.opening import Engine
    from wizard.investigation.run import Investigation
    from wizard.recorder.event import RecorderEvent
    from wizard.recorder.live import LiveRecorder, NextCut
    from wizard.steps.step import Context

EVERY = 1.0
"""Seconds between two pictures."""

LISTED = 200
NARROWEST = 33
"""Columns of the picture in the narrowest pane: names, eight columns of time, counts."""
CUTS, ROOMY_CUTS, ROOMY_HEIGHT = 2, 6, 30
"""Sessions that are cut next, in a low pane and in a high one."""

_STEP = SPAN / 5
_OFFER = "a watches this server from now on, over one connection of its own. It changes nothing."


class RecorderPane(ResultPane):
    """Watching begins where the operator asks for it, and only then.

    It goes on while other places are read. A pause holds the picture still, not the recorder."""

    has_keys = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "watch", "Watch, stop watching", show=False),
        Binding("p", "pause", "Pause the picture", show=False),
        Binding("f", "filter", "One kind of event alone", show=False),
        Binding("left,h", "back(1)", "Earlier", show=False),
        Binding("right", "back(-1)", "Later", show=False),
    ]

    def __init__(self, place: ScreenPlace) -> None:
        super().__init__(place)
        self._state = State()
        self._recorder: LiveRecorder | None = None
        self._wizards: Context | None = None
        self._until: datetime | None = None
        self._held: list[RecorderEvent] = []
        self._only = ""
        self._listed: list[RecorderEvent] = []
        self._said = ""
        self._row_width = 0

    def form(self) -> Iterator[Widget]:
        yield SteadyText(_OFFER, id="recorder-says")
        yield Static("", id="recorder-live", markup=False)
        yield PlainList(id="recorder-events")

    def on_mount(self) -> None:
        self.set_interval(EVERY, self._tick)
        self._draw()

    def on_unmount(self) -> None:
        if self._recorder is not None:
            self._recorder.close(EVERY)

    def news(self, state: State) -> StepResult | None:
        self._state = state
        self.call_after_refresh(self._draw)
        return super().news(state)

    def first_focus(self) -> Widget:
        return self._list

    def landing(self) -> Widget:
        return self._list

    @property
    def _list(self) -> PlainList:
        return self.query_one("#recorder-events", PlainList)

    def action_watch(self) -> None:
        if self._state.offline:
            return
        if self._recorder is not None and self._recorder.running:
            self._recorder.close()
            self._said = "stopped"
            self._draw()
            return
        self._said = "it begins ..."
        self._draw()

        def work(engine: Engine) -> tuple[Investigation, Context]:
            from wizard.recorder.beside import beside

            return beside(engine.context, lambda: engine.case), engine.context

        self.app.post_message(messages.Glance(work, self._begin, self._failed))

    def _begin(self, begun: tuple[Investigation, Context]) -> None:
        from wizard.recorder.live import LiveRecorder

        investigation, self._wizards = begun
        # What the recorder hears, the wizard knows: the server died no earlier.
        self._recorder = LiveRecorder(investigation, heard=self._wizards.heard)
        self._until, self._only = None, ""
        self._said = ""
        self._draw()

    def _failed(self, why: str) -> None:
        self._said = f"it could not begin: {why}"
        self._draw()

    def action_pause(self) -> None:
        if self._recorder is not None:
            self._hold(datetime.now().astimezone() if self._until is None else None)
            self._draw()

    def _hold(self, until: datetime | None) -> None:
        """Show nothing after `until`; an event that is told late does not slip in, either."""
        if self._until is None and self._recorder is not None:
            self._held = list(self._recorder.events)
        self._until = until

    def action_back(self, steps: int) -> None:
        """Scrolling back holds the picture still; forward to the end lets it go on."""
        if self._recorder is None:
            return
        now = datetime.now().astimezone()
        moments = self._recorder.moments
        earliest = (moments[0].at if moments else now) + SPAN / 10
        until = (self._until or now) - steps * _STEP
        shown = self._until or now - timedelta(seconds=1)
        self._hold(None if until >= now else max(until, min(earliest, shown)))
        self._draw()

    def action_filter(self) -> None:
        """The next kind of event alone, and all of them again after the last."""
        if self._recorder is None:
            return
        kinds = sorted({kind_of(event) for event in self._events(self._recorder)})
        later = [kind for kind in kinds if kind > self._only]
        self._only = later[0] if later else ""
        self._list.highlighted = 0 if self._listed else None
        self._draw()

    def _events(self, recorder: LiveRecorder) -> list[RecorderEvent]:
        return list(recorder.events) if self._until is None else self._held

    def _tick(self) -> None:
        if self.display and self._recorder is not None:
            self._draw()

    def on_resize(self, _event: events.Resize) -> None:
        self._draw()

    def _draw(self) -> None:
        if not self.query("#recorder-live"):
            return
        recorder = self._recorder
        self._note(recorder)
        self.query_one("#recorder-says", SteadyText).tell(self._says())
        if recorder is not None and recorder.running:
            self.say_head(f"{self.place.title}: watching since {_since(recorder)}")
        live = self.query_one("#recorder-live", Static)
        live.display = self._list.display = recorder is not None
        # That nothing was kept before is no news to one who watches now.
        self.query_one(".result").display = recorder is None or self._found_something()
        if recorder is None:
            return
        told = [e for e in self._events(recorder) if self._only in ("", kind_of(e))]
        until = self._until or datetime.now().astimezone()
        width = max(self.size.width - 3, NARROWEST)
        lines = picture(told, list(recorder.moments), self._cuts(recorder), until, width)
        live.update(safe_block("\n".join(lines)))
        self._show_events([e for e in told if e.at <= until])

    def _note(self, recorder: LiveRecorder | None) -> None:
        """What the list at the left and the row of keys say of it."""
        told = "" if recorder is None else "watching" if recorder.running else "stopped"
        if told != self._state.recorder:
            self._state.recorder = told
            self.post_message(messages.Changed())

    def _cuts(self, recorder: LiveRecorder) -> list[NextCut] | None:
        """Who is cut next by a timeout; None while held, or while the server is not seen."""
        from wizard.recorder.live import is_away, next_cuts

        if self._until is not None or recorder.last is None or is_away(list(recorder.events)):
            return None
        most = ROOMY_CUTS if self.size.height >= ROOMY_HEIGHT else CUTS
        return next_cuts(recorder.last, most, self._own_session())

    def _found_something(self) -> bool:
        kept = self._state.case.step(self.place.id) if self._state.case is not None else None
        return kept is not None and kept.status is StepStatus.DONE

    def _own_session(self) -> int:
        server = self._wizards.server if self._wizards is not None else None
        return server.info.connection_id if server is not None else 0

    def _show_events(self, told: list[RecorderEvent]) -> None:
        """One who is at the newest event stays there; another stays at the event that is read."""
        newest, width = told[-LISTED:][::-1], self.size.width - 1
        if newest == self._listed and width == self._row_width:
            return
        self._listed, self._row_width = newest, width
        follows = not self._list.highlighted
        self._list.fill(
            [(f"r{id(event)}", safe_block(event_row(event, width))) for event in newest]
        )
        if follows and newest:
            self._list.highlighted = 0

    def _says(self) -> str:
        recorder = self._recorder
        if self._state.offline:
            return "The recording as it was kept; no server is watched."
        if recorder is None:
            return self._said or _OFFER
        if recorder.trouble:
            return f"Stopped: {recorder.trouble}. a begins again."
        if not recorder.running or self._said:
            return "Stopped; what it saw stays here. a begins again."
        shown = f", {self._only} alone (f)" if self._only else ""
        if self._until is not None:
            held = f"{self._until.astimezone(UTC):%H:%M:%S} UTC"
            known = {id(event) for event in self._held}
            later = sum(id(event) not in known for event in recorder.events)
            since = f"{later} event{'s' * (later > 1)} since" if later else "the recorder goes on"
            return f"HELD at {held}, {since}{shown}. p: newest, ← →: in time."
        return f"Watching{shown}. a stops, p holds still, ← back in time, f filters, Enter opens."

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if event.option_list is self._list:
            event.stop()
            shown = self.evidence()
            if shown is not None:
                self.app.post_message(messages.ShowEvidence(*shown))
            return
        super().on_option_list_option_selected(event)

    def evidence(self) -> tuple[str, str] | None:
        index = self._list.highlighted
        if self._list.has_focus and index is not None and index < len(self._listed):
            found = self._listed[index]
            return f"{self.place.title}: {kind_of(found)}", event_text(found)
        return super().evidence()

    def about(self) -> str:
        """The cause of the event that is highlighted."""
        index = self._list.highlighted
        if self._list.has_focus and index is not None and index < len(self._listed):
            return self._listed[index].cause or ""
        return super().about()


def _since(recorder: LiveRecorder) -> str:
    first = recorder.events[0].at if recorder.events else datetime.now().astimezone()
    return f"{first.astimezone(UTC):%H:%M:%S} UTC"
