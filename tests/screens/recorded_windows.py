"""What a real MySQL 9.7 told for the windows of a capture, and a recorder's live picture."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Any, cast

from screens.capture_jobs import Ready
from screens.opening import Engine
from tests.screens.fake import NOW
from tests.screens.test_recorder_pane import Looking, lost
from wizard.capture.journal import CaptureEntry, CaptureState
from wizard.capture.logging_state import CaptureKind
from wizard.capture.prepare import Place, Prepared, Wanted
from wizard.capture.source import Progress
from wizard.case.evidence import Evidence, StepResult, StepStatus, Table
from wizard.recorder.live import Moment

OWN = "'/var/lib/mysql/goneaway-wizard-slow-20261129-041604-1a21.log'"
SETUP = (
    f"SET GLOBAL slow_query_log_file = {OWN}",
    "SET GLOBAL long_query_time = 0.500000",
    "SET GLOBAL log_slow_extra = 1",
    "SET GLOBAL slow_query_log = 1",
    "DO SLEEP(35)",
)
BACK = (
    f"SET GLOBAL slow_query_log = IF(@@GLOBAL.slow_query_log_file = {OWN}, 0,"
    " @@GLOBAL.slow_query_log)",
    "SET GLOBAL long_query_time = IF(ABS(@@GLOBAL.long_query_time - 0.500000) < 0.0000005,"
    " 10.000000, @@GLOBAL.long_query_time)",
    "SET GLOBAL log_slow_extra = 0",
    f"SET GLOBAL slow_query_log_file = IF(@@GLOBAL.slow_query_log_file = {OWN},"
    " '/var/lib/mysql/db1-slow.log', @@GLOBAL.slow_query_log_file)",
)
COSTS = (
    "cost: at most what 8 statements a second write; it ends after 30 s or 64 MiB; 68.9 GiB are"
    " free where it is written",
    "trivial statements take about 3.5 times as long while all are logged",
    "it tells which statements took long, and what they read; not who waited for them",
    "sessions copied long_query_time at login: those that are open keep theirs, and only new"
    " ones are logged by the new limit",
)
HELD = StepResult(
    "slow-log",
    StepStatus.DONE,
    headline="2 statements took longer than 0.5 s",
    notes=("the slow log from 2026-03-01 15:00:00 UTC on, for 13 s (the server put it back)",),
    evidence=(
        Evidence(
            "slow.long", "statements took longer than 0.5 s", "the slow log", 2, NOW, NOW,
            excerpt="SELECT SLEEP(?)",
        ),
    ),
    tables=(
        Table(
            "Statements by shape",
            ("count", "total", "p95", "max", "lock", "examined", "sent", "statement"),
            (("2", "4.1 s", "2.1 s", "2.1 s", "0 s", "2", "2", "SELECT SLEEP(?)"),),
        ),
    ),
)  # fmt: skip
LEFT = CaptureEntry(
    "20261129-041604-1a21", NOW, NOW + timedelta(seconds=35), CaptureState.IN_FORCE,
    CaptureKind.SLOW, "db1:3306", "server-1", "root", BACK, OWN, OWN, 1, "-", "-",
)  # fmt: skip


def look(_engine: Engine, wanted: Wanted, _say: Callable[[str], None]) -> Ready:
    def unopened(_session: object) -> Any:
        raise AssertionError("nothing is captured here")

    prepared = Prepared(wanted, COSTS, SETUP, BACK, False, "", unopened)
    return Ready(cast("Place", None), prepared, ())


class Capturing:
    """Holds a capture midway until `over` is set."""

    def __init__(self) -> None:
        self.over = Event()

    def __call__(
        self, _engine: Engine, _ready: Ready, goes: Callable[[Progress], bool]
    ) -> StepResult:
        goes(Progress(12.0, 6656))
        self.over.wait(60)
        return HELD


def watched() -> Looking:
    """Five minutes of a recorder, with what was lost in them."""
    events = [
        replace(lost(0), at=NOW - timedelta(seconds=200)),
        replace(lost(0, "connection-killed", "app was killed"), at=NOW - timedelta(seconds=70)),
        replace(lost(0), at=NOW - timedelta(seconds=5)),
    ]
    moments = [Moment(NOW - timedelta(seconds=n), 40 + n % 7, n % 2, 1) for n in range(290, -1, -5)]
    return Looking(deque(events), deque(moments))
