"""What an operator is asked while a connection is made."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Question:
    """`secret` answers are not echoed. `key` names what is asked, so that an answer can be
    used again for the same thing after a lost connection."""

    text: str
    secret: bool
    key: str


class Prompt(Protocol):
    """Asks one question and waits for the answer; None where the operator gives none."""

    def __call__(self, question: Question) -> str | None: ...


class Remembered:
    """A prompt that gives secrets again without asking; they are kept in memory only.

    Without a prompt behind it only what is known is answered.
    """

    def __init__(self, prompt: Prompt | None) -> None:
        self._prompt = prompt
        self._known: dict[str, str] = {}

    def __call__(self, question: Question) -> str | None:
        if question.key in self._known:
            return self._known.pop(question.key)
        return self._prompt(question) if self._prompt is not None else None

    def accepted(self, question: Question, answer: str) -> None:
        """The answer was right: it is given again when the connection has to be remade."""
        if question.secret:
            self._known[question.key] = answer

    def ask_with(self, prompt: Prompt | None) -> None:
        """Ask there from now on."""
        self._prompt = prompt

    @property
    def can_ask(self) -> bool:
        """Whether there is somebody to ask."""
        return self._prompt is not None

    @property
    def can_answer(self) -> bool:
        return self._prompt is not None or bool(self._known)
