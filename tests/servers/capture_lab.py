"""Captures as an operator begins them, and what the server says of its logs."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.servers.harness.server import ServerUnderTest

RESTORED_SECONDS = 10.0
"""How long after the wizard's death the log may still be on, on a machine that is not busy: the
soak holds captures to it; the tests wait _PATIENCE, far less than their captures last."""

_PATIENCE = 60.0


def arguments(server: ServerUnderTest, *more: str) -> list[str]:
    return [
        sys.executable, "-m", "wizard.cli", "capture", *more,
        "-S", str(server.socket), "-u", "root",
    ]  # fmt: skip


def start(server: ServerUnderTest, *more: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        arguments(server, *more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def run(server: ServerUnderTest, *more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        arguments(server, *more), capture_output=True, text=True, timeout=_PATIENCE, check=False
    )


def answer(server: ServerUnderTest, *more: str) -> dict[str, Any]:
    done = run(server, *more, "--format", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def logging_state(server: ServerUnderTest) -> Mapping[str, object]:
    return server.sql(
        "SELECT @@GLOBAL.general_log AS general_log, @@GLOBAL.general_log_file AS general_file,"
        " @@GLOBAL.slow_query_log AS slow_log, @@GLOBAL.slow_query_log_file AS slow_file,"
        " @@GLOBAL.log_output AS output, @@GLOBAL.long_query_time AS seconds"
    )[0]


def left_files(server: ServerUnderTest) -> list[Path]:
    return list(server.data.glob("goneaway-wizard-*"))


def is_on(server: ServerUnderTest) -> bool:
    return bool(logging_state(server)["general_log"])


def wait_until(condition: Callable[[], bool], seconds: float = _PATIENCE) -> float:
    """How long it took; asserts that it came to be."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it did not come to be in time"
        time.sleep(0.05)
    return time.monotonic() - began


def guard_of(wizard: int) -> int:
    """The guard that the process `wizard` started."""
    found = 0

    def look() -> bool:
        nonlocal found
        found = next(iter(guards_of(wizard)), 0)
        return bool(found)

    wait_until(look)
    return found


def guards_of(parent: int) -> list[int]:
    """Its guards at this moment."""
    children = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            ppid = int(re.sub(r".*\) ", "", stat, flags=re.DOTALL).split()[1])
            if ppid == parent and b"guard_process" in command:
                children.append(int(entry.name))
    return children


def kill(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
