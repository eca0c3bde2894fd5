"""The wizard's own session that was lost, as it is written down for later looks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.report.samples import quiet_case
from wizard.case.evidence import Scalar, StepResult, StepStatus
from wizard.case.own_traces import OwnTraces, Trace, aborted_of, server_name
from wizard.server.session import QueryDenied
from wizard.server.status import StatusCounters
from wizard.steps.counters import ended_of_ours
from wizard.steps.own_traces import leave_lost_session
from wizard.steps.step import Context
from wizard.target.model import Sources, Target


@pytest.mark.parametrize("skew", [-600.0, 0.0, 600.0])
def test_a_session_of_a_young_server_is_ours_whatever_its_clock_says(skew: float) -> None:
    started = datetime.now(UTC) + timedelta(seconds=skew - 100)
    facts: dict[str, Scalar] = {"hostname": "db1", "port": 3306, "account": "admin@db1",
             "started_at": started.isoformat(), "clock_skew_seconds": skew}  # fmt: skip
    connection = StepResult("connection", StepStatus.DONE, facts=facts)
    case = replace(quiet_case(), steps=(connection,))
    session: Any = SimpleNamespace(info=SimpleNamespace(connection_id=7))
    context = Context(Target(), Sources(), case, session, server=session)
    leave_lost_session(context, broken=True)
    assert aborted_of(OwnTraces().of(server_name("db1", 3306)), started) == {7}
    assert not aborted_of(OwnTraces().of(server_name("db1", 3306)), started + timedelta(minutes=3))


class Session:
    """A server that shows its sessions, in the second table or in none."""

    def __init__(self, shows: bool) -> None:
        self._shows = shows

    def rows(self, sql: str) -> list[dict[str, int]]:
        if self._shows and "performance_schema" in sql:
            return [{"id": 7}]
        raise QueryDenied("SELECT command denied", 1142)


@pytest.mark.parametrize(("shows", "off"), [(True, 1), (False, 0)])
def test_where_the_list_of_sessions_is_denied_the_counters_are_told_all_the_same(
    shows: bool, off: int
) -> None:
    started = datetime.now(UTC)
    trace = Trace("db1:3306", "admin", started, started, (7, 9), {}, 0, (7, 9))
    session: Any = Session(shows)
    status = StatusCounters({"Uptime": 60, "Aborted_clients": 3}, 151)
    own, ended = ended_of_ours(session, (trace,), started, status)
    assert ended == off
    assert own == (trace,)
