"""A preview begins with what may be in vain."""

from typing import Any

import pytest

from knowledge.load import load
from screens import fix_jobs
from screens.fix_model import Offer, Preview
from screens.state import FixKind
from wizard.case.case import Case
from wizard.demo.faults import Fault
from wizard.demo.recorded import recorded_case
from wizard.remedies.plan import Plan, PlanError, VariableChange
from wizard.server.session import ServerInfo

INFO = ServerInfo("mariadb", "10.11.18-MariaDB", (10, 11, 18), 1, "root@localhost", "", 60)


class Engine:
    """As much of an investigation as a preview needs."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.context: Any = self
        self.target = self.host = self.connector = None
        self.server = self

    def value(self, _sql: str) -> int:
        return 1


def previewed(monkeypatch: pytest.MonkeyPatch, variable: str, old: str, new: str) -> list[str]:
    remedy = load().remedies["raise-wait-timeout"]
    planned = Plan(remedy, (VariableChange(variable, "s", old, new),), INFO, "here", "id")
    monkeypatch.setattr("wizard.remedies.session.observe", lambda *_: None)
    monkeypatch.setattr("wizard.remedies.session.plan", lambda *_: planned)
    offer = Offer(remedy, "idle-timeout", "CONFIRMED")
    engine: Any = Engine(recorded_case(Fault("idle")))
    return list(fix_jobs.preview(engine, offer, {}, False).lines)


def test_raising_what_cannot_help_is_warned_of_first(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = previewed(monkeypatch, "net_read_timeout", "30", "600")
    assert lines[0].startswith("WARNING: Raising net_read_timeout will not help")
    assert sum("Raising net_read_timeout will not help" in line for line in lines) == 1


def test_what_helps_is_not_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = previewed(monkeypatch, "wait_timeout", "2", "600")
    assert not any("WARNING" in line for line in lines)


def refused(monkeypatch: pytest.MonkeyPatch, usage: bool) -> Preview:
    def none(*_: object) -> Plan:
        raise PlanError("it is not below the default (28800 s)", usage, wants="wait_timeout=VALUE")

    monkeypatch.setattr("wizard.remedies.session.observe", lambda *_: None)
    monkeypatch.setattr("wizard.remedies.session.plan", none)
    offer = Offer(load().remedies["raise-wait-timeout"], "idle-timeout", "CONFIRMED")
    engine: Any = Engine(recorded_case(Fault("idle")))
    return fix_jobs.preview(engine, offer, {}, False)


def test_where_nothing_is_proposed_the_preview_says_why_and_what_may_be_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = refused(monkeypatch, usage=False)
    assert (shown.kind, shown.deed) == (FixKind.YOURS, None)
    assert shown.lines[1] == (
        "Nothing is proposed: it is not below the default (28800 s); name a value (Tab):"
        " Set wait_timeout=VALUE"
    )


def test_a_value_that_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PlanError, match="28800"):
        refused(monkeypatch, usage=True)
