"""The window in which a log is switched on for a while.

Cost and exact SQL before, a live bar meanwhile, and what it held after.
"""

from __future__ import annotations

import threading
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from screens import capture_jobs, messages
from screens.capture_jobs import Ready
from screens.opening import Engine
from screens.text.capture import bars, held_lines, ready_lines, statements_of
from screens.text.words import safe, safe_block
from screens.widgets.fields import PlainInput
from wizard.case.evidence import StepResult

if TYPE_CHECKING:
    from wizard.capture.prepare import Wanted
    from wizard.capture.source import Progress

WORD = "capture"
"""What is typed to agree."""

GENERAL, SLOW = "general", "slow"
TITLES = {GENERAL: "The general log, for a while", SLOW: "The slow log, for a while"}
FIELDS = ("for", "max", "long")


class Phase(Enum):
    """`READY` shows what would be done, `GOING` has the log on, `OVER` shows what it held."""

    LOOKING = "Looking what it would cost ...   Esc leaves"
    READY = f"Type {WORD} and press Enter to switch it on. Esc leaves, and nothing is set."
    GOING = "Esc ends it now and puts the log back."
    ENDING = "Putting the log back, reading what it held ..."
    OVER = "Esc closes. The step keeps it, and the diagnosis uses it."
    FAILED = "Esc closes. Change a limit and press Enter to look again."


class Goes(Message):
    """How far the capture is; sent by the thread."""

    def __init__(self, told: Progress) -> None:
        super().__init__()
        self.told = told

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Goes)


class CaptureWindow(ModalScreen[None]):
    """Nothing is set before the word was typed below the exact SQL. Leaving ends the capture."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Leave"),
        Binding("ctrl+c", "leave", "End", show=False, priority=True),
        Binding("ctrl+y", "copy_sql", "Copy the SQL", show=False, priority=True),
    ]

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind
        self._phase = Phase.LOOKING
        self._ready: Ready | None = None
        self._ended = threading.Event()

    def compose(self) -> ComposeResult:
        with Vertical(classes="window"):
            yield Static(TITLES[self._kind], classes="head", markup=False)
            yield Static("", id="bars", markup=False)
            yield VerticalScroll(Static("", id="told", markup=False), id="told-scroll")
            with Horizontal(classes="form-row", id="limits"):
                yield Static("For ", markup=False)
                yield PlainInput("30s", id="for")
                yield Static(" at most ", markup=False)
                yield PlainInput("64M", id="max")
                if self._kind == SLOW:
                    yield Static(" longer than ", markup=False)
                    yield PlainInput("0.5", id="long")
                    yield Static(" s", markup=False)
            yield PlainInput(id="word")
            yield Static("", id="hint", markup=False)

    def on_mount(self) -> None:
        self._look()

    def on_unmount(self) -> None:
        self._ended.set()

    def say(self, remark: str) -> None:
        self.query_one("#hint", Static).update(safe(remark))

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        going = phase in (Phase.GOING, Phase.ENDING)
        self.query_one("#limits").display = phase in (Phase.READY, Phase.FAILED)
        self.query_one("#word").display = phase is Phase.READY
        self.query_one("#bars").display = going
        self.say(phase.value)
        if phase is Phase.READY:
            self.query_one("#word", Input).focus()
        else:
            self.query_one("#told-scroll").focus()

    def _tell(self, lines: list[str]) -> None:
        self.query_one("#told", Static).update(safe_block("\n".join(lines)))

    @property
    def _width(self) -> int:
        return max(self.app.size.width - 4, 40)

    def _look(self) -> None:
        try:
            wanted = self._wanted()
        except ValueError as error:
            self._enter(Phase.FAILED)
            self.say(str(error))
            return
        self._enter(Phase.LOOKING)

        def work(engine: Engine, say: messages.Say) -> Ready:
            return capture_jobs.look(engine, wanted, say)

        self.app.post_message(messages.Job("Capture", work, self._looked, self._failed))

    def _wanted(self) -> Wanted:
        """Raises ValueError with one line."""
        from wizard.capture.logging_state import CaptureKind
        from wizard.capture.prepare import Wanted
        from wizard.steps.limits import duration, size

        given = {name: self.query_one(f"#{name}", Input).value.strip() for name in self._fields}
        long = float(given["long"]) if given.get("long") else None
        return Wanted(
            CaptureKind(self._kind), int(duration(given["for"])), size(given["max"]), long
        )

    @property
    def _fields(self) -> tuple[str, ...]:
        return FIELDS if self._kind == SLOW else FIELDS[:2]

    def _looked(self, ready: Ready) -> None:
        if not self.is_attached:
            return
        self._ready = ready
        self._tell(list(ready_lines(ready, self._width)))
        self._enter(Phase.READY)
        if ready.prepared.no_room:
            self._enter(Phase.FAILED)
            self.say(ready.prepared.no_room)

    def _failed(self, why: str) -> None:
        if self.is_attached:
            self._tell(["", why])
            self._enter(Phase.FAILED)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id != "word":
            self._look()
        elif event.value.strip() == WORD and self._ready is not None:
            self._begin(self._ready)
        else:
            self.say(f"That is not {WORD}. {Phase.READY.value}")

    @on(Input.Changed)
    def _edited(self, event: Input.Changed) -> None:
        """What is switched on is always what was shown."""
        event.stop()
        if event.input.id in FIELDS and self._phase is Phase.READY:
            self._ready = None
            self.say("Enter shows what this would do.")

    def _begin(self, ready: Ready) -> None:
        self._ended.clear()
        self._enter(Phase.GOING)
        self._tell(["Switching it on ..."])

        def goes(told: Progress) -> bool:
            self.post_message(Goes(told))
            return not self._ended.is_set()

        def work(engine: Engine, _say: messages.Say) -> StepResult | None:
            return capture_jobs.capture(engine, ready, goes)

        self.app.post_message(messages.Job("Capture", work, self._over, self._failed))

    @on(Goes)
    def _goes(self, message: Goes) -> None:
        ready = self._ready
        if self._phase is not Phase.GOING or ready is None:
            return
        told, wanted = message.told, ready.prepared.wanted
        lines = bars(
            self._kind, told.seconds, wanted.seconds, told.size, wanted.max_bytes, self._width
        )
        self.query_one("#bars", Static).update(safe_block("\n".join(lines)))
        self._tell(["What is written now is shown when it is over."])

    def _over(self, result: StepResult | None) -> None:
        if self.is_attached:
            self._tell(list(held_lines(result, self._width)))
            self._enter(Phase.OVER)
            if result is not None:
                # It was asked for here, so the pane draws it at once.
                self.app.screen_stack[0].post_message(messages.Changed(result.id))

    def action_copy_sql(self) -> None:
        """What is shown wraps; what is copied does not."""
        from screens.widgets.clipboard import copy

        if self._ready is not None and self._phase is Phase.READY:
            self.say(copy(self.app, statements_of(self._ready)))

    def action_leave(self) -> None:
        if self._phase is Phase.GOING:
            self._ended.set()
            self._enter(Phase.ENDING)
        elif self._phase is not Phase.ENDING:
            self.dismiss(None)
