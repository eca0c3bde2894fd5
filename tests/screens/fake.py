"""A scripted investigation: the same events as the real one, without a server."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from screens.opening import Listen, Live
from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import Evidence, Failure, Occurrence, StepResult, StepStatus, Table
from wizard.diagnosis.model import Attribution, Diagnosis, Finding, Missing, Reason, Verdict
from wizard.hosts.protocol import Host
from wizard.investigation.run import (
    Diagnosed,
    LinkChanged,
    StepAdvanced,
    StepFinished,
    StepProgress,
    StepStarted,
)
from wizard.server.session import ConnectionLost
from wizard.steps.limits import DEFAULT_LIMITS, ProbeLimits
from wizard.steps.step import Context, Step
from wizard.target.model import Sources, Target

NOW = datetime(2026, 3, 1, 15, 0, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(hours=2), NOW)
FACTS = TargetFacts(
    "127.0.0.1:3306",
    "127.0.0.1",
    3306,
    flavor="mariadb",
    version="10.11.19",
    reachable=True,
    uptime_seconds=356_000,
)
CASE = Case(NOW, WINDOW, FACTS)


def evidence(text: str = "aborted: timeout reading", excerpt: str = "raw line") -> Evidence:
    return Evidence(
        "log.aborted-timeout",
        text,
        "/var/log/mysql/error.log, line 812",
        31,
        NOW - timedelta(hours=1),
        NOW,
        excerpt,
        occurrences=(Occurrence(NOW, line=812),),
    )


def result(step: str, text: str = "") -> StepResult:
    """A step that found one fact and a table."""
    return StepResult(
        step,
        StepStatus.DONE,
        0.4,
        headline=text or f"headline of {step}",
        evidence=(evidence(text or "aborted: timeout reading", text or "raw line"),),
        tables=(Table(text or "Sessions", (text or "WHO", "COUNT"), ((text or "app", "3"),) * 3),),
        notes=(text or f"a note of {step}",),
    )


def failure(minute: int, text: str = "2006 MySQL server has gone away") -> Failure:
    return Failure("client.lost", text, "app.log:1", NOW - timedelta(minutes=minute))


def diagnosis(text: str = "", verdict: Verdict = Verdict.CONFIRMED) -> Diagnosis:
    """31 failures put down to idle-timeout, 4 to a restart, 2 to nothing."""
    why = Reason(
        "log.aborted-timeout",
        text or "31 sessions ended: timeout reading",
        text or "error log, line 812",
        "error-log",
        31,
        NOW,
        NOW,
        text or "raw line",
    )
    idle = Finding(
        "idle-timeout",
        text or "The server closed idle connections",
        verdict,
        0.97,
        31,
        (why,),
        (replace(why, text=text or "no sleepers seen"),),
        (Missing("probe.idle", "counters", text or "how long idle lasts", text or "run it"),),
        ("raise-wait-timeout",),
    )
    restarted = replace(
        idle, cause="server-restarted", verdict=Verdict.LIKELY, explains=4, against=()
    )
    attributions = [
        *(Attribution(failure(n), "idle-timeout", "gap") for n in range(60, 91)),
        *(Attribution(failure(20), "server-restarted", "outage") for _ in range(4)),
        *(Attribution(failure(5), None, "") for _ in range(2)),
    ]
    advice = text or "Next: Network would tell a firewall from the server."
    return Diagnosis((idle, restarted), tuple(attributions), "application", 37, 35, advice)


class FakeInvestigation:
    """`act` makes a step's result, and may wait, report or raise as a real step would."""

    def __init__(
        self,
        listen: Listen,
        act: Callable[["FakeInvestigation", Step], StepResult] | None = None,
        case: Case = CASE,
        found: Diagnosis | None = None,
        host: Host | None = None,
    ) -> None:
        self.listen = listen
        self.act = act or (lambda _fake, step: result(step.id))
        self._case = case
        self.found = found or diagnosis()
        self.stop = threading.Event()
        self.closed = False
        self.sources = Sources()
        self.limits = DEFAULT_LIMITS
        self.ran: list[str] = []
        self.session = FakeSession()
        self._context = SimpleNamespace(server=None, stop=self.stop, host=host)

    @property
    def case(self) -> Case:
        return self._case

    @property
    def context(self) -> Context:
        return cast(Context, self._context)

    def use_sources(self, sources: Sources) -> None:
        self.sources = sources

    def use_limits(self, limits: ProbeLimits) -> None:
        self.limits = limits

    def run(self, steps: Sequence[Step]) -> Diagnosis:
        self.stop.clear()
        for step in steps:
            if self.stop.is_set():
                break
            self.ran.append(step.id)
            self.listen(StepStarted(step.id))
            done = self.act(self, step)
            self._case = self._case.with_step(done)
            self.listen(StepFinished(done))
            if step.id == "connection" and done.status is StepStatus.DONE:
                self._context.server = self.session
                self.listen(LinkChanged(True, done.headline))
            self.listen(Diagnosed(lambda: self.found))
        return self.found

    def knows(self, result: StepResult) -> None:
        """What a step that is still running knows already."""
        self.listen(StepAdvanced(replace(result, status=StepStatus.RUNNING)))

    def lose_server(self, lost: ConnectionLost) -> None:
        """The server went away while a step ran."""
        self.close()
        self.listen(LinkChanged(False, str(lost)))

    def progress(self, step: Step, text: str) -> None:
        self.listen(StepProgress(step.id, text))

    def cancel(self) -> None:
        self.stop.set()

    def close(self) -> None:
        self.closed = True
        self._context.server = None

    def hear(self) -> None:
        if self._context.server is not None:
            self._context.server.value("SELECT 1")

    def lose(self) -> str:
        self.close()
        return ""


class FakeSession:
    """Answers until `dead` is set."""

    def __init__(self) -> None:
        self.dead = False

    def rows(self, _sql: str) -> list[dict[str, Any]]:
        return [{"Variable_name": "Threads_running", "Value": "2"}]

    def value(self, _sql: str) -> Any:
        if self.dead:
            raise ConnectionLost("server closed the connection (2013)")
        return 1


def live(made: list[FakeInvestigation] | None = None, **options: Any) -> Live:
    """A target whose investigation is a fake one; it is put into `made`."""

    def begin(listen: Listen) -> FakeInvestigation:
        fake = FakeInvestigation(listen, **options)
        if made is not None:
            made.append(fake)
        return fake

    return Live(Target("127.0.0.1"), Sources(), begin)
