"""The Health pane: what was found, and the machine at this moment while it is shown."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from screens import messages
from screens.panes.result import ResultPane, evidence_of, headline_of, notes_of, tables_of
from screens.places import ScreenPlace
from screens.state import State
from screens.text.live_health import live_lines
from screens.text.words import safe
from wizard.case import facts
from wizard.case.evidence import StepResult, StepStatus

if TYPE_CHECKING:
    from screens.opening import Engine
    from wizard.health.live import Look, Moment

EVERY = 2.0
"""Seconds between two looks."""

KEPT = 120
"""Moments that are remembered: four minutes."""

ANSWER_TIME = 40.0
"""Seconds after which a look that was never answered is taken as forgotten: it was cancelled."""


class HealthPane(ResultPane):
    """The machine's numbers, looked at again every EVERY seconds.

    Only while it is shown, nothing covers it and nothing else runs. A look that fails is the last
    one until the step runs again.
    """

    def __init__(self, place: ScreenPlace) -> None:
        super().__init__(place)
        self._state = State()
        self._moments: deque[Moment] = deque(maxlen=KEPT)
        self._last: Look | None = None
        self._asked_at: float | None = None
        self._trouble = ""

    def on_mount(self) -> None:
        self.set_interval(EVERY, self._tick)

    def news(self, state: State) -> StepResult | None:
        self._state = state
        return super().news(state)

    async def take(self, state: State, asked: bool) -> None:
        """A step that ran again may tell the very same, and yet the machine is in sight again."""
        if asked:
            self._trouble, self._asked_at, self._last = "", None, None
        await super().take(state, asked)
        if asked:
            self._draw_live()

    async def draw(self, news: StepResult) -> None:
        await super().draw(news)
        self._draw_live()
        self._tick()

    def parts(self, result: StepResult) -> Iterator[Widget]:
        # The headline is the first fact; the list tells it again.
        yield from evidence_of(result) if result.evidence else headline_of(result)
        if result.status is StepStatus.DONE and not self._state.offline:
            yield Static("", id="live-title", classes="title", markup=False)
            yield Static("", id="live", markup=False)
        budget, others = result.tables[:1], result.tables[1:]
        yield from tables_of(budget)
        if result.notes:
            yield Static("To know", classes="title", markup=False)
            yield from notes_of(result)
        yield from tables_of(others)

    async def opened(self) -> None:
        self._tick()

    def on_resize(self, _event: events.Resize) -> None:
        self._draw_live()

    @property
    def _wanted(self) -> bool:
        """Whether somebody reads here, and the machine may be asked."""
        pending = self._asked_at is not None and time.monotonic() - self._asked_at < ANSWER_TIME
        return (
            bool(self.query("#live"))
            and not (pending or self._trouble or self._state.running)
            and self._state.settled
            and self.display
            and self.app.screen is self.screen
        )

    def _tick(self) -> None:
        if not self._wanted:
            return
        self._asked_at = time.monotonic()
        case = self._state.case
        pid = case.fact(facts.SERVER_PID) if case is not None else None
        number = pid if isinstance(pid, int) else None

        def work(engine: Engine) -> Look | None:
            from wizard.health.live import look

            context = engine.context
            return None if context.host is None else look(context.host, context.server, number)

        self.app.post_message(messages.Glance(work, self._saw, self._failed))

    def _saw(self, seen: Look | None) -> None:
        from wizard.health.live import moment

        self._asked_at = None
        if seen is None:
            return
        last, self._last = self._last, seen
        now = moment(last, seen) if last is not None else None
        if now is None:
            self._moments.clear()
        else:
            self._moments.append(now)
            self._draw_live()

    def _failed(self, why: str) -> None:
        self._asked_at, self._trouble = None, why
        self._draw_live()

    def _draw_live(self) -> None:
        if not self.query("#live"):
            return
        case = self._state.case
        limit = case.fact(facts.MEMORY_LIMIT) if case is not None else None
        width = max(self.size.width - 3, 40)
        lines = live_lines(self._moments, limit if isinstance(limit, int) else None, width)
        self.query_one("#live-title", Static).update(safe(self._title()))
        text = Content("\n").join([safe(line) for line in lines]) if lines else safe("looking ...")
        self.query_one("#live", Static).update(text)

    def _title(self) -> str:
        if self._trouble:
            return f"Stopped, F5 looks again: {self._trouble}"
        seconds = int(len(self._moments) * EVERY)
        return f"Now, every {EVERY:.0f} s (the last {seconds} s)" if seconds else "Now"
