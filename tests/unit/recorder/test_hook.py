"""The operator's command: once a minute, given the event, and harmless whatever it does."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.hook import PAUSE, Hook
from wizard.safety.errors import UsageError

AT = datetime(2026, 11, 28, 2, 14, 7, tzinfo=UTC)
LOST = RecorderEvent(AT, EventKind.SESSION_ENDED, 'app "x" was lost', None, "idle-timeout")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_is_given_the_event_and_runs_once_a_minute(tmp_path: Path) -> None:
    out, clock, said = tmp_path / "out", Clock(), list[str]()
    hook = Hook(f"sh -c 'cat >> {out}; echo $GONEAWAY_SUPPRESSED >> {out}'", said.append, clock)
    assert hook.tell(LOST)
    hook.wait()
    clock.now = PAUSE - 1
    assert not hook.tell(LOST)
    clock.now = PAUSE
    assert hook.tell(LOST)
    hook.wait()
    lines = out.read_text().splitlines()
    assert [json.loads(lines[n])["text"] for n in (0, 2)] == [LOST.text, LOST.text]
    assert lines[1::2] == ["0", "1"]
    assert said == []


def test_what_the_recorder_says_of_itself_alarms_nobody(tmp_path: Path) -> None:
    hook = Hook(f"touch {tmp_path / 'out'}", lambda _text: None)
    for kind in (EventKind.STARTED, EventKind.STOPPED, EventKind.GAP):
        assert not hook.tell(RecorderEvent(AT, kind, ""))


@pytest.mark.parametrize("command", ["/nowhere/at-all", "/dev/null", "no-such-program x"])
def test_what_is_no_program_is_refused_before_the_night(command: str) -> None:
    with pytest.raises(UsageError, match="there is no program"):
        Hook(command, print)


@pytest.mark.parametrize(
    ("command", "said"),
    [("sh -c 'echo no >&2; exit 3'", "ended with 3: no"), ("{gone}", "No such file")],
)
def test_its_failure_is_one_line_and_harms_nothing(command: str, said: str, tmp_path: Path) -> None:
    told = list[str]()
    gone = tmp_path / "gone"
    gone.write_text("#!/bin/sh\n")
    gone.chmod(0o700)
    hook = Hook(command.format(gone=gone), told.append)
    gone.unlink()
    assert hook.tell(LOST)
    hook.wait()
    (line,) = told
    assert said in line
    assert "\n" not in line


def test_one_that_reads_nothing_is_no_failure() -> None:
    told = list[str]()
    hook = Hook("true", told.append)
    assert hook.tell(LOST)
    hook.wait()
    assert told == []


@pytest.mark.parametrize("command", ["", "  ", "'open"])
def test_what_is_no_command_is_said_at_once(command: str) -> None:
    with pytest.raises(UsageError, match="--exec"):
        Hook(command, lambda _text: None)
