"""What the worker thread tells the app, and what a pane asks of it.

What the app answers is posted to the app itself: a message stops bubbling at the pump in whose
task it was made. Messages from the thread carry the `run` of the controller that sent them;
the app drops those of a controller that it has replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.message import Message

Say = Callable[[str], None]

if TYPE_CHECKING:
    from screens.opening import Engine
    from wizard.case.evidence import StepResult
    from wizard.diagnosis.model import Diagnosis
    from wizard.explain import Topic
    from wizard.hosts.ssh.prompt import Question
    from wizard.steps.limits import ProbeLimits


class Pasted(Message):
    """A text was pasted where no field has the keys."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class FromThread(Message):
    def __init__(self, run: int) -> None:
        super().__init__()
        self.run = run


class StepBegan(FromThread):
    def __init__(self, run: int, step: str) -> None:
        super().__init__(run)
        self.step = step


class StepSaid(FromThread):
    """One line of progress; only the newest is shown."""

    def __init__(self, run: int, step: str, text: str) -> None:
        super().__init__(run)
        self.step = step
        self.text = text

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, StepSaid)


class StepKnows(FromThread):
    """What a step that is still running knows already."""

    def __init__(self, run: int, result: StepResult) -> None:
        super().__init__(run)
        self.result = result

    def can_replace(self, message: Message) -> bool:
        """Whether this one may be dropped for `message`, which is behind it in the queue."""
        return isinstance(message, StepKnows) and message.result.id == self.result.id


class StepEnded(FromThread):
    def __init__(self, run: int, result: StepResult) -> None:
        super().__init__(run)
        self.result = result


class DiagnosisCame(FromThread):
    def __init__(self, run: int, diagnosis: Diagnosis) -> None:
        super().__init__(run)
        self.diagnosis = diagnosis


class LinkSaid(FromThread):
    """The state of the connection, for the top line."""

    def __init__(self, run: int, up: bool, text: str) -> None:
        super().__init__(run)
        self.up = up
        self.text = text


class SshSaid(FromThread):
    """The state of the SSH connection: lost or made again, and why not."""

    def __init__(self, run: int, up: bool, text: str) -> None:
        super().__init__(run)
        self.up = up
        self.text = text


class Asked(Message):
    """A connection asks the operator; the thread that needs `answer` waits for it."""

    def __init__(self, question: Question, answer: Future[str | None]) -> None:
        super().__init__()
        self.question = question
        self.answer = answer


class Idle(FromThread):
    """The thread has nothing more to do."""


class Broken(FromThread):
    """Work ended with an error that no step foresaw; one line."""

    def __init__(self, run: int, text: str) -> None:
        super().__init__(run)
        self.text = text


class Answered(FromThread):
    """A job's outcome: its value, or an error in one line."""

    def __init__(self, run: int, job: Job, value: Any = None, error: str = "") -> None:
        super().__init__(run)
        self.job = job
        self.value = value
        self.error = error


class Looked(FromThread):
    """What a glance saw, or an error in one line."""

    def __init__(self, run: int, glance: Glance, value: Any = None, error: str = "") -> None:
        super().__init__(run)
        self.glance = glance
        self.value = value
        self.error = error


class Changed(Message):
    """The state changed; `asked` is the step whose result the operator asked for."""

    def __init__(self, asked: str = "") -> None:
        super().__init__()
        self.asked = asked

    def can_replace(self, message: Message) -> bool:
        """Whether this one may be dropped for `message`, which is behind it in the queue."""
        return isinstance(message, Changed) and self.asked in ("", message.asked)


class GoTo(Message):
    """Show another place; `enter` moves the keys into it, and `part` is highlighted there."""

    def __init__(self, place: str, enter: bool = False, part: str = "") -> None:
        super().__init__()
        self.place = place
        self.enter = enter
        self.part = part


class GoBy(Message):
    """Show the place that is `by` rows further down."""

    def __init__(self, by: int) -> None:
        super().__init__()
        self.by = by


class GoBack(Message):
    """Show the place from where the last jump was made."""


class ShowWaiting(Message):
    """Show the result that came while the operator was reading."""


class ShowEvidence(Message):
    """Open the evidence window on plain text."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self.title = title
        self.text = text


class ShowWhole(ShowEvidence):
    """Open the whole window on text that has its own lines."""


class ShowOwn(ShowWhole):
    """The same of our own words: a copy needs no mask."""


class ShowReport(ShowWhole):
    """The same of a text for others."""


class Explain(Message):
    """Open the page of the knowledge base for a word."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word = word


class ShowTopic(Message):
    """Open the page of one entry of the knowledge base."""

    def __init__(self, topic: Topic) -> None:
        super().__init__()
        self.topic = topic


class Written(Message):
    """A file was saved; its path is told again after the exit."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path


class Remark(Message):
    """One line for the status line; it stays until something else happens."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Stop(Message):
    """Cancel the running work."""


class RunAgain(Message):
    """Run the step of the pane that sent this, with what its form holds."""


class RunProbes(Message):
    """Run these probes, one after the other, within `limits`."""

    def __init__(self, probes: tuple[str, ...], limits: ProbeLimits) -> None:
        super().__init__()
        self.probes = probes
        self.limits = limits


class Job(Message):
    """Work for the thread: `work(engine, say)` there, then `deliver(value)` here.

    `say` takes one line of progress. An error is shown on the status line, and given to
    `failed` in one line. `changes` is for what may change the server: whether its value says that
    it did, so that what was read before is older.
    """

    def __init__(
        self,
        title: str,
        work: Callable[[Engine, Say], Any],
        deliver: Callable[[Any], object],
        failed: Callable[[str], object] = lambda _error: None,
        changes: Callable[[Any], bool] | None = None,
    ) -> None:
        super().__init__()
        self.title = title
        self.work = work
        self.deliver = deliver
        self.failed = failed
        self.changes = changes


class Glance(Message):
    """A short look by the thread, beside its work and without a word on the status line:
    `work(engine)` there, then `deliver(value)` or `failed(error)` here. Only posted while the
    thread has nothing else to do."""

    def __init__(
        self,
        work: Callable[[Engine], Any],
        deliver: Callable[[Any], object],
        failed: Callable[[str], object],
    ) -> None:
        super().__init__()
        self.work = work
        self.deliver = deliver
        self.failed = failed
