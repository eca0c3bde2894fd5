"""What a step is, and what it is given."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from wizard.case.case import Case
from wizard.case.evidence import StepResult, StepStatus
from wizard.hosts.protocol import Host
from wizard.safety.errors import WizardError
from wizard.server.session import Connector, ServerSession
from wizard.steps.limits import DEFAULT_LIMITS, ProbeLimits
from wizard.target.model import Sources, Target


class Cancelled(WizardError):
    """The operator stopped the step."""


NO_SERVER = "needs a connection to the server"


class Skip(WizardError):
    """The step cannot look here; the message says why and what would allow it."""


@dataclass(slots=True)
class Context:
    """What a step works with. The only mutable thing that passes between steps.

    `case` holds the results of the steps that already ran. `host` is None where the server's
    machine cannot be seen (a remote target without SSH). `server` is None until the connection
    step has connected, and where it could not; `answered` is when the server last was heard, by
    this machine's clock, where somebody listened for it, and `lost` when the session to it broke.
    `app_host` is the application's machine, where it was named. `breakage` says, once the session
    is lost, that the way to the server broke.
    """

    target: Target
    sources: Sources
    case: Case
    connector: Connector
    host: Host | None = None
    host_reason: str = ""
    app_host: Host | None = None
    server: ServerSession | None = None
    answered: datetime | None = None
    lost: datetime | None = None
    limits: ProbeLimits = DEFAULT_LIMITS
    breakage: Callable[[], str] = lambda: ""
    report: Callable[[str], None] = lambda _text: None
    publish: Callable[[StepResult], None] = lambda _result: None
    stop: threading.Event = field(default_factory=threading.Event)

    def heard(self, at: datetime) -> None:
        """The server was asked at that moment, and answered."""
        self.answered = at if self.answered is None else max(self.answered, at)
        if self.lost is not None and self.lost < at:
            self.lost = None

    def progress(self, text: str) -> None:
        """Say what is being done (one line), and stop here if the operator asked to."""
        self.checkpoint()
        self.report(text)

    def checkpoint(self) -> None:
        """Raise Cancelled if the operator asked to stop. Call it in every long loop."""
        if self.stop.is_set():
            raise Cancelled

    def need_server(self) -> ServerSession:
        """The session, or Skip with the reason why there is none."""
        if self.server is None:
            raise Skip(NO_SERVER)
        return self.server

    def need_host(self) -> Host:
        """The server's machine, or Skip with the reason why it cannot be seen."""
        if self.host is None:
            raise Skip(self.host_reason or "needs the server's machine")
        return self.host


@dataclass(frozen=True, slots=True)
class Step:
    """One troubleshooting step: `run` gathers evidence; `id` is part of the JSON contract."""

    id: str
    title: str
    purpose: str
    run: Callable[[Context], StepResult]

    def skipped(self, reason: str) -> StepResult:
        return StepResult(self.id, StepStatus.SKIPPED, reason=reason, headline=reason)

    def failed(self, reason: str) -> StepResult:
        return StepResult(self.id, StepStatus.FAILED, reason=reason, headline=reason)


def timed(result: StepResult, seconds: float) -> StepResult:
    return replace(result, seconds=round(seconds, 3))
