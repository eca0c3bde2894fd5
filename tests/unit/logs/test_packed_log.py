"""A compressed log of any size: its window is found, and it can be stopped at any time."""

import bz2
import gzip
import lzma
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wizard.hosts.local import unpack
from wizard.hosts.local.host import LocalHost
from wizard.logs.engine.open_log import open_log
from wizard.logs.engine.packed_log import PackedLog
from wizard.logs.error.line import error_clock

START = datetime(2026, 11, 23, tzinfo=UTC)
LINES = [
    f"{START + timedelta(seconds=n):%Y-%m-%d %H:%M:%S} {n} [Note] {'x' * (n % 300)}\n".encode()
    for n in range(20_000)
]


def zstd(data: bytes) -> bytes:
    if shutil.which("zstd") is None:
        pytest.skip("there is no zstd")
    return subprocess.run(("zstd", "-qc"), input=data, stdout=subprocess.PIPE, check=True).stdout


class StoppedByTest(Exception):
    """What a checkpoint raises here."""


def _packed(place: Path) -> Path:
    path = place / "error.log.1.gz"
    path.write_bytes(gzip.compress(b"".join(LINES), 1))
    return path


@pytest.mark.parametrize("cells", [1, 2, 5, 8192])
def test_a_window_is_found_however_far_apart_the_noted_times_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cells: int
) -> None:
    monkeypatch.setattr(unpack, "MAX_CELLS", cells)
    log = open_log(LocalHost(), str(_packed(tmp_path)), error_clock(UTC))
    assert log.size == sum(map(len, LINES))
    for number in (0, 1, 1234, 9_999, 19_999, 25_000):
        offset = log.seek(START + timedelta(seconds=number))
        assert offset == sum(map(len, LINES[:number]))
        assert log.seek(START + timedelta(seconds=number - 0.5)) == offset


def test_it_stops_while_it_is_unpacked_and_while_it_is_passed_over(tmp_path: Path) -> None:
    path = _packed(tmp_path)
    passed = 0

    def stop_at_the_second() -> None:
        nonlocal passed
        passed += 1
        if passed >= 2:
            raise StoppedByTest

    with pytest.raises(StoppedByTest):
        open_log(LocalHost(), str(path), error_clock(UTC), stop_at_the_second)
    passed = -1000
    log = open_log(LocalHost(), str(path), error_clock(UTC), stop_at_the_second)
    next(log.blocks(0, log.size))
    passed = 1
    with pytest.raises(StoppedByTest):
        next(log.blocks(log.size - 1000, log.size))


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "xz": lzma.compress,
    "bz2": bz2.compress,
    "zst": zstd,
}


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("name", ["error.log", "error.log.gz", "error.log.xz"])
def test_a_compressed_file_is_known_whatever_its_name(
    tmp_path: Path, packer: str, name: str
) -> None:
    data = b"".join(LINES[:500])
    (path := tmp_path / name).write_bytes(PACKERS[packer](data))
    log = open_log(LocalHost(), str(path), error_clock(UTC))
    assert b"".join(block.data for block in log.blocks(0, log.size)) == data


def test_a_plain_file_is_known_whatever_its_name_and_what_is_none_is_told(tmp_path: Path) -> None:
    data = b"".join(LINES[:500])
    (path := tmp_path / "error.log.gz").write_bytes(data)
    log = open_log(LocalHost(), str(path), error_clock(UTC))
    assert b"".join(block.data for block in log.blocks(0, log.size)) == data
    assert log.seek(START + timedelta(seconds=7)) == sum(map(len, LINES[:7]))
    for damaged in (b"", b"\0" * 5000, gzip.compress(data)[6:], b"no log at all\n"):
        path.write_bytes(damaged)
        log = open_log(LocalHost(), str(path), error_clock(UTC))
        assert log.size == 0
        assert isinstance(log, PackedLog)
        assert bool(log.remark) == bool(damaged)
