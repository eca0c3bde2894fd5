"""A long reading of any kind of log tells how far it is, and can be stopped at any time."""

import gzip
import os
import pty
import select
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.benches import planted
from wizard import cli
from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.logs.application.haproxy import proxy_sessions
from wizard.logs.application.open_file import open_log as open_app_log
from wizard.logs.application.read import scan_application_log
from wizard.logs.engine import progress, second_process
from wizard.logs.engine.open_log import open_log
from wizard.logs.error.line import error_clock
from wizard.logs.error.supervisor import supervisors_in_file
from wizard.logs.error.two_halves import scan_part
from wizard.logs.general.read import read_general_log
from wizard.logs.slow.read import read_slow_log

NOW = datetime.now(UTC)
WINDOW = Window(NOW - timedelta(days=1), NOW)

SIZE = 3_500_000
BETWEEN = 1 << 20
"""Bytes between two looks at whether to stop, at most."""


class StoppedByTest(Exception):
    """What a checkpoint raises here."""


Read = Callable[[Path, Callable[[], None], Callable[[str], None]], object]


def error(path: Path, checkpoint: Callable[[], None], say: Callable[[str], None]) -> object:
    log = open_log(LocalHost(), str(path), error_clock(UTC))
    return scan_part(log, 0, log.size, UTC, checkpoint, say)


def general(path: Path, checkpoint: Callable[[], None], say: Callable[[str], None]) -> object:
    return read_general_log(LocalHost(), str(path), None, UTC, checkpoint, say)


def slow(path: Path, checkpoint: Callable[[], None], say: Callable[[str], None]) -> object:
    return read_slow_log(LocalHost(), str(path), None, UTC, checkpoint, say)


def application(path: Path, checkpoint: Callable[[], None], say: Callable[[str], None]) -> object:
    return scan_application_log(path, checkpoint=checkpoint, say=say)


def _newest_first(path: Path, size: int) -> None:
    planted.application_log(path, size)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(reversed(lines)))


KINDS: dict[str, tuple[Callable[[Path, int], object], Read]] = {
    "error": (planted.error_log, error),
    "general": (planted.general_log, general),
    "slow": (planted.slow_log, slow),
    "application": (planted.application_log, application),
    "application, newest line first": (_newest_first, application),
}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SHOWN_AFTER", 0.0)
    monkeypatch.setattr(progress, "SHOWN_EVERY", 0.0)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_told_and_can_be_stopped_every_megabyte(tmp_path: Path, kind: str) -> None:
    write, read = KINDS[kind]
    write(path := tmp_path / "some.log", SIZE)
    looks = 0
    said: list[str] = []

    def look() -> None:
        nonlocal looks
        looks += 1

    read(path, look, said.append)
    size = path.stat().st_size
    assert looks >= size // BETWEEN
    assert len(said) >= 3
    assert all("MB/s" in told for told in said)
    read_so_far = [float(told.split(" of ")[0].replace(",", "")) for told in said]
    assert read_so_far == sorted(read_so_far)
    assert f" of {size / 1e6:,.0f} MB" in said[0]

    def stop() -> None:
        raise StoppedByTest

    with pytest.raises(StoppedByTest):
        read(path, stop, said.append)


def test_what_is_left_is_told_as_long_as_it_takes_a_second() -> None:
    slow = progress.Progress(100_000_000, 50_000_000, time.monotonic() - 10)
    assert str(slow).startswith("50 of 100 MB, 5 MB/s, 10 s left")
    assert str(replace(slow, done=99_000_000)).endswith(" MB/s")
    assert str(replace(slow, done=101_000_000)).endswith(" MB/s")
    assert str(replace(slow, what="second half")).startswith("second half: 50 of 100 MB")


Again = Callable[[Path, Callable[[], None], Callable[[str], None]], object]


def haproxys(path: Path, checkpoint: Callable[[], None], say: Callable[[str], None]) -> object:
    return proxy_sessions(path, WINDOW, open_app_log, checkpoint, say=say)


def supervisors(path: Path, checkpoint: Callable[[], None], say: Callable[[str], None]) -> object:
    return supervisors_in_file(path, WINDOW, open_app_log, checkpoint, say)


PROXY = (
    b"Nov 29 10:00:00 lb haproxy[7]: 10.0.0.1:5 [29/Nov/2026:10:00:00.000] db db/one 1/0/28800 "
    b"99 cD 1/1/1/1/0 0/0\n"
)
KILLED = b"shop-mysql-1 exited with code 137\n"
DATES = b"03/04/2026 10:00:00 INFO all is well with this order of the shop\n"


@pytest.mark.parametrize(
    ("line", "last", "read", "what"),
    [
        (PROXY, b"", haproxys, "HAProxy: "),
        (DATES, b"", supervisors, "supervisors: "),
        (DATES, KILLED, supervisors, "supervisors: "),
        (DATES, b"", application, "its times: "),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_each_further_time_through_a_file_is_named_and_can_be_stopped(
    tmp_path: Path, line: bytes, last: bytes, read: Again, what: str, packed: bool
) -> None:
    data = line * (SIZE // len(line)) + last
    (path := tmp_path / "app.log").write_bytes(gzip.compress(data) if packed else data)
    said: list[str] = []
    looks = 0

    def look() -> None:
        nonlocal looks
        looks += 1

    read(path, look, said.append)
    named = [told for told in said if told.startswith(what)]
    assert looks >= len(data) // BETWEEN
    assert len(named) >= 3
    assert all((f" of {len(data) / 1e6:,.0f} MB" in told) != packed for told in named)

    def stop() -> None:
        raise StoppedByTest

    with pytest.raises(StoppedByTest):
        read(path, stop, said.append)


def test_of_two_halves_each_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_process, "_processors", lambda: 2)
    planted.slow_log(path := tmp_path / "slow.log", SIZE)
    said: list[str] = []
    read_slow_log(LocalHost(), str(path), None, UTC, say=said.append, large=1 << 20)
    assert said[-1] == "second half: the other process is not done yet"
    assert {told.partition(":")[0] for told in said} == {"first half", "second half"}
    said.clear()
    planted.error_log(path, SIZE)
    log = open_log(LocalHost(), str(path), error_clock(UTC))
    scan_part(log, 0, log.size, UTC, say=said.append, large=1 << 20)
    assert {told.partition(":")[0] for told in said} == {"first half", "second half"}


@pytest.mark.parametrize("kind", ["error", "general", "slow", "application"])
def test_a_terminal_shows_it_and_a_file_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], kind: str
) -> None:
    KINDS[kind][0](path := tmp_path / "some.log", 1_000_000)
    command = ["logs", str(path), "--kind", kind if kind != "application" else "app"]
    assert cli.main(command) == 0
    assert "MB/s" not in capfd.readouterr().err
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        assert cli.main(command) == 0
        shown = ""
        # What was written comes through the terminal a little later.
        while not shown.endswith("\r\x1b[K") and select.select([master], [], [], 60)[0]:
            shown += os.read(master, 1 << 16).decode()
    os.close(master)
    assert "MB/s" in shown
    assert shown.endswith("\r\x1b[K")
