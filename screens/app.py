"""The wizard's app: it owns the state and the controller, and turns messages into words."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual import events, on
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen

from screens import messages
from screens.controller import HEARTBEAT_SECONDS, Controller
from screens.frame import MIN_HEIGHT, MIN_WIDTH, ROOMY_HEIGHT, ROOMY_WIDTH, WIDE, Frame
from screens.key_order import KeyOrder
from screens.opening import Live, Opening, Saved, Unknown, first_state, reopen
from screens.places import CONNECTION, ERROR_LOG, PLACES, STEP_IDS, SYMPTOM, TITLES, WORK_TITLES
from screens.textual_compat import KeysRead, PlainCrash, TypedEvent
from screens.windows.ask import Ask, ScreenPrompt, reply
from wizard.steps.limits import ProbeLimits
from wizard.target.model import Sources

OFFLINE_STEPS = (SYMPTOM,)
"""Steps that a saved case can run again: they read what is pasted, not the server."""


class WizardApp(PlainCrash):
    """`saved` collects the paths of what was written, for the line after the exit."""

    CSS_PATH = "wizard.tcss"
    TITLE = "goneaway-wizard"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - an instance variable for Textual
        (0, "-thin"),
        (MIN_WIDTH, "-slim"),
        (ROOMY_WIDTH, "-narrow"),
        (WIDE, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-low"),
        (MIN_HEIGHT, "-short"),
        (ROOMY_HEIGHT, "-tall"),
        (30, "-high"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True)
    ]

    def __init__(self, opening: Opening, heartbeat: float = HEARTBEAT_SECONDS) -> None:
        super().__init__()
        self.opening = opening
        self.saved: list[Path] = []
        self.state = first_state(opening)
        self._heartbeat = heartbeat
        self._controller: Controller | None = None
        self._live: Live | None = None
        self._runs = 0
        self._asked: set[str] = set()
        self._wish: tuple[str, ...] = ()
        self.keys = KeyOrder(self, self._hand_on, self._take_pasted)
        self.prompt = ScreenPrompt(self.post_message)

    def get_default_screen(self) -> Screen[None]:
        sources = self.opening.sources if isinstance(self.opening, Live) else Sources()
        first = "diagnosis" if isinstance(self.opening, Saved) else PLACES[0].id
        return Frame(self.state, sources, first)

    @property
    def frame(self) -> Frame:
        frame = self.screen_stack[0]
        assert isinstance(frame, Frame)
        return frame

    async def on_event(self, event: events.Event) -> None:
        """Keys and pastes wait for their turn; what bubbles up was handed on before."""
        if isinstance(event, KeysRead):
            self.keys.arrived(event.keys)
        elif isinstance(event, TypedEvent) and not event.is_forwarded:
            self.keys.arrived((event,))
        else:
            await super().on_event(event)

    async def _hand_on(self, event: TypedEvent) -> None:
        event.set_sender(self)
        await super().on_event(event)

    @property
    def typed_alone(self) -> bool:
        return self.keys.alone

    def _take_pasted(self, text: str) -> None:
        """A text that came where no field has the keys. It is never obeyed."""
        if isinstance(self.screen, messages.TakesPaste):
            self.screen.take_pasted(text)
        else:
            self._remark(messages.Remark("Pasted text was not taken: close this window first."))

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM):
            with suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self.exit)
        self.call_after_refresh(self._open)

    def _open(self) -> None:
        match self.opening:
            case Saved():
                self._begin(reopen(self.opening), ())
            case Live():
                self._begin(self.opening, None)
            case Unknown():
                from screens.windows.connect import ConnectWindow

                self.push_screen(ConnectWindow(self.opening, self.prompt), self._connected)

    def _connected(self, live: Live | None) -> None:
        if live is None:
            self.exit()
            return
        self.state.label, self.state.link = live.target.label, ""
        self.state.offline = live.offline
        self.frame.use_sources(live.sources)
        self._begin(live, OFFLINE_STEPS if live.offline else None)

    def _begin(self, live: Live, steps: tuple[str, ...] | None) -> None:
        self._close_controller()
        self.state.rest()
        self._live = live
        self._runs += 1
        live.links.ask_with(self.prompt)
        self._controller = Controller(self._runs, live, self.post_message, self._heartbeat)
        self._controller.start()
        self._controller.run_steps(steps)

    @on(messages.Asked)
    def _ask(self, message: messages.Asked) -> None:
        self.push_screen(Ask(message.question), partial(reply, message.answer))

    def on_unmount(self) -> None:
        self.prompt.close()
        self._close_controller()

    def _close_controller(self) -> None:
        controller, self._controller = self._controller, None
        if controller is not None:
            controller.close()

    def _stale(self, message: messages.FromThread) -> bool:
        """Whether a controller sent it that was replaced. Takes the case over otherwise."""
        controller = self._controller
        if controller is None or message.run != controller.run:
            return True
        if controller.engine is not None:
            self.state.case = controller.engine.case
        return False

    @on(messages.StepBegan)
    def _step_began(self, message: messages.StepBegan) -> None:
        if not self._stale(message):
            self.state.begin(message.step, time.monotonic())
            self.frame.post_message(messages.Changed())

    @on(messages.StepSaid)
    def _step_said(self, message: messages.StepSaid) -> None:
        if not self._stale(message):
            self.state.said = message.text

    @on(messages.StepKnows)
    def _step_knows(self, message: messages.StepKnows) -> None:
        """Drawn by the pane in its own time: a probe tells more often than anybody reads."""
        if not self._stale(message):
            self.state.partial[message.result.id] = message.result

    @on(messages.StepEnded)
    def _step_ended(self, message: messages.StepEnded) -> None:
        if self._stale(message):
            return
        step = message.result.id
        self.state.running = ""
        if message.result.status == "done":
            self.state.partial.pop(step, None)
        if step == CONNECTION and message.result.status != "done":
            self._set_link(False, message.result.headline)
        asked = step if step in self._asked else ""
        self._asked.discard(step)
        self.frame.post_message(messages.Changed(asked))

    @on(messages.DiagnosisCame)
    def _diagnosis_came(self, message: messages.DiagnosisCame) -> None:
        if not self._stale(message):
            self.state.diagnosis = message.diagnosis
            self.frame.post_message(messages.Changed())

    @on(messages.LinkSaid)
    def _link_said(self, message: messages.LinkSaid) -> None:
        if not self._stale(message) and (message.up or not self.state.ssh_lost):
            self._set_link(message.up, message.text)
            self.frame.post_message(messages.Changed())

    @on(messages.SshSaid)
    def _ssh_said(self, message: messages.SshSaid) -> None:
        if not self._stale(message):
            self.state.ssh_is(message.up, message.text, _clock())
            self.frame.post_message(messages.Changed())

    def _set_link(self, up: bool, text: str) -> None:
        self.state.link_is(up, text, _clock())

    @on(messages.Idle)
    def _idle(self, message: messages.Idle) -> None:
        if not self._stale(message):
            self.state.rest()
            self.state.settled = True
            self.frame.post_message(messages.Changed())
            wish, self._wish = self._wish, ()
            if wish:
                self._run(list(wish))

    @on(messages.Broken)
    def _broken(self, message: messages.Broken) -> None:
        if not self._stale(message):
            self.state.running = ""
            self.frame.say(message.text)

    @on(messages.Answered)
    def _answered(self, message: messages.Answered) -> None:
        if self._stale(message):
            return
        self.state.running = ""
        if message.error:
            self.frame.say(f"{message.job.title}: {message.error}")
            message.job.failed(message.error)
        else:
            message.job.deliver(message.value)
        self.frame.post_message(messages.Changed())

    @on(messages.Job)
    def _job(self, message: messages.Job) -> None:
        if self._controller is None:
            self.frame.say("Nothing to work on yet.")
        else:
            self._controller.ask(message)

    @on(messages.Glance)
    def _glance(self, message: messages.Glance) -> None:
        if self._controller is not None:
            self._controller.glance(message)

    @on(messages.Looked)
    def _looked(self, message: messages.Looked) -> None:
        if self._stale(message):
            return
        if message.error:
            message.glance.failed(message.error)
        else:
            message.glance.deliver(message.value)

    @on(messages.Stop)
    def _stop(self, _message: Message) -> None:
        running = self.state.running
        if self._controller is None or not (running or self.state.awaited):
            self.frame.say("Nothing is running that could be stopped. q or Ctrl+Q quits.")
            return
        self._wish = ()
        self._controller.cancel()
        title = WORK_TITLES.get(running, running) or "what was asked for"
        self.frame.say(f"Cancelled: {title}. F5 runs this step again, F6 all of them.")

    def action_stop(self) -> None:
        self.post_message(messages.Stop())

    @on(messages.RunAgain)
    def action_again(self) -> None:
        """Run the step that is shown, connecting first where the connection is lost."""
        place = self.frame.current
        if place not in STEP_IDS:
            if self.state.up is False and not self.state.offline:
                self._run([CONNECTION])
            elif not self.frame.pane.again():
                self.frame.say("Nothing to run again here.")
            return
        if self.state.offline and place not in OFFLINE_STEPS:
            self.frame.say(f"{TITLES[place]} cannot run again: {self.state.offline}.")
            return
        self._run([place])

    def action_again_all(self) -> None:
        self._run(list(OFFLINE_STEPS if self.state.offline else STEP_IDS))

    @on(messages.RunProbes)
    def _run_probes(self, message: messages.RunProbes) -> None:
        if self.state.offline:
            self.frame.say(f"No probe can run: {self.state.offline}.")
        else:
            self._run(list(message.probes), message.limits)

    def _run(self, steps: list[str], limits: ProbeLimits | None = None) -> None:
        controller = self._controller
        if controller is None or controller.engine is None:
            if self._live is not None and self.state.up is False:
                self._begin(self._live, None)
            return
        if self.state.running or self.state.awaited:
            self._wish = tuple(steps) if limits is None else ()
            after = "then this runs" if self._wish else "Ctrl+C stops it first"
            self.frame.say(f"Still at work; {after}.")
            return
        sources = self.frame.panes[SYMPTOM].sources() if SYMPTOM in self.frame.panes else None
        if sources is not None:
            controller.engine.use_sources(sources)
            if SYMPTOM in steps and not self.state.offline:
                steps = [*steps, ERROR_LOG]
        if self.state.up is False and CONNECTION not in steps and steps != [SYMPTOM]:
            steps = [CONNECTION, *steps]
        self._asked.update(steps)
        self.state.awaited = tuple(steps)
        controller.run_steps(steps, limits)

    @on(messages.ShowEvidence)
    def _show_evidence(self, message: messages.ShowEvidence) -> None:
        from screens.windows.text_window import EvidenceText, WholeText

        window = WholeText if isinstance(message, messages.ShowWhole) else EvidenceText
        self.push_screen(window(message.title, message.text))

    @on(messages.Explain)
    def _explain(self, message: messages.Explain) -> None:
        from wizard.explain import NoSuchTopic, explain

        try:
            topic = explain(message.word).topic
        except NoSuchTopic:
            self.frame.say(f"Nothing is known about {message.word}. K opens all that is known.")
        else:
            self.post_message(messages.ShowTopic(topic))

    @on(messages.ShowTopic)
    def _show_topic(self, message: messages.ShowTopic) -> None:
        from screens.windows.knowledge_page import PageModal

        self.push_screen(PageModal(message.topic))

    @on(messages.Remark)
    def _remark(self, message: messages.Remark) -> None:
        top = self.screen
        (top if isinstance(top, messages.Says) else self.frame).say(message.text)

    @on(messages.Written)
    def _written(self, message: messages.Written) -> None:
        self.saved.append(message.path)
        self.frame.say(f"Saved {message.path}")

    def action_help(self) -> None:
        from screens.windows.help import HELP
        from screens.windows.text_window import TextModal

        self.push_screen(TextModal("Help", HELP))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Textual's commands without the screenshot, which would write hosts and SQL to disk."""
        for command in super().get_system_commands(screen):
            if command.title != "Screenshot":
                yield command
        if isinstance(screen, Frame):
            yield SystemCommand("Run again", "Run the step that is shown", self.action_again)
            yield SystemCommand("Run all again", "Run all steps", self.action_again_all)
            for place in PLACES:
                go = partial(self.frame.post_message, messages.GoTo(place.id))
                yield SystemCommand(place.title, place.purpose, go)


def _clock() -> str:
    return datetime.now().strftime("%H:%M:%S")
