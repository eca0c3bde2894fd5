"""A long reading of any kind of log tells how far it is, and can be stopped at any time."""

import os
import pty
import select
import sys
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest

from tests.benches import planted
from wizard import cli
from wizard.hosts.local.host import LocalHost
from wizard.logs.application.read import scan_application_log
from wizard.logs.engine import progress
from wizard.logs.engine.open_log import open_log
from wizard.logs.error.line import error_clock
from wizard.logs.error.two_halves import scan_part
from wizard.logs.general.read import read_general_log
from wizard.logs.slow.read import read_slow_log

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
    assert all("MB/s" in told and "s left" in told for told in said)
    read_so_far = [float(told.split(" of ")[0].replace(",", "")) for told in said]
    assert read_so_far == sorted(read_so_far)
    assert f" of {size / 1e6:,.0f} MB" in said[0]

    def stop() -> None:
        raise StoppedByTest

    with pytest.raises(StoppedByTest):
        read(path, stop, said.append)


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
