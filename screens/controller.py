"""One daemon thread that owns the investigation; the app hears of it by messages only.

Jobs are done one after the other, so the session is used by one thread alone. A daemon thread
is used since Textual's own workers hold up quitting until they return.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from screens import messages
from screens.opening import Engine, Live
from wizard.safety.operator_line import operator_line

if TYPE_CHECKING:
    from wizard.investigation.run import Event
    from wizard.steps.limits import ProbeLimits
    from wizard.steps.step import Step

HEARTBEAT_SECONDS = 10.0
"""How long the session may idle before the thread looks whether it still lives."""

CLOSE_SECONDS = 0.8
"""How long quitting waits for the session's COM_QUIT."""

Post = Callable[[Message], object]
Work = Callable[[Engine], None]


@dataclass(frozen=True, slots=True)
class _Task:
    """`quiet`: it tells its own end, and nobody waited for it."""

    work: Work
    last: bool = False
    quiet: bool = False


class Controller:
    """Runs steps and jobs on one investigation. `run` marks its messages."""

    def __init__(
        self, run: int, live: Live, post: Post, heartbeat: float = HEARTBEAT_SECONDS
    ) -> None:
        self.run = run
        self._live = live
        self._post = post
        self._heartbeat = heartbeat
        self._tasks: queue.SimpleQueue[_Task] = queue.SimpleQueue()
        self._owes_rest = False
        self._has_run = False
        self._engine: Engine | None = None
        self._thread = threading.Thread(target=self._work, name="investigation", daemon=True)

    @property
    def engine(self) -> Engine | None:
        """None until the thread has built it. Read its `case` only."""
        return self._engine

    def start(self) -> None:
        self._thread.start()

    def run_steps(self, ids: Sequence[str] | None, limits: ProbeLimits | None = None) -> None:
        """Run the steps and probes with these ids in their order, then diagnose.

        All steps and no probe for None. `limits` hold for the probes from then on.

        Without the SSH connection none is run: what they found before is kept.
        """

        def work(engine: Engine) -> None:
            if not self._reconnected(engine):
                return
            if self._has_run:
                # Whoever runs a step again may have mended the host meanwhile.
                self._live.links.ask_anew()
            self._has_run = True
            if limits is not None:
                engine.use_limits(limits)
            diagnosis = engine.run(_chosen(ids))
            self._post(messages.DiagnosisCame(self.run, diagnosis))
            self._look_after(engine)

        self._tasks.put(_Task(work))

    def ask(self, job: messages.Job) -> None:
        """Do a job in the thread and post its Answered."""

        def task(engine: Engine) -> None:
            from wizard.steps.step import Cancelled

            stop = engine.context.stop
            stop.clear()

            def say(text: str) -> None:
                if stop.is_set():
                    raise Cancelled("cancelled")
                self._post(messages.StepSaid(self.run, job.title, text))

            self._post(messages.StepBegan(self.run, job.title))
            try:
                value = job.work(engine, say)
            except Exception as error:  # noqa: BLE001 - whatever a job raises is its answer
                self._notice(engine, error)
                self._post(messages.Answered(self.run, job, error=operator_line(error)))
            else:
                if job.changes is not None:
                    self._look_after(engine)
                self._post(messages.Answered(self.run, job, value))

        self._tasks.put(_Task(task))

    def _notice(self, engine: Engine, error: Exception) -> None:
        """What failed may have failed since the server is gone: say that at once, and first."""
        from wizard.server.session import CannotConnect, ConnectionLost

        if isinstance(error, CannotConnect | ConnectionLost):
            engine.lose()
            self._post(messages.LinkSaid(self.run, False, operator_line(error)))
        else:
            self._look_after(engine)

    def glance(self, glance: messages.Glance) -> None:
        """Look, and post its Looked. As it uses the session, it is a heartbeat too.

        A lost SSH connection is not made again for it: that may ask for a password.
        """

        def task(engine: Engine) -> None:
            if self._live.links.lost:
                lost = "the SSH connection is lost"
                self._post(messages.Looked(self.run, glance, error=lost))
                return
            engine.context.stop.clear()
            self._look_after(engine)
            try:
                value = glance.work(engine)
            except Exception as error:  # noqa: BLE001 - whatever it raises is its answer
                self._post(messages.Looked(self.run, glance, error=operator_line(error)))
            else:
                self._post(messages.Looked(self.run, glance, value))

        self._tasks.put(_Task(task, quiet=True))

    def cancel(self) -> None:
        """Stop the running step at its next checkpoint and forget what is queued."""
        while not self._tasks.empty():
            try:
                self._tasks.get_nowait()
            except queue.Empty:
                break
        if self._engine is not None:
            self._engine.cancel()

    def close(self) -> None:
        """Cancel, leave the server politely, and wait for that at most CLOSE_SECONDS."""
        self.cancel()
        self._tasks.put(_Task(lambda engine: engine.close(), last=True))
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(CLOSE_SECONDS)

    def _work(self) -> None:
        try:
            self._engine = self._live.begin(self._heard)
        except Exception as error:  # noqa: BLE001 - the reason belongs on the screen
            self._post(messages.LinkSaid(self.run, False, operator_line(error)))
            self._post(messages.Idle(self.run))
            return
        while self._next(self._engine):
            pass

    def _next(self, engine: Engine) -> bool:
        try:
            task = self._tasks.get(timeout=self._heartbeat)
        except queue.Empty:
            self._look_after(engine)
            return True
        try:
            task.work(engine)
        except Exception as error:  # noqa: BLE001 - a step's defect must not end the thread
            self._post(messages.Broken(self.run, operator_line(error)))
        # A quiet task may have been queued behind the last one that was asked for.
        self._owes_rest = self._owes_rest or not task.quiet
        if self._owes_rest and self._tasks.empty():
            self._owes_rest = False
            self._post(messages.Idle(self.run))
        return not task.last

    def _reconnected(self, engine: Engine) -> bool:
        """Whether the SSH connection is there, after a try where it was lost.

        And the operator has not cancelled meanwhile.
        """
        from wizard.hosts.protocol import HostError

        links = self._live.links
        if not links.lost:
            return True
        engine.context.stop.clear()
        self._post(messages.StepBegan(self.run, "connecting over SSH"))
        try:
            links.reconnect()
        except HostError as error:
            # The top line has little room beside the state: the status line has the whole width.
            self._post(messages.SshSaid(self.run, False, operator_line(error)))
            self._post(messages.Broken(self.run, operator_line(error)))
            return False
        return not engine.context.stop.is_set()

    def _look_after(self, engine: Engine) -> None:
        """Notice a server that went away while the operator reads."""
        from wizard.server.session import ConnectionLost, ServerError

        try:
            engine.hear()
        except ConnectionLost as lost:
            engine.lose()
            self._post(messages.LinkSaid(self.run, False, str(lost)))
        except ServerError:
            return

    def _heard(self, event: Event) -> None:
        from wizard.investigation.run import SshChanged

        if isinstance(event, SshChanged) and not event.up:
            # The session went through it.
            self._tasks.put(_Task(self._look_after))
        message = _translate(self.run, event)
        if message is not None:
            self._post(message)


def _translate(run: int, event: Event) -> Message | None:
    from wizard.investigation import run as heard

    match event:
        case heard.StepStarted(step):
            return messages.StepBegan(run, step)
        case heard.StepProgress(step, text):
            return messages.StepSaid(run, step, text)
        case heard.StepAdvanced(result):
            return messages.StepKnows(run, result)
        case heard.StepFinished(result):
            return messages.StepEnded(run, result)
        case heard.Diagnosed(make):
            return messages.DiagnosisCame(run, make())
        case heard.LinkChanged(up, text):
            return messages.LinkSaid(run, up, text)
        case heard.SshChanged(up, text):
            return messages.SshSaid(run, up, text)


def _chosen(ids: Sequence[str] | None) -> tuple[Step, ...]:
    from wizard.steps.order import STEPS

    if ids is None:
        return STEPS
    from wizard.probes.order import PROBES

    every = (*STEPS, *(probe.step for probe in PROBES))
    return tuple(step for step in every if step.id in ids)
