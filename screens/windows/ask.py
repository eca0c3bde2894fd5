"""Questions of a connection, asked in the window itself. Answered to the thread that waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from screens.messages import Asked
from screens.text.words import safe
from screens.widgets.fields import PlainInput
from screens.widgets.line import FoldedText
from wizard.hosts.ssh.prompt import Question

ANSWER_SECONDS = 120.0
"""How long a question stands; sshd's own LoginGraceTime by default."""

_TICK = 1.0


class ScreenPrompt:
    """The engine's Prompt. Waits in the asking thread, one question at a time."""

    def __init__(self, post: Callable[[Message], bool]) -> None:
        self._post = post
        self._turn = threading.Lock()
        self._waiting: Future[str | None] | None = None
        self._closed = False

    def __call__(self, question: Question) -> str | None:
        with self._turn:
            answer: Future[str | None] = Future()
            self._waiting = answer
            if self._closed or not self._post(Asked(question, answer)):
                return None
            return answer.result()

    def close(self) -> None:
        """Nobody answers any more: who waits is given no answer."""
        self._closed = True
        if self._waiting is not None:
            reply(self._waiting, None)


def reply(waiting: Future[str | None], answer: str | None) -> None:
    if not waiting.done():
        waiting.set_result(answer)


class Ask(ModalScreen["str | None"]):
    """One question; Esc gives no answer, and so does silence for ANSWER_SECONDS."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "refuse", "Refuse")]

    def __init__(self, question: Question, head: str = "The SSH connection asks") -> None:
        super().__init__()
        self._question = question
        self._head = head
        self._until = time.monotonic() + ANSWER_SECONDS

    def compose(self) -> ComposeResult:
        with Vertical(classes="window"):
            yield Static(safe(self._head), classes="head", markup=False)
            with VerticalScroll(can_focus=False):
                yield FoldedText(self._question.text, id="question")
            yield PlainInput(id="answer", password=self._question.secret)
            yield Static("Enter answers   Esc refuses", markup=False)

    def on_mount(self) -> None:
        self.query_one("#answer", Input).focus()
        self.set_interval(_TICK, self._look)

    def _look(self) -> None:
        if time.monotonic() > self._until and self.is_current:
            self.dismiss(None)

    @on(Input.Submitted)
    def _answer(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value)

    def action_refuse(self) -> None:
        self.dismiss(None)
