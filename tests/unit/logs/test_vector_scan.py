"""A large error log, read all lines of a block at a time, tells what reading line by line tells."""

import os
import random
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from knowledge.load import signatures
from tests.benches.planted import error_log
from tests.unit.logs.test_engine_scan import told
from wizard.hosts.local.host import LocalHost
from wizard.logs.engine.block import BLOCK, Block, cut
from wizard.logs.engine.open_log import open_log
from wizard.logs.engine.shapes import shape_of
from wizard.logs.error import by_size, two_halves
from wizard.logs.error.by_size import LARGE, Way, way_for
from wizard.logs.error.line import error_clock
from wizard.logs.error.scan import Scanner, scan
from wizard.logs.error.scan_model import Scan

np = pytest.importorskip("numpy", reason="the extra `fast` is not installed")
hypothesis = pytest.importorskip("hypothesis")
st: Any = hypothesis.strategies

from wizard.logs.engine import line_hash  # noqa: E402
from wizard.logs.engine.block_bytes import BlockBytes, rows  # noqa: E402
from wizard.logs.error import run_minutes, vector_kinds, vector_scan, written_accounts  # noqa: E402
from wizard.logs.error.vector_scan import VectorScanner  # noqa: E402

SAMPLES = [line for s in signatures("error-log") for line in (*s.matches, *s.rejects)]
DENSE = (
    "Aborted connection {n} to db: 'shop' user: 'app{u}' host: '10.0.{u}.{h}' (Got timeout reading"
    " communication packets)",
    "Access denied for user 'r{u}'@'web-{h}.example.net' (using password: YES)",
    "Aborted connection {n} to db: 'x' user: 'unauthenticated' host: '10.0.0.{h}' (This connection"
    " closed normally without authentication)",
    "page_cleaner: 1000ms intended loop took {n}ms",
)
ZONE = ZoneInfo("Europe/Prague")
START = datetime(2026, 10, 24, 23, 50, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _small_blocks_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_scan, "MANY", 1)


def heads(at: datetime, number: int) -> tuple[str, ...]:
    """As MariaDB, MySQL 8, MySQL 5.7 with SYSTEM time and MySQL 5.5 begin a line at that time."""
    local = at.astimezone(ZONE)
    return (
        f"{local:%Y-%m-%d} {local.hour:>2}:{local:%M:%S} {number} [Warning] ",
        f"{at:%Y-%m-%dT%H:%M:%S.%f}Z {number} [Note] [MY-010914] [Server] ",
        f"{local.isoformat(timespec='microseconds')} {number} [Note] ",
        f"{local:%y%m%d} {local.hour:>2}:{local:%M:%S} [Warning] ",
        f"{at:%Y-%m-%dT%H:%M:%S.%f}Z stdout F {at:%Y-%m-%dT%H:%M:%S.%f}Z {number} [Note] ",
    )


def lines_of(seed: int, count: int) -> list[bytes]:
    """Dense lines of mixed servers, lines of every signature, and what is no line of a log."""
    lots = random.Random(seed)
    at, flavour = START, lots.randrange(5)
    lines: list[bytes] = []
    for number in range(count):
        at += timedelta(seconds=lots.choice((0, 0, 1, 20, 400, 400, -300, -4000)))
        kind = lots.random()
        if kind < 0.6:
            text = lots.choice(DENSE).format(
                n=lots.randrange(1 << 30), u=lots.randrange(4), h=lots.randrange(12)
            )
            head = flavour if lots.random() < 0.9 else lots.randrange(5)
            line = (heads(at, number)[head] + text).encode()
            line += lots.choice((b"", b"", b".", b"\r", b".\r", b" \xff", b"\0"))
        elif kind < 0.9:
            text = lots.choice(SAMPLES)
            line = "".join(
                lots.choice("0123456789") if c.isdigit() and lots.random() < 0.1 else c
                for c in text
            ).encode()
            if lots.random() < 0.2:
                line += b"x" * lots.choice((900, 1100, 5000))
        else:
            line = lots.choice(
                (b"", b"\0" * 50, b"x" * 5000, b"{", b'{"log": 3}', b"\r", b"\xff\xfe (", b"7")
            )
        if lots.random() < 0.03:
            line = line[: lots.randrange(len(line) + 1)]
        lines.append(line.replace(b"\n", b""))
    return lines


def blocks_of(data: bytes, length: int) -> Iterator[Block]:
    path = Path(f"/dev/shm/goneaway-vector-{os.getpid()}")
    path.write_bytes(data)
    try:
        log = open_log(LocalHost(), str(path), error_clock(UTC))
        yield from log.blocks(0, log.size, 1, length)
    finally:
        path.unlink()


def everything(found: Scan) -> tuple[object, ...]:
    """Also what a comparison of scans leaves out."""
    details = [(t.places, t.minutes, t.accounts) for t in found.tallies]
    return found, details, found.steps, found.reasons.first


LOGS = st.builds(lines_of, st.integers(0, 1 << 30), st.integers(1, 120))


def for_all(count: int, *found: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Runs a test for so many values of its arguments."""

    def wrapped(test: Callable[..., None]) -> Callable[..., None]:
        settings = hypothesis.settings(
            max_examples=count,
            deadline=None,
            suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
        )
        ready: Callable[..., None] = settings(hypothesis.given(*found)(test))
        return ready

    return wrapped


@for_all(30, LOGS, st.integers(1, 20_000), st.booleans(), st.sampled_from([UTC, ZONE, None]))
def test_both_scanners_tell_the_same(
    lines: list[bytes], length: int, ended: bool, zone: tzinfo | None
) -> None:
    data = b"\n".join(lines) + (b"\n" if ended else b"")
    plain = scan(blocks_of(data, length), zone)
    fast = scan(blocks_of(data, length), zone, scanner_of=VectorScanner)
    assert everything(fast) == everything(plain)


@for_all(15, LOGS, st.integers(1, 9000), st.integers(1, 9000))
def test_any_cut_into_blocks_tells_the_same(lines: list[bytes], one: int, other: int) -> None:
    data = b"\n".join(lines) + b"\n"
    first = scan(blocks_of(data, one), UTC, scanner_of=VectorScanner)
    second = scan(blocks_of(data, other), UTC, scanner_of=VectorScanner)
    assert first.tallies == second.tallies
    assert [(t.minutes, t.accounts) for t in first.tallies] == [
        (t.minutes, t.accounts) for t in second.tallies
    ]
    assert [m.text for m in first.marks] == [m.text for m in second.marks]


@pytest.mark.parametrize("mysql", [False, True], ids=["mariadb", "mysql"])
@pytest.mark.parametrize("length", [777, 1 << 18])
def test_the_counts_are_what_was_planted(tmp_path: Path, mysql: bool, length: int) -> None:
    path = tmp_path / "error.log"
    planted = error_log(path, 400_000, mysql)
    log = open_log(LocalHost(), str(path), error_clock(UTC))
    found = scan(log.blocks(0, log.size, 1, length), UTC, scanner_of=VectorScanner)
    seen = told(found)
    assert seen.signatures == planted.signatures
    assert seen.minutes == planted.minutes
    assert seen.accounts == planted.accounts
    assert (found.lines, found.bytes_scanned) == (planted.lines, planted.size)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(vector_kinds, "MAX_SHAPES", 20)
    monkeypatch.setattr(written_accounts, "MOST", 10)
    monkeypatch.setattr(run_minutes, "MOST", 10)
    path = tmp_path / "error.log"
    error_log(path, 200_000)
    data = path.read_bytes()
    fast = scan(blocks_of(data, 5000), UTC, scanner_of=VectorScanner)
    assert everything(fast) == everything(scan(blocks_of(data, 5000), UTC))


def test_two_parts_of_a_file_are_joined_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "error.log"
    error_log(path, 1 << 20)
    log = open_log(LocalHost(), str(path), error_clock(UTC))
    plain = two_halves.scan_part(log, 0, log.size, UTC)
    monkeypatch.setattr(two_halves, "way_for", lambda _size: Way(VectorScanner, 100_000))
    assert everything(two_halves.scan_part(log, 0, log.size, UTC, large=1000)) == everything(plain)


def test_hashes_that_share_a_slot_are_told_apart() -> None:
    known = line_hash.KnownHashes()
    keys = [*range(1, 300), *((1 << 64) - n for n in range(1, 300))]
    for number, key in enumerate(keys):
        known.add(key, number)
    assert known.numbers(np.array([*keys, 5 << 50], np.uint64)).tolist() == [
        *range(len(keys)), line_hash.UNKNOWN,
    ]  # fmt: skip


def test_a_hash_depends_on_every_byte_and_on_the_length() -> None:
    lots = random.Random(3)
    texts = {
        bytes(lots.randrange(32, 127) for _ in range(n)) for n in (*range(1, 70), 191, 192, 300)
    }
    texts |= {t[:n] + bytes((t[n] ^ 0x80,)) + t[n + 1 :] for t in set(texts) for n in range(len(t))}
    texts |= {t + b"\0" for t in set(texts)}
    block = BlockBytes()
    index = block.take(b"\n".join(sorted(texts)) + b"\n")
    found = line_hash.hashes(block.text, index.begins, index.lengths)
    assert len(index) == len(texts) == len(set(found.tolist()))
    apart = line_hash.hashes(block.text, index.begins, index.lengths, np.arange(len(texts)))
    assert set(apart.tolist()) & set(found.tolist()) == {int(found[0])}
    few = slice(None, None, 40)
    alone = line_hash.hashes(block.text, index.begins[few], index.lengths[few])
    assert alone.tolist() == found[few].tolist()


def test_lines_and_shapes_of_a_block_are_those_of_its_bytes() -> None:
    block = BlockBytes()
    for data in (bytes(range(256)) * 3 + b"\n", b"", b"7\n", b"\n" * 9, b"a\n" * 40, b"no end 12"):
        lines = block.take(data)
        assert [*lines] == data.split(b"\n")[: len(lines)]
        assert len(lines) == data.count(b"\n") + (not data.endswith(b"\n") and data != b"")
        assert block.text[: len(data)].tobytes() == data
        assert block.shape[: len(data)].tobytes() == shape_of(data)
        told = rows(block.text, np.arange(len(data) // 2), 16)
        assert [row.tobytes()[:1] for row in told] == [bytes((c,)) for c in data[: len(told)]]


@pytest.mark.parametrize("scanner", [Scanner, VectorScanner])
def test_a_rare_line_does_not_keep_its_block_in_memory(scanner: type[Scanner]) -> None:
    dull = b"2026-11-23 10:00:00 7 [Note] InnoDB: page_cleaner\n" * 1200
    rare = SAMPLES[0].encode() + b"\n"
    tracemalloc.start()
    try:
        blocks = (Block(dull + rare, "log", n * len(dull), None, len(dull)) for n in range(120))
        found = scan(blocks, UTC, scanner_of=scanner)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(t.count for t in found.tallies) == 120
    assert peak < 5 << 20


def test_small_logs_and_machines_without_numpy_are_read_line_by_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert way_for(LARGE - 1) == Way(Scanner, BLOCK)
    assert way_for(LARGE).scanner is VectorScanner
    for module in ("vector_scan", "vector_kinds"):
        monkeypatch.delitem(sys.modules, f"wizard.logs.error.{module}")
    monkeypatch.setitem(sys.modules, "numpy", None)
    by_size._vector.cache_clear()
    try:
        assert way_for(LARGE) == Way(Scanner, BLOCK)
    finally:
        by_size._vector.cache_clear()


def test_a_log_that_is_all_at_hand_is_read_too() -> None:
    data = b"\n".join(lines_of(5, 400))
    fast = scan(cut(data, "log"), UTC, scanner_of=VectorScanner)
    assert everything(fast) == everything(scan(cut(data, "log"), UTC))
