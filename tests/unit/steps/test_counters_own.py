"""The server's totals without what the wizard was told to do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from wizard.case import facts
from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import Scalar, StepResult, StepStatus
from wizard.case.own_traces import OwnTraces, Trace, server_name
from wizard.steps import counters
from wizard.steps.step import Context
from wizard.target.model import Sources, Target

NOW = datetime.now(UTC)
HOST, PORT = "db1", 3306


@dataclass(frozen=True)
class Info:
    """Of a server without an error summary."""

    has_error_summary: bool = False


@dataclass
class Session:
    """Answers what Counters asks. `listed` are the sessions that are there still."""

    listed: tuple[int, ...]
    status: dict[str, int]
    info: Info = field(default_factory=Info)

    def rows(self, sql: str, _args: Sequence[object] = ()) -> list[dict[str, Any]]:
        if "SHOW GLOBAL STATUS" in sql:
            return [{"name": name, "value": str(count)} for name, count in self.status.items()]
        if "PROCESSLIST" in sql:
            asked = {int(number) for number in re.findall(r"\d+", sql)}
            return [{"id": number} for number in self.listed if number in asked]
        return []

    def value(self, sql: str, _args: Sequence[object] = ()) -> int:
        return 151 if "max_connections" in sql else 0


def counted(session: Session) -> StepResult:
    known: dict[str, Scalar] = {facts.HOSTNAME.name: HOST, facts.PORT.name: PORT}
    begun = StepResult("connection", StepStatus.DONE, facts=known)
    case = Case(NOW, Window(NOW - timedelta(hours=1), NOW), TargetFacts("db1"), (begun,))
    context = Context(Target(), Sources(), case, cast(Any, None), server=cast(Any, session))
    return counters.run(context)


def test_a_kill_of_a_session_that_is_rolled_back_still_is_the_wizards_already() -> None:
    trace = Trace(server_name(HOST, PORT), "app", NOW, NOW, (7, 8), {}, kills=2, aborted=(7, 8))
    OwnTraces().add(trace)
    status = {"Uptime": 600, "Com_kill": 2, "Aborted_clients": 3}
    there = counted(Session((7, 8), status))
    assert (there.facts["com_kill"], there.facts["aborted_clients"]) == (0, 3)
    gone = counted(Session((), status))
    assert (gone.facts["com_kill"], gone.facts["aborted_clients"]) == (0, 1)
