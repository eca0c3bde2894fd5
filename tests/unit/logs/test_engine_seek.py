"""Windows of general and slow logs are found by search, as by reading every line."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath

import pytest

from tests.benches.planted import general_log, slow_log
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import HostError
from wizard.logs.engine.log_file import LogFile
from wizard.logs.engine.open_log import open_log
from wizard.logs.engine.stamps import Clock, general_clock, slow_clock
from wizard.logs.engine.whole_lines import LONGEST


def linear(data: bytes, clock: Clock, moment: datetime) -> int:
    offset = 0
    for line in data.split(b"\n"):
        at = clock(line)
        if at is not None and at >= moment:
            return offset
        offset += len(line) + 1
    return len(data)


@pytest.mark.parametrize("mysql", [False, True])
@pytest.mark.parametrize("kind", ["general", "slow"])
def test_a_search_agrees_with_reading_every_line(tmp_path: Path, kind: str, mysql: bool) -> None:
    path = tmp_path / "log"
    (general_log if kind == "general" else slow_log)(path, 2 << 20, mysql)
    clock = (general_clock if kind == "general" else slow_clock)(UTC)
    data = path.read_bytes()
    times = [at for line in data.split(b"\n") if (at := clock(line))]
    log = open_log(LocalHost(), str(path), clock)
    span = times[-1] - times[0]
    for part in (0.0, 0.001, 0.25, 0.5, 0.9, 0.999, 1.0, 1.1):
        moment = times[0] + span * part
        assert log.seek(moment) == linear(data, clock, moment), part


def test_of_a_very_long_line_the_beginning_is_kept_and_the_next_line_is_whole(
    tmp_path: Path,
) -> None:
    path = tmp_path / "general.log"
    path.write_bytes(b"first\n" + b"x" * (3 * LONGEST + 17) + b" Aborted\nlast\nno end")
    log = open_log(LocalHost(), str(path), general_clock(UTC))
    for length in (512, 4096, 1 << 18, 8 << 20):
        blocks = list(log.blocks(0, log.size, 1, length))
        assert sum(block.size for block in blocks) == log.size
        lines = [(line, len(x)) for line, x in _numbered(blocks)]
        if length < LONGEST:
            assert lines == [(1, 5), (2, LONGEST), (3, 4), (4, 6)]


def _numbered(blocks: object) -> list[tuple[int, bytes]]:
    found = []
    for block in blocks:  # type: ignore[attr-defined]
        for number, line in enumerate(block.data.removesuffix(b"\n").split(b"\n")):
            found.append((block.line + number, line))
    return found


def test_a_stamp_of_each_shape_is_read() -> None:
    at = datetime(2026, 11, 26, 9, 5, 1, tzinfo=UTC)
    general, slow = general_clock(UTC), slow_clock(UTC)
    assert general(b"261126  9:05:01\t    12 Connect\tapp@h on shop") == at
    assert general(b"2026-11-26T09:05:01.000000Z\t   12 Query\tSELECT 1") == at
    assert general(b"2026-11-26T10:05:01.5+01:00\t   12 Quit\t") == at + timedelta(seconds=0.5)
    assert general(b"\t\t    12 Query\tSELECT '261126  9:05:01'") is None
    assert slow(b"# Time: 261126  9:05:01") == at
    assert slow(b"# Time: 2026-11-26T09:05:01.000000Z") == at
    assert slow(b"SET timestamp=1795683901;") == at
    assert slow(b"SET timestamp=99999999999999;") is None


def test_a_log_that_is_rotated_while_it_is_read_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "general.log"
    path.write_bytes(b"line one\n" * 50_000)
    log = open_log(LocalHost(), str(path), general_clock(UTC))
    blocks = log.blocks(0, log.size, 1)
    first = next(blocks)
    path.rename(tmp_path / "general.log.1")
    path.write_bytes(b"another file\n" * 90_000)
    rest = b"".join(block.data for block in blocks)
    assert first.data + rest == b"line one\n" * 50_000


def test_a_log_that_is_cut_while_it_is_read_ends_there(tmp_path: Path) -> None:
    path = tmp_path / "general.log"
    path.write_bytes(b"line one\n" * 100_000)
    log = open_log(LocalHost(), str(path), general_clock(UTC))
    blocks = log.blocks(0, log.size, 1)
    first = next(blocks)
    os.truncate(path, 9)
    with path.open("ab") as more:
        more.write(b"appended\n")
    assert b"".join(block.data for block in blocks) in b"line one\n"
    assert set(first.data.split(b"\n")) == {b"line one", b""}


class Endless:
    """A log of any size that is made where it is read: one line of 128 bytes every 3 ms."""

    def __init__(self, size: int) -> None:
        self.size, self.reads, self.taken = size, 0, 0

    def read(self, path: PurePath | str, offset: int = 0, length: int = 1 << 20) -> bytes:
        return self.read_blocks(path, (offset,), length)[0]

    def read_blocks(
        self, _path: PurePath | str, offsets: Sequence[int], length: int
    ) -> tuple[bytes, ...]:
        self.reads += 1
        self.taken += length * len(offsets)
        return tuple(self._bytes(offset, min(length, self.size - offset)) for offset in offsets)

    def _bytes(self, offset: int, length: int) -> bytes:
        first, last = offset // 128, (offset + length) // 128
        lines = b"".join(self.line(number) for number in range(first, last + 1))
        return lines[offset % 128 :][:length]

    def line(self, number: int) -> bytes:
        at = _BEGIN + timedelta(milliseconds=3 * number)
        text = f"{at:%Y-%m-%dT%H:%M:%S.%f}Z\t{number % 997:>5} Query\tSELECT 1"
        return text.encode().ljust(127) + b"\n"


_BEGIN = datetime(2026, 11, 20, tzinfo=UTC)


def test_the_last_hour_of_ten_gigabytes_takes_as_few_looks_as_of_one() -> None:
    looks = []
    for size in (1 << 30, 10 << 30):
        reader = Endless(size)
        log = LogFile(reader, "general.log", size, general_clock(UTC))
        number = size // 128 - 1_200_000
        assert log.seek(_BEGIN + timedelta(milliseconds=3 * number)) == 128 * number
        assert reader.taken < 1 << 20
        looks.append(reader.reads)
    assert looks[1] <= looks[0] + 2
    assert looks[1] <= 10


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_a_servers_log_in_wide_text_is_refused_with_what_converts_it(
    tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "error.log"
    path.write_bytes(("2026-11-23 10:45:15 0 [Note] ready for connections.\n" * 9).encode(encoding))
    with pytest.raises(HostError, match=r"is written in UTF-16.*iconv -f UTF-16(LE)? "):
        open_log(LocalHost(), str(path), general_clock(UTC))
    path.write_bytes(b"\0" * 5000 + b"2026-11-23 10:45:15 0 [Note] ready\n")
    assert open_log(LocalHost(), str(path), general_clock(UTC)).size > 5000
