"""A log whose time goes back is noticed and said, and one whose time only rises is not accused."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.benches.planted import error_log
from wizard import cli
from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.logs.engine.open_log import open_log
from wizard.logs.error.line import error_clock
from wizard.logs.error.read_log import read_file
from wizard.logs.error.two_halves import scan_part

START = datetime(2026, 10, 25, 2, 30, tzinfo=UTC)
EVER = Window(START - timedelta(days=300), START + timedelta(days=300))


def note(minutes: float) -> str:
    at = START + timedelta(minutes=minutes)
    return f"{at:%Y-%m-%d} {at.hour:>2}:{at:%M:%S} 9 [Note] something ordinary\n"


def iso(minutes: float, text: str = "[Note] [MY-010000] [Server] something") -> str:
    return f"{START + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%S.%f}Z 9 {text}\n"


TRACE = "stack_bottom = 0x7f3c thread_stack 0x49000\n/usr/sbin/mariadbd(+0x1)[0x55]\n"

STEPS = {
    "an hour, as at the end of summer time": (
        [note(n) for n in range(30)] + [note(n) for n in range(-30, 30)],
        "goes back by 59 min", "summer time", 31,
    ),
    "a day, with a stack trace between": (
        [iso(n) for n in range(30)] + [TRACE] + [iso(n - 1440) for n in range(30)],
        "goes back by 1 d", "the clock was set", 33,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STEPS)
def test_a_step_back_is_said_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    lines, words, why, number = STEPS[case]
    path = tmp_path / "error.log"
    path.write_text("".join(lines), encoding="utf-8")
    (remark,) = read_file(LocalHost(), str(path), EVER, UTC).remarks
    assert words in remark
    assert why in remark
    assert f"error.log, line {number}:" in remark
    assert cli.main(["logs", str(path), "--kind", "error"]) == 0
    assert f"line {number}: the log's time goes back" in capsys.readouterr().err


@pytest.mark.parametrize(
    "lines",
    [
        [note(n) for n in range(90)],
        [note(n / 30 - (n % 5) / 60) for n in range(900)],
        [note(0), TRACE, note(1), TRACE, "2026-10-25 00:40:00 UTC - mysqld got signal 11 ;\n"],
        [iso(0), iso(0.1), "261025  2:31:00 [Note] an old form\n", iso(0.2)],
    ],
    ids=["rising", "threads a few seconds apart", "traces and UTC", "two forms"],
)
def test_what_is_no_step_is_not_said(tmp_path: Path, lines: list[str]) -> None:
    path = tmp_path / "error.log"
    path.write_text("".join(lines), encoding="utf-8")
    assert read_file(LocalHost(), str(path), EVER, timezone(timedelta(hours=2))).remarks == ()


def test_two_processes_see_the_same_steps(tmp_path: Path) -> None:
    error_log(path := tmp_path / "error.log", 600_000)
    data = path.read_bytes()
    path.write_bytes(data + data + data)
    log = open_log(LocalHost(), str(path), error_clock(UTC))
    one = scan_part(log, 0, log.size, UTC)
    two = scan_part(log, 0, log.size, UTC, large=1000)
    assert len(one.steps) == 2
    assert two.steps == one.steps
