"""The binary search in a log file, against a search that reads every line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wizard.hosts.local.host import LocalHost
from wizard.logs.engine.log_file import LogFile
from wizard.logs.error.line import error_clock, parse_line
from wizard.logs.error.marks import START_TEXTS

START = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def _linear(data: bytes, moment: datetime) -> int:
    offset = 0
    for line in data.split(b"\n"):
        parsed = parse_line(line, UTC)
        if parsed is not None and parsed.at is not None and parsed.at >= moment:
            return offset
        offset += len(line) + 1
    return len(data)


def _written(path: Path, trace: int) -> bytes:
    """4000 stamped lines, one a second, with unstamped blocks of `trace` bytes among them."""
    parts = []
    for second in range(4000):
        at = START + timedelta(seconds=second)
        parts.append(f"{at:%Y-%m-%d} {at.hour:>2}:{at:%M:%S} {second} [Note] line {second}")
        if second % 500 == 250:
            parts.append("frame\n" * (trace // 12) + "x" * (trace // 2))
    data = "\n".join(parts).encode() + b"\n"
    path.write_bytes(data)
    return data


@pytest.mark.parametrize("trace", [0, 100, 70_000, 300_000])
def test_the_search_agrees_with_reading_every_line(tmp_path: Path, trace: int) -> None:
    path = tmp_path / "error.log"
    data = _written(path, trace)
    log = LogFile.open(LocalHost(), str(path), error_clock(UTC))
    for seconds in (-5, 0, 1, 249, 250, 251, 1999.5, 2000, 3999, 4000, 9999):
        moment = START + timedelta(seconds=seconds)
        assert log.seek(moment) == _linear(data, moment), seconds


def test_blocks_hold_whole_lines_and_all_of_them(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    data = b"".join(b"2026-11-23 10:00:00 1 [Note] %d\n" % n * 9 for n in range(9000))
    path.write_bytes(data + b"no newline at the end")
    log = LogFile.open(LocalHost(), str(path), error_clock(UTC))
    blocks = list(log.blocks(0, log.size, 1))
    assert b"".join(c.data for c in blocks) == data + b"no newline at the end"
    assert len(blocks) > 2
    assert all(c.data.endswith(b"\n") for c in blocks[:-1])
    last = blocks[-1]
    assert last.line == 1 + data[: last.offset].count(b"\n")


def test_the_previous_start_is_found_far_before_the_window(tmp_path: Path) -> None:
    path = tmp_path / "error.log"
    start = b"2026-11-23 10:00:00 0 [Note] Starting MariaDB 10.11.19 as process 4711\n"
    note = b"2026-11-23 10:00:01 5 [Note] something ordinary that is logged often\n"
    path.write_bytes(note + start + note * 60_000)
    log = LogFile.open(LocalHost(), str(path), error_clock(UTC))
    assert log.size > 3 << 20
    assert log.previous(log.size, START_TEXTS) == len(note)
    assert log.previous(len(note), START_TEXTS) == 0


def test_a_log_that_begins_with_gigabytes_of_nothing(tmp_path: Path) -> None:
    """A sparse file, as `copytruncate` leaves it behind a server that writes on at its offset."""
    path = tmp_path / "error.log"
    data = _written(path, 0)
    with path.open("wb") as log:
        log.truncate(12 << 30)
        log.seek(12 << 30)
        log.write(b"\n" + data)
    log_file = LogFile.open(LocalHost(), str(path), error_clock(UTC))
    for seconds in (0, 1, 250, 1999.5, 3999, 9999):
        moment = START + timedelta(seconds=seconds)
        assert log_file.seek(moment) == (12 << 30) + 1 + _linear(data, moment), seconds


@pytest.mark.parametrize("garbage", [1 << 20, 40 << 20])
def test_a_log_that_ends_in_garbage(tmp_path: Path, garbage: int) -> None:
    path = tmp_path / "error.log"
    data = _written(path, 0)
    with path.open("ab") as log:
        log.write(b"frame of a stack, without a time\n" * (garbage // 33))
    log_file = LogFile.open(LocalHost(), str(path), error_clock(UTC))
    for seconds in (0, 1, 250, 1999.5, 3999):
        moment = START + timedelta(seconds=seconds)
        assert log_file.seek(moment) == _linear(data, moment), seconds
    assert log_file.seek(START + timedelta(seconds=9999)) == log_file.size
