"""The wizard's app: opens what the command line found, and the windows that it needs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual import events, on
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from screens import leftover_captures, messages
from screens.abilities import Says, TakesPaste
from screens.controller import HEARTBEAT_SECONDS
from screens.frame import MIN_HEIGHT, MIN_WIDTH, ROOMY_HEIGHT, ROOMY_WIDTH, WIDE, Frame
from screens.key_order import KeyOrder
from screens.opening import Live, Opening, Saved, Unknown, first_state, reopen, steps_alone
from screens.places import PLACES, SYMPTOM
from screens.text.questions import another_password
from screens.textual_compat import KeysRead, PlainCrash, TypedEvent
from screens.windows.ask import Ask, ScreenPrompt, reply
from screens.work import Work
from wizard.hosts.ssh.prompt import Question
from wizard.target.model import Secret, Sources


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
        self.keys = KeyOrder(self, self._hand_on, self._take_pasted)
        self.prompt = ScreenPrompt(self.post_message)
        self.work = Work(
            self.state,
            self.post_message,
            lambda changed: self.frame.post_message(changed),
            lambda remark: self.frame.say(remark),
            self._unsay,
            heartbeat,
        )

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
        if isinstance(self.screen, TakesPaste):
            self.screen.take_pasted(text)
        else:
            self._remark(messages.Remark("Pasted text was not taken: close this window first."))

    def on_mount(self) -> None:
        self.end_on_signals()
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
        self.state.label = "an error or a log alone" if live.offline else live.target.label
        self.state.link = ""
        self.state.offline = live.offline
        self.frame.use_sources(live.sources)
        self._begin(live, steps_alone(live.sources) if live.offline else None)

    def _begin(self, live: Live, steps: tuple[str, ...] | None) -> None:
        live.links.ask_with(self.prompt)
        first = None
        if not live.offline and leftover_captures.may_be():
            first = messages.Job("Earlier captures", leftover_captures.look, self._offer)
        self.work.begin(live, steps, first)

    def _offer(self, left: tuple[str, ...]) -> None:
        """What an earlier capture left is put back on the operator's word alone."""
        if not left:
            return
        from screens.windows.confirm import Confirm

        text = "\n\n".join(left)
        window = Confirm(leftover_captures.TITLE, text, leftover_captures.WORD)
        self.push_screen(window, self._put_back)

    def _put_back(self, agreed: bool | None) -> None:
        if agreed:
            job = messages.Job("Restore", leftover_captures.put_back, self._was_put_back)
            self.post_message(job)
        else:
            self.frame.say(leftover_captures.DECLINED)

    def _was_put_back(self, told: tuple[str, ...]) -> None:
        self.frame.say(" ".join(told))

    def on_unmount(self) -> None:
        self.prompt.close()
        self.work.close()

    @on(messages.Asked)
    def _ask(self, message: messages.Asked) -> None:
        self.push_screen(Ask(message.question), partial(reply, message.answer))

    @on(messages.FromThread)
    def _hear(self, message: messages.FromThread) -> None:
        self.work.hear(message)

    @on(messages.Job)
    def _job(self, message: messages.Job) -> None:
        self.work.do(message)

    @on(messages.Glance)
    def _glance(self, message: messages.Glance) -> None:
        self.work.glance(message)

    @on(messages.Stop)
    def action_stop(self) -> None:
        self.work.stop()

    @property
    def _sources(self) -> Sources | None:
        """What the form of Symptom names, once it was seen."""
        panes = self.frame.panes
        return panes[SYMPTOM].sources() if SYMPTOM in panes else None

    @on(messages.RunAgain)
    def _read_form(self) -> None:
        """What was pasted or named is read as it is, whether or not the server is there."""
        self.work.run([SYMPTOM], self._sources)

    def action_again(self) -> None:
        """Run the step that is shown, connecting first where the connection is lost."""
        live = self.work.live
        if self.state.refused and live is not None and live.with_password is not None:
            question = Question(another_password(live.target.user, live.target.label), True, "")
            self.push_screen(Ask(question, "The server refuses the account"), self._retry)
        else:
            self._run_again()

    def _retry(self, password: str | None) -> None:
        """Look anew with another password; with the same where none was typed."""
        live = self.work.live
        if password is None:
            self.frame.say("Not tried again.")
        elif password and live is not None and live.with_password is not None:
            sources = self._sources or live.sources
            self._begin(live.with_password(Secret(password), sources), None)
        else:
            self._run_again()

    def _run_again(self) -> None:
        again = self.work.run_place(self.frame.current, self._sources)
        if not again and not self.frame.pane.again():
            self.frame.say("Nothing is read from the server here. F6 runs all steps again.")

    def action_again_all(self) -> None:
        self.work.run_all(self._sources)

    @on(messages.RunProbes)
    def _run_probes(self, message: messages.RunProbes) -> None:
        self.work.run_probes(message, self._sources)

    @on(messages.ShowEvidence)
    def _show_evidence(self, message: messages.ShowEvidence) -> None:
        from screens.windows.text_window import EvidenceText, OwnText, ReportText, WholeText

        window = WholeText if isinstance(message, messages.ShowWhole) else EvidenceText
        window = ReportText if isinstance(message, messages.ShowReport) else window
        window = OwnText if isinstance(message, messages.ShowOwn) else window
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
        (top if isinstance(top, Says) else self.frame).say(message.text)

    def _unsay(self, remark: str) -> None:
        """A remark that holds no longer; one that came since stays."""
        if self.frame.remark == remark:
            self.frame.say("")

    @on(messages.Written)
    def _written(self, message: messages.Written) -> None:
        self.saved.append(message.path)
        # The name first: the line is cut at its end, where a numbered name differs.
        self.frame.say(f"Saved {message.path.name} in {message.path.parent}")

    def action_help(self) -> None:
        from screens.windows.help import HELP
        from screens.windows.text_window import OwnText

        self.push_screen(OwnText("Help", HELP))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What this program can do; of Textual's own commands those that an operator needs."""
        for command in super().get_system_commands(screen):
            if command.title in ("Quit", "Theme"):
                yield command
        if isinstance(screen, Frame):
            yield from self._commands()

    def _commands(self) -> Iterable[SystemCommand]:
        yield SystemCommand("Run again", "Run the step that is shown", self.action_again)
        yield SystemCommand("Run all again", "Run all steps", self.action_again_all)
        yield SystemCommand("Stop", "Stop the work that is running", self.action_stop)
        yield SystemCommand("Keys", "All keys, and what the words mean", self.action_help)
        for place in PLACES:
            go = partial(self.frame.post_message, messages.GoTo(place.id))
            yield SystemCommand(place.title, place.purpose, go)
        for title, place_id, part in (
            ("Paste an error", SYMPTOM, ""),
            ("Idle ladder", "network", "idle"),
            ("Packet ladder", "network", "packet"),
        ):
            go = partial(self.frame.post_message, messages.GoTo(place_id, True, part))
            yield SystemCommand(title, "Leads there; nothing starts unasked", go)
