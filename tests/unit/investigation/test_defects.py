"""What goes wrong in one step, or in the wizard itself, costs nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest

from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import StepResult, StepStatus
from wizard.diagnosis.diagnose import diagnose
from wizard.diagnosis.model import Diagnosis
from wizard.hosts.protocol import HostError
from wizard.investigation import run as run_module
from wizard.investigation.begin import begin_with
from wizard.investigation.lives import OUTLIVED
from wizard.investigation.local_servers import LocalServer
from wizard.investigation.run import Diagnosed, Event, Investigation
from wizard.safety.errors import UsageError
from wizard.server.session import (
    AnswerTooLarge,
    CannotConnect,
    ConnectionLost,
    ServerSession,
)
from wizard.steps.step import Context, Step
from wizard.target.flags import TargetArguments
from wizard.target.model import Sources, Target


class Session:
    """A server's session."""

    info = SimpleNamespace(connection_id=7)
    ending = None
    raised: ClassVar[dict[int, int]] = {}

    def close(self) -> None:
        """Nothing to leave."""


class Nobody:
    """No server listens."""

    def connect(self, **_how: object) -> Any:
        raise CannotConnect("nothing listens")


def investigation(listen: Callable[[Event], None] = lambda _event: None) -> Investigation:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    case = Case(now, Window(now, now), TargetFacts("here"), tool_version="0")
    return Investigation(Target(), Sources(), case, Nobody(), None, listen=listen)


def step(name: str, error: Exception | None = None) -> Step:
    def run(_context: Context) -> StepResult:
        if error is not None:
            raise error
        return StepResult(name, StepStatus.DONE)

    return Step(name, name, "", run)


SECRET = "hunter2"


@pytest.mark.parametrize(
    "error",
    [KeyError(SECRET), IndexError(SECRET), TypeError(SECRET), OverflowError(SECRET),
     AttributeError(SECRET), RecursionError(SECRET), AssertionError(SECRET), MemoryError()],
)  # fmt: skip
def test_an_odd_answer_fails_its_step_and_no_other(error: Exception) -> None:
    looked = investigation()
    looked.run((step("one"), step("two", error), step("three")))
    states = {s.id: s.status for s in looked.case.steps}
    assert states == {"one": "done", "two": "failed", "three": "done"}
    (defect,) = looked.defects
    assert type(error).__name__ in defect
    assert "test_defects.py:" in defect
    failed = looked.case.step("two")
    assert failed is not None
    assert SECRET not in defect + str(failed)


def test_a_step_in_which_the_server_dies_keeps_what_it_had_read_before() -> None:
    looked = investigation()
    looked.run((step("counters"), step("settings")))
    looked.context.server = cast("ServerSession", Session())
    lost = ConnectionLost("reset")
    looked.run((step("counters", lost), step("settings")))
    counters = looked.case.step("counters")
    assert counters is not None
    assert counters.status is StepStatus.DONE
    assert counters.headline.startswith(OUTLIVED)
    assert counters.notes == ("the server went away: reset",)


@pytest.mark.parametrize("error", [HostError("no such file"), AnswerTooLarge("too large")])
def test_what_others_did_is_no_defect_of_the_wizard(error: Exception) -> None:
    looked = investigation()
    looked.run((step("one", error), step("two")))
    assert [s.status for s in looked.case.steps] == ["failed", "done"]
    assert looked.defects == ()


def test_what_was_gathered_outlives_the_diagnosis(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_case: Case) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(run_module, "diagnose", broken)
    looked = investigation()
    assert looked.run((step("one"),)).findings == ()
    assert [s.id for s in looked.case.steps] == ["one"]
    assert "the diagnosis" in looked.defects[0]


@pytest.mark.parametrize(
    ("error", "why"), [(PermissionError(13, "denied"), "may not be read"), (None, "does not exist")]
)
def test_a_log_that_cannot_be_seen_is_wrong_usage(
    monkeypatch: pytest.MonkeyPatch, error: OSError | None, why: str
) -> None:
    log = Path("/nonexistent") / ("x" * 300)
    if error is not None:

        def refused(_path: Path) -> bool:
            raise error

        monkeypatch.setattr(Path, "exists", refused)
    arguments = TargetArguments(sources=Sources(app_logs=(log,)))
    with pytest.raises(UsageError, match=why):
        begin_with(arguments, None, lambda _line: None, lambda found: found[0])


def test_an_option_file_that_names_a_host_is_not_answered_by_a_server_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = LocalServer("mysqld (pid 7)", socket="/run/mysqld/mysqld.sock")
    monkeypatch.setattr("wizard.investigation.begin.find_servers", lambda: (here,))
    path = tmp_path / "extra.cnf"
    path.write_text("[client]\nhost=db1.example\nport=3307\npassword=of-db1\n")
    path.chmod(0o600)
    arguments = TargetArguments(defaults_extra_file=path)
    target = begin_with(arguments, None, lambda _line: None, lambda found: found[0]).target
    assert (target.host, target.port, target.socket) == ("db1.example", 3307, None)


def test_a_device_is_no_log() -> None:
    sources = Sources(app_logs=(Path("/dev/zero"),))
    with pytest.raises(UsageError, match="--app-log: /dev/zero is no regular file"):
        begin_with(TargetArguments(sources=sources), None, lambda _line: None, lambda f: f[0])


@pytest.mark.parametrize("flag", ["error", "general", "slow", "app"])
def test_a_directory_is_no_log(tmp_path: Path, flag: str) -> None:
    sources = {
        "error": Sources(error_log=tmp_path),
        "general": Sources(general_log=tmp_path),
        "slow": Sources(slow_log=tmp_path),
        "app": Sources(app_logs=(tmp_path,)),
    }[flag]
    with pytest.raises(UsageError, match=f"--{flag}-log: .* is a directory"):
        begin_with(TargetArguments(sources=sources), None, lambda _line: None, lambda f: f[0])


def test_a_state_of_a_case_is_judged_once_and_only_where_somebody_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged: list[Case] = []

    def judge(case: Case) -> Diagnosis:
        judged.append(case)
        return diagnose(case)

    def asks(event: Event) -> None:
        if isinstance(event, Diagnosed):
            assert event.make() is event.make()

    monkeypatch.setattr(run_module, "diagnose", judge)
    for listen, states in ((asks, [1, 2]), (lambda _event: None, [2])):
        judged.clear()
        investigation(listen).run((step("one"), step("two")))
        assert [len(case.steps) for case in judged] == states
