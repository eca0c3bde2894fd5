"""The demo's faults are found, and nothing of the demo is left however it ends."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from wizard.case.case import Case
from wizard.cli import main
from wizard.commands import demo
from wizard.demo.binaries import NoServerInstalled
from wizard.demo.faults import Fault
from wizard.demo.recorded import recorded_case
from wizard.diagnosis.diagnose import diagnose

pytestmark = pytest.mark.servers

ROOT = Path(__file__).parents[2]
CAUSES = {
    Fault.IDLE: "idle-timeout",
    Fault.PACKET: "packet-too-large",
    Fault.CRASH: "server-crash",
    Fault.RESTART: "server-restarted",
    Fault.KILL: "connection-killed",
}


@pytest.fixture
def place() -> Iterator[Path]:
    """Short enough for a socket's path: the demo would not use a longer one."""
    with tempfile.TemporaryDirectory(prefix="demo-", dir="/tmp") as made:
        yield Path(made)


def started(place: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "wizard.cli", "demo", *arguments],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(place)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("fault", list(Fault))
def test_each_fault_is_found_and_every_failure_explained(fault: Fault, place: Path) -> None:
    with started(place, fault, "--headless", "--format", "json") as process:
        answer, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    report = json.loads(answer)
    assert report["diagnosis"][0]["cause"] == CAUSES[fault]
    assert report["diagnosis"][0]["verdict"] in ("confirmed", "likely")
    assert report["failures"]["total"] >= 3
    assert report["failures"]["unexplained"] == 0
    assert not list(place.iterdir())


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)],
)
def test_nothing_is_left_of_an_interrupted_demo(
    number: signal.Signals, code: int, place: Path
) -> None:
    with started(place, "idle", "--headless") as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "wait_timeout" in line:
                break
        assert list(place.iterdir())
        process.send_signal(number)
        # The guard holds no end of the pipes, so that their end does not wait for it.
        answer, said = process.communicate(timeout=180)
    assert process.returncode == code
    assert "Traceback" not in said
    assert answer == ""
    _until_empty(place)


@pytest.mark.parametrize("fault", list(Fault))
def test_a_recorded_case_names_the_cause(fault: Fault) -> None:
    case: Case = recorded_case(fault)
    best = diagnose(case).findings[0]
    assert best.cause == CAUSES[fault]
    assert best.verdict.accuses


def test_without_a_server_a_recorded_case_is_shown_and_said_to_be_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none() -> None:
        raise NoServerInstalled("no mariadbd or mysqld is installed here")

    monkeypatch.setattr(demo, "find_server", none)
    assert main(["demo", "packet", "--headless"]) == 0
    shown = capsys.readouterr()
    assert "max_allowed_packet" in shown.out
    assert "no mariadbd or mysqld is installed here; showing a recorded case" in shown.err


def test_an_unknown_fault_is_wrong_usage() -> None:
    with pytest.raises(SystemExit) as refused:
        main(["demo", "earthquake"])
    assert refused.value.code == 2


def _until_empty(directory: Path) -> None:
    give_up = time.monotonic() + 120
    while list(directory.iterdir()) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not list(directory.iterdir())
