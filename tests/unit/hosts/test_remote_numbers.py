"""Another machine's numbers, each odd in its turn: they are told, or refused in one line."""

import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wizard.health.live import look
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import HostError, HostMetrics
from wizard.hosts.remote import scripts
from wizard.hosts.remote.metrics import parse_metrics
from wizard.hosts.remote.processes import parse_processes
from wizard.recorder.host_look import HostEyes

MARK = "==mark"
ODD = (b"0", b"-7", b"", b"1.5", b"9" * 26, b"9" * 400, b"9" * 5_000, "\u0661".encode(), b"nan")


def said(script: str, *arguments: str) -> bytes:
    """What this machine's own shell answers."""
    line = scripts.command_line(scripts.SUDO_WITHOUT_PASSWORD + script, *arguments)
    return subprocess.run(line, shell=True, capture_output=True, check=False).stdout


def metrics(told: bytes) -> list[float]:
    found = parse_metrics(told, MARK, ("/",))
    assert isinstance(found, HostMetrics)
    return [found.at, found.boot_time]


def starts(told: bytes) -> list[float]:
    return [p.create_time for p in parse_processes(told, MARK) if p.create_time is not None]


STAT = b"7 (mariadbd) S 1 7 7 0 -1 4 0 0 0 0 0 0 0 0 20 0 9 0 500 1 1 1"
PROCESSES = b"\n".join(
    (b"==mark ticks", b"100", b"==mark page", b"4096", b"==mark boot", b"btime 1700000000",
     b"==mark root", b"1:2", b"==mark tcp", b"0100007F:0CEA 77",
     b"==mark process 7 mariadbd", b"==mark stat", STAT, b"==mark statm", b"9 8 7",
     b"==mark files", b"Max open files 1024 4096", b"==mark fds", b"77 78")
)  # fmt: skip
"""As scripts.PROCESSES prints one server."""


@pytest.mark.parametrize(
    ("told", "times"),
    [(lambda: said(scripts.METRICS, MARK, "1", "/"), metrics), (lambda: PROCESSES, starts)],
    ids=["metrics", "processes"],
)
def test_an_odd_number_is_no_time_that_is_none(
    told: Callable[[], bytes], times: Callable[[bytes], list[float]]
) -> None:
    text = told()
    assert times(text)
    for number in re.finditer(rb"\d+", text):
        for odd in ODD:
            try:
                found = times(text[: number.start()] + odd + text[number.end() :])
            except HostError:
                continue
            for at in found:
                datetime.fromtimestamp(at, UTC)


class _Empty(LocalHost):
    """A machine whose /proc/meminfo cannot be told."""

    def read(self, path: object, start: int = 0, size: int = 1 << 20) -> bytes:
        return b"" if str(path) == "/proc/meminfo" else super().read(Path(str(path)), start, size)


def test_a_machine_without_its_memory_is_out_of_sight() -> None:
    with pytest.raises(HostError, match="/proc"):
        look(_Empty(), None, None)
    with pytest.raises(HostError, match="/proc"):
        HostEyes(_Empty(), None, None, "/").look(False)
