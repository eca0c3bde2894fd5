"""General and slow logs that were rotated: the window goes back into `.1` and `.2.gz`."""

import gzip
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.logs.general.read import (
    GeneralFile,
    GeneralReading,
    read_general_log,
    read_general_logs,
)
from wizard.logs.slow.read import SlowReading, read_slow_log, read_slow_logs

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def general(at: datetime, number: int) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.000000Z\t{number:>5} Query\tSELECT {number}\n"


def slow(at: datetime, number: int) -> str:
    return (
        f"# Time: {at:%Y-%m-%dT%H:%M:%S}.000000Z\n# User@Host: app[app] @ web [10.0.0.5]  Id:  8\n"
        f"# Query_time: 2.5  Lock_time: 0.0 Rows_sent: 2  Rows_examined: 9\n"
        f"SET timestamp={int(at.timestamp())};\nSELECT x FROM t{number}a;\n"
    )


BANNER = "/usr/sbin/mysqld, Version: 8.0.44 (Source distribution). started with:\nTcp port: 3306\n"
"""What the server writes at the head of each file that it opens."""


def rotated(directory: Path, entry: Callable[[datetime, int], str], banner: str) -> Path:
    """Three files of an hour each, an entry a minute; the newest ends at noon."""
    path = directory / "host.log"
    for age, name in enumerate(("host.log", "host.log.1", "host.log.2.gz")):
        begin = NOON - timedelta(hours=age + 1)
        lines = [entry(begin + timedelta(minutes=m), 60 * age + m) for m in range(60)]
        data = "".join([banner, *lines]).encode()
        (directory / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
        last = (begin + timedelta(minutes=59)).timestamp()
        os.utime(directory / name, (last, last))
    return path


def statements(reading: GeneralFile | GeneralReading | SlowReading) -> int:
    return reading.digest.entries if isinstance(reading, SlowReading) else reading.work.entries


@pytest.mark.parametrize(
    ("entry", "one", "every"),
    [(general, read_general_log, read_general_logs), (slow, read_slow_log, read_slow_logs)],
    ids=["general", "slow"],
)
@pytest.mark.parametrize("banner", ["", BANNER], ids=["bare", "banner"])
@pytest.mark.parametrize(("minutes", "files"), [(30, 0), (90, 1), (150, 2), (600, 2)])
def test_the_window_goes_back_into_rotated_files(
    tmp_path: Path, entry: Callable[[datetime, int], str], one: Callable[..., GeneralReading],
    every: Callable[..., GeneralReading], minutes: int, files: int, banner: str,
) -> None:  # fmt: skip
    path = rotated(tmp_path, entry, banner)
    window = Window(NOON - timedelta(minutes=minutes), NOON)
    reading = every(LocalHost(), str(path), window)
    assert statements(reading) == min(minutes, 180)
    assert len(reading.remarks) == files
    assert not reading.cuts
    assert statements(one(LocalHost(), str(path), window)) == min(minutes, 60)


def test_a_rotated_file_that_cannot_be_read_is_a_cut(tmp_path: Path) -> None:
    path = rotated(tmp_path, slow, "")
    packed = tmp_path / "host.log.2.gz"
    packed.write_bytes(b"no gzip at all")
    os.utime(packed, (NOON.timestamp(), NOON.timestamp()))
    reading = read_slow_logs(LocalHost(), str(path), Window(NOON - timedelta(hours=9), NOON))
    assert reading.digest.entries == 120
    assert reading.cuts
