"""The Connect form: what was found on this machine, and who we are to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from screens.opening import Answers, Candidate, Live, Unknown, without_server
from screens.text.connect_words import FIELDS, HAVE, candidate_row, found_words, given_logs
from screens.text.words import safe
from screens.widgets.fields import PlainInput
from screens.widgets.lists import PlainList
from wizard.hosts.protocol import HostError
from wizard.hosts.ssh.prompt import Prompt, Question
from wizard.safety.operator_line import operator_line
from wizard.target.model import Secret
from wizard.units import LAST_PORT, whole_number


class _Found(Message):
    def __init__(self, candidates: Sequence[Candidate]) -> None:
        super().__init__()
        self.candidates = candidates


class _Tried(Message):
    def __init__(self, attempt: int, live: Live | None, error: str) -> None:
        super().__init__()
        self.attempt = attempt
        self.live = live
        self.error = error


class ConnectWindow(ModalScreen["Live | None"]):
    """Tests the answers when they are sent; an error stays until the next try."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "Stop"),
        Binding("f2", "knowledge", "Knowledge"),
        Binding("f4", "alone", "Without a server"),
        Binding("f5", "look", "Look again"),
        *(Binding(str(n), f"have({n})", show=False) for n in range(1, len(HAVE) + 1)),
        Binding("ctrl+q", "leave", "Quit", priority=True),
    ]

    def __init__(self, unknown: Unknown, prompt: Prompt) -> None:
        super().__init__()
        self._unknown = unknown
        self._prompt = prompt
        self._candidates: Sequence[Candidate] = ()
        self._looking = False
        self._wants_list = False
        self._attempt = 0
        self._trying = False
        self._pasted = ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="window"):
            yield Static("goneaway-wizard: what do you have?", classes="head", markup=False)
            yield PlainList(*(Option(safe(row)) for row in HAVE), id="have")
            yield Static("Looking for servers on this machine ...", id="found", markup=False)
            yield PlainList(id="candidates")
            yield from _fields(given_logs(self._unknown.sources))
            yield Horizontal(
                Button("Connect", id="connect", compact=True),
                Button("Without a server (F4)", id="alone", compact=True),
                Button("Knowledge (F2)", id="knowledge", compact=True),
                classes="form-row",
            )
            yield Static("", id="error", markup=False)
            hint = "1-6 choose   Enter connects   Tab next   F5 looks again   Ctrl+Q quits"
            yield Static(hint, markup=False)

    def on_mount(self) -> None:
        self.query_one("#have").focus()
        self.action_look()

    def action_look(self) -> None:
        """A server may have been started since the window was opened."""
        self._looking = True
        self.query_one("#found", Static).update("Looking for servers on this machine ...")
        threading.Thread(target=self._look, name="find-servers", daemon=True).start()

    def _look(self) -> None:
        try:
            candidates = tuple(self._unknown.find())
        except Exception:  # noqa: BLE001 - the form works without the list
            candidates = ()
        self.post_message(_Found(candidates))

    @on(_Found)
    def _show_found(self, message: _Found) -> None:
        self._looking, self._candidates = False, message.candidates
        self.query_one("#found", Static).update(safe(found_words(len(self._candidates))))
        rows = [
            (str(n), safe(candidate_row(candidate))) for n, candidate in enumerate(self._candidates)
        ]
        self.query_one("#candidates", PlainList).fill(rows)
        if self._wants_list:
            self._wants_list = False
            self.action_have(3)

    @on(OptionList.OptionSelected, "#candidates")
    def _fill(self, event: OptionList.OptionSelected) -> None:
        candidate = self._candidates[event.option_index]
        for name, value in (
            ("host", candidate.host),
            ("port", str(candidate.port) if candidate.port else ""),
            ("socket", candidate.socket),
        ):
            self.query_one(f"#{name}", Input).value = value
        self.query_one("#user", Input).focus()

    @on(OptionList.OptionSelected, "#have")
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_have(event.option_index + 1)

    def action_have(self, number: int) -> None:
        """Lead to where what the operator has is entered."""
        match number:
            case 1 if self._pasted:
                self.action_alone()
            case 1:
                self._say("Paste it now, here: it is kept, whichever server you choose.")
            case 2:
                self.query_one("#app-log").focus()
            case 3 if self._candidates:
                self.query_one("#candidates").focus()
            case 3 if self._looking:
                self._wants_list = True
                self._say("The servers here are being looked for: the list gets the keys then.")
            case 3:
                self._say("None was found. Enter looks at this host, at its port or socket below.")
                self.query_one("#host").focus()
            case 4:
                self.query_one("#host").focus()
            case 5:
                self.query_one("#ssh").focus()
            case _:
                self.action_knowledge()

    def take_pasted(self, text: str) -> None:
        """An error is what most come with: it is kept for the server that is chosen."""
        self._pasted = f"{self._pasted}\n{text}".strip("\n")
        lines = len(self._pasted.splitlines())
        kept = "1 line" if lines == 1 else f"{lines} lines"
        self._say(f"Kept: {kept} of text. Choose a server, or F4 reads it without one.")

    @on(Button.Pressed, "#alone")
    def _go_alone(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_alone()

    def action_alone(self) -> None:
        log, given = self._value("app-log"), self._unknown.sources
        if not (self._pasted or log or given.any_given):
            self._say("Paste an error first, or name a log in Log.")
            return
        from wizard.investigation.named_log import beside

        try:
            named = beside(given, log)
        except HostError as error:
            self._say(f"Log: {error}. Correct it, or empty the field.")
            return
        self.dismiss(without_server(replace(named, pasted=self._pasted)))

    @on(Button.Pressed, "#knowledge")
    def _open_knowledge(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_knowledge()

    @on(Input.Submitted)
    @on(Button.Pressed, "#connect")
    def _send(self, event: Message) -> None:
        event.stop()
        if self._trying:
            return
        if self._needs_no_server(event):
            self.action_alone()
            return
        port = self._value("port")
        if port and not whole_number(port, LAST_PORT):
            self._say(f"{port} is no port: give a number from 1 to 65535.")
            return
        secret = self.query_one("#password", Input).value
        answers = Answers(
            self._value("host"),
            int(port) if port else None,
            self._value("socket"),
            self._value("user"),
            Secret(secret) if secret else None,
            self._value("option-file"),
            self._value("ssh"),
            self._pasted,
            self._value("app-log"),
        )
        self._attempt += 1
        self._trying = True
        self._say("Connecting ... Esc stops")
        threading.Thread(
            target=self._try, args=(self._attempt, answers), name="connect", daemon=True
        ).start()

    def _needs_no_server(self, event: Message) -> bool:
        """Enter in App log, where no server was chosen: a log is read alone."""
        at_log = isinstance(event, Input.Submitted) and event.input.id == "app-log"
        server = ("host", "port", "socket", "user", "option-file", "ssh")
        return at_log and bool(self._value("app-log")) and not any(map(self._value, server))

    def _try(self, attempt: int, answers: Answers) -> None:
        try:
            live = self._unknown.connect(answers, partial(self._ask, attempt))
        except Exception as error:  # noqa: BLE001 - the reason belongs on the form
            self.post_message(_Tried(attempt, None, operator_line(error)))
        else:
            self.post_message(_Tried(attempt, live, ""))

    def _ask(self, attempt: int, question: Question) -> str | None:
        """Ask for the try that is going on; one that was stopped asks nobody."""
        return self._prompt(question) if attempt == self._attempt else None

    @on(_Tried)
    def _answered(self, message: _Tried) -> None:
        if message.attempt != self._attempt:
            return
        self._trying = False
        if message.live is None:
            self._say(message.error)
        else:
            self.dismiss(message.live)

    def action_stop(self) -> None:
        """Stop a try; where there is none, leave the field."""
        if self._trying:
            self._attempt += 1
            self._trying = False
            self._say("Stopped.")
        else:
            self.query_one("#have").focus()

    def action_knowledge(self) -> None:
        from screens.windows.knowledge import KnowledgeWindow

        self.app.push_screen(KnowledgeWindow())

    def action_leave(self) -> None:
        self.dismiss(None)

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    def _say(self, text: str) -> None:
        """Where the form is longer than the window, its end is brought into sight."""
        told = self.query_one("#error", Static)
        told.update(safe(text))
        self.call_after_refresh(self.query_one(".window").scroll_end, animate=False)


def _fields(given: str) -> Iterator[Widget]:
    for name, title, hint in FIELDS:
        hint = given if given and name == "app-log" else hint
        field = PlainInput(id=name, placeholder=hint, password=name == "password")
        yield Horizontal(Static(title, classes="label", markup=False), field, classes="form-row")
