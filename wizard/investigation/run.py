"""Runs the steps in order on a target and keeps the case. Headless; screens listen to events."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from wizard.case.case import Case
from wizard.case.evidence import StepResult, StepStatus
from wizard.diagnosis.diagnose import diagnose
from wizard.diagnosis.model import Diagnosis
from wizard.hosts.protocol import Host, HostError
from wizard.investigation.lives import done, from_before, with_earlier_lives
from wizard.investigation.other_servers import without_others_kills
from wizard.safety.operator_line import operator_line, place_of
from wizard.server.greeting import never_stop
from wizard.server.session import (
    AnswerTooLarge,
    ConnectionLost,
    Connector,
    QueryDenied,
    ServerError,
    ServerSession,
)
from wizard.steps import names
from wizard.steps.connection import own_session
from wizard.steps.limits import ProbeLimits
from wizard.steps.order import STEPS
from wizard.steps.own_traces import leave_lost_session, leave_own_errors
from wizard.steps.step import NO_SERVER, Cancelled, Context, Skip, Step, timed
from wizard.target.model import Sources, Target

CANCELLED = "cancelled"

UNUSED_SECONDS = 5.0
"""After a step that took so long, it is looked whether the session still lives."""


@dataclass(frozen=True, slots=True)
class StepStarted:
    step: str


@dataclass(frozen=True, slots=True)
class StepProgress:
    step: str
    text: str


@dataclass(frozen=True, slots=True)
class StepAdvanced:
    """What a step that is still running knows already; `result.status` is `running`."""

    result: StepResult


@dataclass(frozen=True, slots=True)
class StepFinished:
    result: StepResult


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """A diagnosis of what is known so far: it is made when it is asked for, by whoever shows it.

    Of 100,000 failures one takes seconds, and `check` shows only the last.
    """

    make: Callable[[], Diagnosis]


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The state of the connection to the server: `up` with `text` for the top line."""

    up: bool
    text: str


@dataclass(frozen=True, slots=True)
class SshChanged:
    """The SSH connection to the server's machine was lost, or is there again. Delivered on
    another thread than the rest."""

    up: bool
    text: str


Event = (
    StepStarted | StepProgress | StepAdvanced | StepFinished | Diagnosed | LinkChanged | SshChanged
)


class Investigation:
    """One investigation of one target.

    `run` blocks and belongs in a thread of its own; events are delivered on that thread, where
    also a diagnosis is to be asked for.
    `cancel` may be called from any thread; the running step ends as skipped, or as an earlier
    run of it ended.
    """

    def __init__(
        self,
        target: Target,
        sources: Sources,
        case: Case,
        connector: Connector,
        host: Host | None,
        host_reason: str = "",
        listen: Callable[[Event], None] = lambda _event: None,
        app_host: Host | None = None,
    ) -> None:
        self._listen = listen
        self._lock = threading.Lock()
        self._current = ""
        self._defects: list[str] = []
        self._told: tuple[Case, Diagnosis] | None = None
        self._context = Context(
            target,
            sources,
            case,
            connector,
            host,
            host_reason,
            app_host,
            report=self._progressed,
            publish=self._advanced,
        )

    @property
    def case(self) -> Case:
        return self._context.case

    @property
    def defects(self) -> tuple[str, ...]:
        """What failed in the wizard itself, one line each; the rest of the answer stands."""
        return tuple(self._defects)

    @property
    def context(self) -> Context:
        return self._context

    def use_limits(self, limits: ProbeLimits) -> None:
        """Take other limits; the next run of a probe keeps within them."""
        self._context.limits = limits

    def use_sources(self, sources: Sources) -> None:
        """Take other logs or pasted text; the next run of a step reads them."""
        self._context.sources = sources

    def run(self, steps: Sequence[Step] = STEPS) -> Diagnosis:
        """Run `steps` in order, then diagnose. Runs of one investigation never overlap.

        A window that is open ends now, so that a later run sees what has happened since.
        """
        with self._lock:
            self._context.stop.clear()
            self._context.case = looking_now(self.case)
            for step in steps:
                if self._context.stop.is_set():
                    break
                self._run_step(step)
                self._listen(Diagnosed(self._diagnosis))
            return self._diagnosis()

    def _diagnosis(self) -> Diagnosis:
        """The diagnosis of the case as it is: made once for each state of it."""
        case = self.case
        if self._told is None or self._told[0] is not case:
            self._told = case, self._diagnosed(case)
        return self._told[1]

    def _diagnosed(self, case: Case) -> Diagnosis:
        try:
            return diagnose(case)
        except Exception as error:  # noqa: BLE001 - what was gathered is worth showing without it
            self._defect("the diagnosis", error)
            return Diagnosis((), (), "server", 0, 0)

    def _defect(self, where: str, error: Exception) -> str:
        line = f"{where} failed in the wizard itself: {operator_line(error)}{place_of(error)}"
        if line not in self._defects:
            self._defects.append(line)
        return line

    def cancel(self) -> None:
        """Stop the running step at its next checkpoint. Steps that were not reached keep their
        earlier results."""
        self._context.stop.set()

    def close(self) -> None:
        """Leave the server with COM_QUIT."""
        session, self._context.server = self._context.server, None
        if session is not None:
            session.close()

    def lose(self) -> str:
        """Give up a session that is lost. Returns how the way to the server broke, or ""."""
        broken = self._context.breakage()
        leave_lost_session(self._context, bool(broken))
        self.close()
        return broken

    def _progressed(self, text: str) -> None:
        self._listen(StepProgress(self._current, text))

    def _advanced(self, result: StepResult) -> None:
        self._listen(StepAdvanced(result))

    def _run_step(self, step: Step) -> None:
        self._current = step.id
        self._listen(StepStarted(step.id))
        began = time.monotonic()
        before = self._context.server
        result = timed(self._outcome(step), time.monotonic() - began)
        leave_own_errors(self._context, result.seconds)
        note = self._look_after_session() if result.seconds >= UNUSED_SECONDS else ""
        if note:
            result = replace(result, notes=(*result.notes, note))
        if result.reason == CANCELLED and self._context.server is before:
            result = done(self.case, step.id) or result
        if result.reason == NO_SERVER:
            result = from_before(self.case, step.id) or result
        if result.status is StepStatus.FAILED and self._lost_in(step, before):
            result = from_before(self.case, step.id, result.reason or "") or result
        if result.status is StepStatus.DONE:
            result = with_earlier_lives(self.case, result)
        self._context.case = self._context.case.with_step(result)
        apart = without_others_kills(self.case)
        if apart is not None:
            self._context.case = self.case.with_step(apart)
        self._listen(StepFinished(apart if apart is not None and apart.id == step.id else result))
        if apart is not None and apart.id != step.id:
            self._listen(StepFinished(apart))
        if self._context.server is not before:
            self._listen(LinkChanged(self._context.server is not None, note or result.headline))

    def _lost_in(self, step: Step, before: ServerSession | None) -> bool:
        """Whether the server was lost in this step, which is not the one that looks for it."""
        lost = before is not None and self._context.server is None
        return lost and step.id != names.CONNECTION.id

    def hear(self) -> None:
        """Have the server answer. What failed before that is not for a later death. Raises
        ServerError."""
        session, asked = self._context.server, datetime.now(UTC)
        if session is not None:
            session.value("SELECT 1")
            self._context.heard(asked)

    def _look_after_session(self) -> str:
        """Open another session where ours was cut while a long step did not use it.

        Returns what happened, for a note.

        What cuts connections that idle cuts ours as well. The server is lost only where no other
        session can be opened.
        """
        try:
            self.hear()
        except ConnectionLost as lost:
            self.lose()
            return self._reopen(lost)
        except ServerError:
            return ""
        return ""

    def _reopen(self, lost: ServerError) -> str:
        """A step that was cancelled leaves a session behind it too."""
        cancelled = self._context.stop.is_set()
        checkpoint = never_stop if cancelled else self._context.checkpoint
        try:
            self._context.server = own_session(self._context, checkpoint)
        except Cancelled:
            return "cancelled while another session was opened: the last one was cut meanwhile"
        except ServerError as error:
            return self._context.breakage() or f"the server went away: {error}"
        return f"the wizard's own session was cut meanwhile, another was opened: {lost}"

    def _outcome(self, step: Step) -> StepResult:
        try:
            self._context.checkpoint()
            return step.run(self._context)
        except Skip as reason:
            return step.skipped(str(reason))
        except Cancelled:
            return step.skipped(CANCELLED)
        except QueryDenied as denied:
            return step.skipped(f"{denied}; {denied.advice}".rstrip("; "))
        except ConnectionLost as lost:
            return step.failed(self.lose() or f"the server went away: {lost}")
        except AnswerTooLarge as cut:
            self.close()
            return step.failed(f"{cut}; {self._reopen(cut)}")
        except (ServerError, HostError) as error:
            return step.failed(str(error))
        except Exception as error:  # noqa: BLE001 - one odd answer must not cost the other steps
            return step.failed(self._defect(f"the step {step.id}", error))


def looking_now(case: Case) -> Case:
    """`case` with an open window drawn up to now."""
    if not case.window.open:
        return case
    now = max(case.window.until, datetime.now(case.window.until.tzinfo))
    return replace(case, window=replace(case.window, until=now))
