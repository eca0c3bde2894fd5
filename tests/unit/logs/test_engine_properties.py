"""Whatever a log holds: a window is what a linear look finds, shapes tell what lines tell."""

import os
import random
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from knowledge.load import signatures
from tests.cpu_time import cpu_seconds
from wizard.hosts.local.host import LocalHost
from wizard.logs.engine.block import Block, cut
from wizard.logs.engine.open_log import open_log
from wizard.logs.engine.stamps import general_clock, slow_clock
from wizard.logs.engine.whole_lines import WholeLines
from wizard.logs.error.line import error_clock, parse_line
from wizard.logs.error.line_events import account_of
from wizard.logs.error.scan import scan
from wizard.logs.error.signature_of import Signatures
from wizard.logs.kind import kind_of

hypothesis = pytest.importorskip("hypothesis")
st: Any = hypothesis.strategies

KNOWN = signatures("error-log")
SIGNATURES = Signatures(KNOWN)
SAMPLES = [line for s in KNOWN for line in (*s.matches, *s.rejects)]
QUOTED = re.compile(r"'[^' ]*'")
WORDS = (
    *("app", "shop", "primary", "Canada", "timeout", "group_replication", "OOMKilled", "errno:1"),
    *("unauthenticated", "max_allowed_packet", "10.0.0.7", "::1", "web-1.example.net", "{x}", ""),
    *("(Got", "a b", "a) (b", "[ERROR]", "Žofie", "lost+found", "x" * 70, "MY-013951", "a\rb"),
)
"""Names that texts of the knowledge base are about, or that hold characters of no usual name."""

START = datetime(2026, 11, 23, tzinfo=UTC)


def for_all(*found: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Runs a test for many values of its arguments."""

    def wrapped(test: Callable[..., None]) -> Callable[..., None]:
        settings = hypothesis.settings(max_examples=40, deadline=None)
        ready: Callable[..., None] = settings(hypothesis.given(*found)(test))
        return ready

    return wrapped


def lines_of(seed: int, count: int) -> list[bytes]:
    """Lines that servers write with other digits in them, and what may lie between."""
    lots = random.Random(seed)
    lines: list[bytes] = []
    for _ in range(count):
        kind = lots.random()
        if kind < 0.8:
            text = lots.choice(SAMPLES)
            if lots.random() < 0.5:
                text = "".join(
                    lots.choice("0123456789") if c.isdigit() and lots.random() < 0.2 else c
                    for c in text
                )
            if lots.random() < 0.5:
                text = QUOTED.sub(lambda _: f"'{lots.choice(WORDS)}'", text)
            line = text.encode()
            if lots.random() < 0.1:
                line = b"mysql_1  | " + line
            if lots.random() < 0.1:
                line = line[: lots.randrange(len(line) + 1)]
        elif kind < 0.9:
            line = bytes(lots.randrange(256) for _ in range(lots.randrange(80)))
        else:
            line = lots.choice((b"", b"\0" * 50, b"x" * 5000, b"{", b'{"log": 3}', b"\r"))
        lines.append(line.replace(b"\n", b""))
    return lines


ERROR_LINES = st.builds(lines_of, st.integers(0, 1 << 30), st.integers(1, 60))


@for_all(ERROR_LINES)
def test_shapes_tell_what_each_line_tells(lines: list[bytes]) -> None:
    counts: Counter[str] = Counter()
    accounts: Counter[tuple[str, str]] = Counter()
    for line in lines:
        signed = SIGNATURES.of(line, UTC, SIGNATURES.every)
        if signed is None or (signed.parsed and signed.parsed.code == "MY-013951"):
            continue
        name = KNOWN[signed.number].id
        counts[name] += 1
        if account := account_of(signed.match.groupdict()):
            accounts[name, account] += 1
    for data in (lines, lines * 3):
        times = len(data) // len(lines)
        found = scan(cut(b"\n".join(data) + b"\n", "error.log"), UTC)
        assert {t.signature.id: t.count for t in found.tallies} == {
            name: n * times for name, n in counts.items()
        }
        seen = {(t.signature.id, a): n for t in found.tallies for a, n in t.accounts.counts.items()}
        assert seen == {key: n * times for key, n in accounts.items()}


@for_all(ERROR_LINES, st.integers(1, 3000), st.integers(1, 3000))
def test_any_cut_into_blocks_tells_the_same(lines: list[bytes], one: int, other: int) -> None:
    data = b"\n".join(lines) + b"\n"
    path = Path(f"/dev/shm/goneaway-cut-{os.getpid()}")
    path.write_bytes(data)
    try:
        log = open_log(LocalHost(), str(path), error_clock(UTC))
        first = scan(log.blocks(0, log.size, 1, one), UTC)
        second = scan(log.blocks(0, log.size, 1, other), UTC)
    finally:
        path.unlink()
    assert first.tallies == second.tallies
    assert [t.minutes for t in first.tallies] == [t.minutes for t in second.tallies]
    assert [t.accounts for t in first.tallies] == [t.accounts for t in second.tallies]
    assert [m.text for m in first.marks] == [m.text for m in second.marks]
    assert (first.lines, first.bytes_scanned) == (second.lines, second.bytes_scanned)


@for_all(
    st.lists(st.tuples(st.integers(0, 90), st.integers(0, 3), st.integers(0, 9000)), max_size=200),
    st.integers(-100, 9000),
)
def test_a_window_begins_where_a_linear_look_begins_it(
    steps: list[tuple[int, int, int]], second: int
) -> None:
    """Seconds that rise, with lines without a time among them."""
    at, parts = START, []
    for seconds, unstamped, length in steps:
        at += timedelta(seconds=seconds)
        parts.append(f"{at:%Y-%m-%d} {at.hour:>2}:{at:%M:%S} 7 [Note] {'y' * (length % 70)}")
        parts += ["x" * length] * unstamped
    data = "\n".join(parts).encode()
    path = Path(f"/dev/shm/goneaway-seek-{os.getpid()}")
    path.write_bytes(data)
    clock, moment = error_clock(UTC), START + timedelta(seconds=second)
    offset, expected = 0, len(data)
    for line in data.split(b"\n"):
        told = clock(line)
        if told is not None and told >= moment:
            expected = offset
            break
        offset += len(line) + 1
    try:
        assert open_log(LocalHost(), str(path), clock).seek(moment) == expected
    finally:
        path.unlink()


@for_all(st.binary(max_size=3000))
def test_no_bytes_break_a_reader(data: bytes) -> None:
    scan(cut(data, "error.log"), UTC)
    kind_of(data)
    for line in data.split(b"\n"):
        parse_line(line, UTC)
        general_clock(UTC)(line)
        slow_clock(UTC)(line)


HOSTILE = {
    "nul": b"\0",
    "one endless line": b"Aborted connection 1 to db: 'x' user: 'y' host: 'z' (",
    "quotes": b"2026-11-23 10:00:00 1 [Warning] '' (' (' (\n",
    "braces": b'{"log":',
    "invalid UTF-8": b"\xff\xfe (\xe1\x83\xa8 user: '\n",
    "unknown sessions": b"2026-11-23 10:00:00 1 [Warning] Aborted connection 1 to db: '\n",
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_no_faster_than_the_size(unit: bytes) -> None:
    def spent(size: int) -> float:
        data = (unit * (size // len(unit) + 1))[:size]
        return cpu_seconds(lambda: scan(cut(data, "error.log"), UTC))

    spent(1 << 16)
    small = min(spent(1 << 19) for _ in range(3))
    large = spent(1 << 22)
    assert large < 0.5 + 8 * small * 4


@for_all(
    st.lists(st.sampled_from((b"a line", b"\n", b"\0", b"\0" * 9, b"x\0y")), max_size=30),
    st.lists(st.integers(1, 20), max_size=9),
)
def test_nuls_before_a_line_are_no_part_of_it(parts: list[bytes], sizes: list[int]) -> None:
    log = b"".join(parts)
    lines = WholeLines("log", 0, 1)
    at = 0
    blocks: list[Block] = []
    for size in (*sizes, len(log)):
        blocks += lines.add(log[at : at + size])
        at += size
    blocks += lines.last()
    assert b"".join(block.data for block in blocks) == re.sub(rb"(?m)^\0+", b"", log)
    assert log.endswith(b"\0") or sum(block.size for block in blocks) == len(log)
    for block in blocks:
        assert log.startswith(block.data, block.offset)
        assert block.line == 1 + log.count(b"\n", 0, block.offset)
