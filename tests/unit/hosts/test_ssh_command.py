"""How a command on another machine is begun, and what is told where its time runs out just then."""

import time
from typing import Any, cast

import paramiko
import pytest

from wizard.hosts.ssh.command import begin


class Channel:
    """Lets each command start, whenever that is."""

    def __init__(self) -> None:
        self.begun: list[str] = []

    def exec_command(self, command: str) -> None:
        self.begun.append(command)

    def close(self) -> None:
        pass


def begun(seconds: float) -> list[str]:
    channel: Any = Channel()
    begin(cast(paramiko.Channel, channel), "x", time.monotonic() + seconds)
    return cast(Channel, channel).begun


def test_a_command_that_starts_in_time_is_begun() -> None:
    assert begun(60.0) == ["x"]


def test_one_that_starts_as_its_time_runs_out_is_no_command_that_answered_nothing() -> None:
    with pytest.raises(TimeoutError):
        begun(0.0)
