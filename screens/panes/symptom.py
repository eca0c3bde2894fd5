"""The Symptom pane: what the application shows, pasted or from its log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button, Input, Static, TextArea

from screens import messages
from screens.panes.result import ResultPane
from screens.places import SYMPTOM, ScreenPlace
from screens.state import State
from screens.text.questions import form_problem, names_its_time, questions, with_time
from screens.widgets.fields import PlainArea, PlainInput
from screens.widgets.line import SteadyBlock
from wizard.target.at_home import at_home
from wizard.target.model import Sources


class SymptomPane(ResultPane):
    """Error text and the application's log; Analyse or F5 reads them."""

    def __init__(self, place: ScreenPlace, sources: Sources) -> None:
        super().__init__(place)
        self._sources = sources

    def form(self) -> Iterator[Widget]:
        yield Static("Paste the application's error, with its time if you have it:", markup=False)
        yield PlainArea(self._sources.pasted, id="pasted")
        yield Horizontal(
            Static("When     ", markup=False),
            PlainInput(id="when", placeholder="[03:02 or 2026-03-01 03:02]"),
            classes="form-row",
        )
        logs = ", ".join(str(path) for path in self._sources.app_logs)
        yield Horizontal(
            Static("App log  ", markup=False),
            PlainInput(logs, id="app-log", placeholder="[path of the application's log]"),
            Button("Analyse", id="analyse", compact=True),
            classes="form-row",
        )
        yield SteadyBlock(id="form-problem", classes="stale")
        yield SteadyBlock(id="questions")

    async def take(self, state: State, asked: bool) -> None:
        self.query_one("#questions", SteadyBlock).tell(questions(state))
        result = state.case.step(SYMPTOM) if state.case is not None else None
        text, when, _logs = self._form()
        problem = form_problem(text, when, result)
        said = self.query_one("#form-problem", SteadyBlock)
        said.tell(problem)
        said.display = bool(problem)
        await super().take(state, asked)

    def first_focus(self) -> Widget:
        """The first field that would answer an open question: an error's time, then the log."""
        text, when, logs = self._form()
        if text.strip() and not (when or names_its_time(text)):
            return self.query_one("#when")
        open_questions = bool(str(self.query_one("#questions", SteadyBlock).content))
        return self.query_one("#app-log" if open_questions and not logs else "#pasted")

    def landing(self) -> None:
        """The list of steps keeps the keys: from there Enter leads into the form, as NEXT says."""

    def _form(self) -> tuple[str, str, list[str]]:
        """The pasted text, its time, and the paths of logs, as they were entered."""
        names = self.query_one("#app-log", Input).value.split(",")
        logs = [name.strip() for name in names if name.strip()]
        return self.query_one("#pasted", TextArea).text, self.query_one("#when", Input).value, logs

    def use_sources(self, sources: Sources) -> None:
        self._sources = sources
        self.query_one("#pasted", PlainArea).show(sources.pasted)
        logs = ", ".join(str(path) for path in sources.app_logs)
        self.query_one("#app-log", Input).value = logs

    def take_pasted(self, text: str) -> None:
        """What comes later adds to what is there."""
        area = self.query_one("#pasted", PlainArea)
        before = area.text.rstrip("\n")
        area.show(f"{before}\n{text}" if before else text)

    def sources(self) -> Sources:
        """The operator's sources with what the form holds now."""
        text, when, names = self._form()
        logs = tuple(at_home(name) for name in names)
        now = datetime.now().astimezone()
        return replace(self._sources, pasted=with_time(text, when, now), app_logs=logs)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.app.post_message(messages.RunAgain())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.app.post_message(messages.RunAgain())
