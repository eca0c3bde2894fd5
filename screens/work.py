"""One investigation at work: its thread, what was asked of it, and what it told the state.

The app owns one. Messages of the thread come here and change the state; the screens hear
`Changed` and draw it. A controller that was replaced is not listened to any more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from textual.message import Message

from screens import messages
from screens.controller import Controller
from screens.opening import Live, steps_alone
from screens.places import (
    CONNECTION,
    DIAGNOSIS,
    ERROR_LOG,
    STEP_IDS,
    SYMPTOM,
    TITLES,
    WORK_TITLES,
)  # fmt: skip
from screens.state import WEIGHING, State
from screens.text.read_again import Read, read_again, what_was_read
from wizard.steps.limits import ProbeLimits
from wizard.target.model import Sources

RESTS_ON_ALL = (DIAGNOSIS, "fix")
"""Places that show what all steps found together: to read them again is to run all."""


class Work:
    """`post` reaches the app, `changed` the frame, and `say` the status line; `unsay` takes a text
    off that line where it is still there."""

    def __init__(
        self,
        state: State,
        post: Callable[[Message], object],
        changed: Callable[[messages.Changed], object],
        say: Callable[[str], object],
        unsay: Callable[[str], object],
        heartbeat: float,
    ) -> None:
        self._state = state
        self._post = post
        self._changed = changed
        self._say = say
        self._unsay = unsay
        self._complaint = ""
        self._heartbeat = heartbeat
        self._controller: Controller | None = None
        self._live: Live | None = None
        self._runs = 0
        self._asked: set[str] = set()
        self._before: Read = {}
        self._wish: tuple[str, ...] = ()
        self._wished_sources: Sources | None = None

    def begin(
        self, live: Live, steps: Sequence[str] | None, first: messages.Job | None = None
    ) -> None:
        """Take up an investigation, in place of the one before; None runs every step."""
        self.close()
        self._state.rest()
        self._state.given = live.sources.any_given
        self._live = live
        self._runs += 1
        self._controller = Controller(self._runs, live, self._post, self._heartbeat)
        self._controller.start()
        if first is not None:
            self._controller.ask(first)
        self._controller.run_steps(steps)

    @property
    def _alone(self) -> tuple[str, ...]:
        """Steps that run without the server: they read what is pasted and what was named."""
        return steps_alone(self._live.sources if self._live is not None else Sources())

    @property
    def live(self) -> Live | None:
        """What is looked at."""
        return self._live

    def close(self) -> None:
        controller, self._controller = self._controller, None
        if controller is not None:
            controller.close()

    def run(
        self, steps: list[str], sources: Sources | None, limits: ProbeLimits | None = None
    ) -> None:
        """Run these steps and probes, connecting first where the connection is lost."""
        controller = self._controller
        if controller is None or controller.engine is None:
            if self._live is not None and self._state.up is False:
                self.begin(self._live, None)
            return
        if self._state.running or self._state.awaited:
            self._wish = tuple(steps) if limits is None else ()
            self._wished_sources = sources
            after = "then this runs" if self._wish else "Ctrl+C stops it first"
            self._say(f"Still at work; {after}.")
            return
        if sources is not None:
            controller.engine.use_sources(sources)
            self._state.given = sources.any_given
            if SYMPTOM in steps and not self._state.offline:
                steps = [*steps, ERROR_LOG]
        if self._state.up is False and not set(steps) <= {CONNECTION, SYMPTOM, ERROR_LOG}:
            steps = [CONNECTION, *(step for step in steps if step != CONNECTION)]
        self._say("")
        self._before = what_was_read(self._state, steps) if limits is None else {}
        self._asked.update(steps)
        self._state.awaited = tuple(steps)
        controller.run_steps(steps, limits)

    def run_place(self, place: str, sources: Sources | None) -> bool:
        """F5 on a place; false where it rests on no step and nothing has to be connected.

        All steps run where the server was lost: each of them is older than that. So they do on
        a place that rests on all of them.
        """
        offline = self._state.offline
        if place in STEP_IDS and offline and place not in self._alone:
            self._say(f"{TITLES[place]} cannot run again: {offline}.")
        elif place in RESTS_ON_ALL or (self._state.up is False and not offline):
            self.run_all(sources)
        elif place in STEP_IDS:
            self.run([place], sources)
        else:
            return False
        return True

    def run_all(self, sources: Sources | None) -> None:
        self._asked.add(DIAGNOSIS)
        self.run(list(self._alone if self._state.offline else STEP_IDS), sources)

    def run_probes(self, message: messages.RunProbes, sources: Sources | None) -> None:
        if self._state.offline:
            self._say(f"No probe can run: {self._state.offline}.")
        else:
            self.run(list(message.probes), sources, message.limits)

    def stop(self) -> None:
        running = self._state.running
        if self._controller is None or not (running or self._state.awaited):
            self._say("Nothing is running that could be stopped. q or Ctrl+Q quits.")
            return
        self._wish, self._before = (), {}
        self._controller.cancel()
        title = WORK_TITLES.get(running, running) or "what was asked for"
        self._say(f"Cancelled: {title}. F5 runs this step again, F6 all of them.")

    def do(self, job: messages.Job) -> None:
        if self._controller is None:
            self._say("Nothing to work on yet.")
        else:
            self._controller.ask(job)

    def glance(self, glance: messages.Glance) -> None:
        if self._controller is not None:
            self._controller.glance(glance)

    def hear(self, message: messages.FromThread) -> None:
        """Take over what the thread tells; a replaced controller's word counts for nothing."""
        controller = self._controller
        if controller is None or message.run != controller.run:
            return
        if controller.engine is not None:
            self._state.case = controller.engine.case
        match message:
            case messages.StepBegan(step=step):
                self._state.begin(step, time.monotonic())
                self._changed(messages.Changed())
            case messages.StepSaid(text=text):
                self._state.said = text
            case messages.StepKnows(result=result):
                # Drawn by the pane in its own time: a probe tells more often than anybody reads.
                self._state.partial[result.id] = result
            case messages.StepEnded():
                self._ended(message)
            case messages.DiagnosisCame(diagnosis=diagnosis):
                self._state.weighed(diagnosis)
                self._changed(messages.Changed(DIAGNOSIS if DIAGNOSIS in self._asked else ""))
            case messages.LinkSaid(up=up, text=text):
                if up or not self._state.ssh_lost:
                    self._state.link_is(up, text, clock())
                    self._changed(messages.Changed())
            case messages.SshSaid(up=up, text=text):
                self._back_midway(up)
                self._state.ssh_is(up, text, clock())
                self._changed(messages.Changed())
            case messages.Idle():
                self._rested()
            case messages.Broken(text=text):
                self._state.running = ""
                self._say(text)
            case messages.Answered():
                self._answered(message)
            case messages.Looked(glance=glance, error=error, value=value):
                if error:
                    glance.failed(error)
                else:
                    glance.deliver(value)

    def _back_midway(self, up: bool) -> None:
        """Look again with what could not look since the SSH connection was cut.

        A step has made the connection again; the session through the old one is gone.
        """
        cut = self._state.ssh_lost and self._state.up is False
        if up and cut and self._state.running in (*STEP_IDS, WEIGHING):
            self._wish, self._wished_sources = tuple(STEP_IDS), None
            self._say("The SSH connection was lost and is there again: all steps run again.")

    def _ended(self, message: messages.StepEnded) -> None:
        result, step = message.result, message.result.id
        self._state.running, self._state.said = WEIGHING, ""
        self._state.read_at[step] = datetime.now(UTC)
        if result.status == "done":
            self._state.partial.pop(step, None)
        if step == CONNECTION and result.status != "done":
            self._state.link_is(False, result.headline, clock())
        asked = step if step in self._asked else ""
        self._asked.discard(step)
        self._changed(messages.Changed(asked))

    def _rested(self) -> None:
        self._state.rest()
        self._state.settled = True
        self._asked.discard(DIAGNOSIS)
        before, self._before = self._before, {}
        if before and (self._state.up or self._state.offline):
            steps = [step for step in before if step != DIAGNOSIS]
            self._say(read_again(before, what_was_read(self._state, steps)))
        self._changed(messages.Changed())
        wish, self._wish = self._wish, ()
        if wish:
            self.run(list(wish), self._wished_sources)

    def _answered(self, message: messages.Answered) -> None:
        self._state.running = ""
        changes = message.job.changes
        if changes is not None and not message.error and changes(message.value):
            self._state.changed_at = datetime.now(UTC)
        if message.error:
            self._complaint = f"{message.job.title}: {message.error}"
            self._say(self._complaint)
            message.job.failed(message.error)
        else:
            self._unsay(self._complaint)
            message.job.deliver(message.value)
        self._changed(messages.Changed())


def clock() -> str:
    """The time of day, as the screens say it: in UTC, as the logs and the report."""
    return f"{datetime.now(UTC):%H:%M:%S} UTC"
