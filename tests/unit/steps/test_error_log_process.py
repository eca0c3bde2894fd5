"""A server whose process runs and who listens nowhere is not dead: it starts, or shuts down."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import Evidence, StepResult, StepStatus
from wizard.diagnosis.diagnose import diagnose
from wizard.diagnosis.down_now import down_now
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import ServerProcess
from wizard.report import render
from wizard.steps import error_log
from wizard.steps.step import Context
from wizard.target.model import Sources, Target

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PID = 4712
BANNER = "0 [Note] Starting MariaDB 10.11.19-MariaDB source revision 5843d847 as process"
BEFORE = (
    f"2026-11-23 11:00:00 {BANNER} 4711",
    "2026-11-23 11:00:01 0 [Note] /usr/sbin/mariadbd: ready for connections.",
    "2026-11-23 12:00:00 9 [Warning] Access denied for user 'a'@'b' (using password: YES)",
    f"2026-11-23 12:00:05 {BANNER} {PID}",
)
READY = "2026-11-23 12:00:06 0 [Note] /usr/sbin/mariadbd: ready for connections."
STOP = "2026-11-23 12:00:09 0 [Note] /usr/sbin/mariadbd (initiated by: unknown): Normal shutdown"
RECOVERS = "2026-11-23 12:00:06 0 [Note] InnoDB: Starting crash recovery from checkpoint LSN=1"


class Running(LocalHost):
    """This machine, and its only server process."""

    def __init__(self, process: ServerProcess) -> None:
        super().__init__()
        self._process = process

    def server_processes(self) -> tuple[ServerProcess, ...]:
        return (self._process,)


def looked_at(
    log: Path,
    lines: tuple[str, ...],
    process: ServerProcess,
    is_seen: bool = True,
    refused_at: datetime = NOON + timedelta(seconds=30),
) -> Case:
    log.write_text("".join(f"{line}\n" for line in lines))
    at = NOON + timedelta(seconds=30)
    case = Case(at, Window(NOON - timedelta(hours=2), at), TargetFacts("db", reachable=False))
    refused = Evidence(
        "state.refused", "nothing listens at db", "connect", first=refused_at, last=refused_at
    )
    connection = StepResult("connection", StepStatus.FAILED, evidence=(refused,),
                            facts={"server_time_offset_seconds": 0})  # fmt: skip
    context = Context(
        Target(host="127.0.0.1"),
        Sources(error_log=log),
        case.with_step(connection),
        None,  # type: ignore[arg-type]
        Running(process) if is_seen else None,
    )
    return context.case.with_step(error_log.STEP.run(context))


def mariadbd(pid: int = PID, started: timedelta = timedelta(seconds=4)) -> ServerProcess:
    return ServerProcess(pid, "mariadbd", create_time=(NOON + started).timestamp())


@pytest.mark.parametrize(
    ("lines", "met", "first"),
    [
        ((RECOVERS,), "is starting, or recovers: process 4712", "wait until it is ready"),
        ((READY, STOP), "is shutting down: process 4712", "wait until its process has ended"),
        ((READY,), "runs (process 4712, ready since", "see where it listens"),
    ],
)
def test_it_is_told_as_what_it_does(
    tmp_path: Path, lines: tuple[str, ...], met: str, first: str
) -> None:
    case = looked_at(tmp_path / "error.log", (*BEFORE, *lines), mariadbd())
    diagnosis = diagnose(case)
    down = down_now(case, diagnosis)
    assert down is not None
    assert met in down.met
    assert "has not ended" in down.ended
    assert len(f"NEXT  x  {down.start}") <= 80, "the last words say what not to do"
    assert first in " ".join(render(case, diagnosis, "text").split())
    ends = [e for e in case.evidence if e.signal in ("log.unclean-end", "log.shutdown-unfinished")]
    assert [(e.signal, e.count) for e in ends] == [("log.unclean-end", 1)], "the life before"


def test_it_may_write_on_after_nobody_listened_until_it_is_ready(tmp_path: Path) -> None:
    early = NOON + timedelta(seconds=5.5)
    case = looked_at(tmp_path / "error.log", (*BEFORE, RECOVERS), mariadbd(), refused_at=early)
    assert "log.process-runs" in [e.signal for e in case.evidence]
    ready = (*BEFORE, RECOVERS, READY)
    case = looked_at(tmp_path / "error.log", ready, mariadbd(), refused_at=early)
    assert "log.process-runs" not in [e.signal for e in case.evidence]


@pytest.mark.parametrize(
    "process",
    [mariadbd(pid=99), mariadbd(started=timedelta(minutes=1))],
    ids=["another number", "the number given again"],
)
def test_another_process_does_not_stand_for_it(tmp_path: Path, process: ServerProcess) -> None:
    case = looked_at(tmp_path / "error.log", (*BEFORE, RECOVERS), process)
    signals = [e.signal for e in case.evidence]
    assert "log.process-runs" not in signals
    assert signals.count("log.unclean-end") == 2


@pytest.mark.parametrize(
    "end",
    [
        "261123 12:00:09 [ERROR] mysqld got signal 11 ;",
        "2026-11-23 12:00:09 0 [ERROR] InnoDB: Plugin initialization aborted with error Generic",
    ],
    ids=["it dumps its memory", "it gave up"],
)
def test_a_process_that_crashed_or_cannot_start_is_not_waited_for(tmp_path: Path, end: str) -> None:
    case = looked_at(tmp_path / "error.log", (*BEFORE, end), mariadbd())
    assert "log.process-runs" not in [e.signal for e in case.evidence]


def test_this_machines_processes_are_none_of_a_server_on_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In containers all have the number 1."""
    monkeypatch.setattr(LocalHost, "server_processes", lambda _: (mariadbd(),))
    case = looked_at(tmp_path / "error.log", (*BEFORE, RECOVERS), mariadbd(), is_seen=False)
    assert "log.process-runs" not in [e.signal for e in case.evidence]
