"""Logs whose lines end in a carriage return, alone or before the line feed, say what others say."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benches.planted import application_log, error_log, general_log, slow_log
from tests.unit.health.fake_host import TableHost
from tests.unit.logs.source.test_answers import FarHost
from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host, HostError
from wizard.logs.application.read import AppLogScan, scan_where_it_lies
from wizard.logs.error import by_size as error_by_size
from wizard.logs.error import in_place, two_halves
from wizard.logs.error.in_place import read_one_file
from wizard.logs.error.reading import Reading
from wizard.logs.general.read import GeneralFile, read_general_log
from wizard.logs.slow import by_size
from wizard.logs.slow import read as slow_read
from wizard.logs.slow.read import read_slow_log
from wizard.logs.source.ask import read_at_source

BEGIN = datetime(2026, 11, 23, 8, tzinfo=UTC)
ENDS = pytest.mark.parametrize("end", [b"\r\n", b"\r"], ids=["both", "alone"])
TEXTS = st.sampled_from((
    "SELECT 1", "SELECT a\nFROM t\n\nWHERE b = 'x'", "SET SESSION wait_timeout = 60", "COMMIT",
    "INSERT INTO t VALUES ('a\n# Time: 1\n\t\t')", "# administrator command: Ping", "KILL 7",
))  # fmt: skip


def error_entries(texts: list[str]) -> str:
    words = (
        "[Warning] Aborted connection {n} to db: 'shop' user: 'app' host: 'web' "
        "(Got timeout reading communication packets)\n"
    )
    stack = "stack_bottom = 0x0 thread_stack 0x49000\n/usr/sbin/mariadbd(+0x1)[0x7f]\n"
    return "".join(
        f"{BEGIN + timedelta(seconds=9 * n):%Y-%m-%d %H:%M:%S} {n} "
        + (words.format(n=n) if len(text) % 2 else f"[Note] Event: {len(text)}\n{stack}")
        for n, text in enumerate(texts)
    )


def general_entries(texts: list[str]) -> str:
    head = "/usr/sbin/mariadbd, Version: 10.11.19-MariaDB (x). started with:\nTcp port: 3306\n"
    lines = [
        f"{BEGIN + timedelta(seconds=9 * n):%y%m%d %H:%M:%S}\t{n:>6} Connect\tapp@web on shop\n"
        f"\t\t{n:>6} Query\t{text}\n" + f"\t\t{n:>6} Quit\t\n" * (n % 2)
        for n, text in enumerate(texts, 1)
    ]
    return head + "".join(lines)


def slow_entries(texts: list[str]) -> str:
    return "".join(
        f"# Time: {BEGIN + timedelta(seconds=9 * n):%y%m%d %H:%M:%S}\n# User@Host: a[a] @ web []\n"
        f"# Thread_id: {n}  Schema: shop  QC_hit: No\n# Query_time: {n}.500000  Lock_time: 0.000010"
        f"  Rows_sent: 1  Rows_examined: {n}\n# Rows_affected: 0  Bytes_sent: 68\n"
        + "use shop;\n" * (n % 2)
        + f"SET timestamp={int(BEGIN.timestamp()) + n};\n{text};\n"
        for n, text in enumerate(texts)
    )


def application_entries(texts: list[str]) -> str:
    return "".join(
        f"{BEGIN + timedelta(seconds=9 * n):%Y-%m-%d %H:%M:%S} INFO {text}\n"
        + "Traceback (most recent call last):\n  File 'a.py', line 3\n"
        "pymysql.err.OperationalError: (2006, 'MySQL server has gone away')\n" * (len(text) % 2)
        for n, text in enumerate(texts)
    )


READERS: dict[str, Callable[..., Any]] = {
    "error": read_one_file,
    "general": read_general_log,
    "slow": read_slow_log,
    "app": scan_where_it_lies,
}
ENTRIES = {
    "error": error_entries,
    "general": general_entries,
    "slow": slow_entries,
    "app": application_entries,
}
PLANTED: dict[str, Callable[[Path, int], object]] = {
    "error": error_log,
    "general": general_log,
    "slow": slow_log,
    "app": application_log,
}


def told(kind: str, path: Path, host: Host | None = None, window: Window | None = None) -> object:
    """What a reading says, but for how many bytes that took."""
    reading = read_at_source(READERS[kind], host or LocalHost(), str(path), window, UTC)
    if isinstance(reading, GeneralFile):
        return reading.work, replace(reading.connects, size=0)
    if isinstance(reading, AppLogScan):
        return replace(reading, bytes_scanned=0, written=None)
    if isinstance(reading, Reading):
        found = reading.scan
        return reading.life, found.first, found.last, found.lines, [
            (t.signature.id, t.count, t.first, t.last, t.minutes, t.accounts, t.examples,
             [str(place) for place in t.places]) for t in found.tallies
        ]  # fmt: skip
    return reading.digest


@ENDS
@pytest.mark.parametrize("kind", READERS)
@given(st.lists(TEXTS, min_size=2, max_size=12), st.booleans())
def test_whatever_is_in_the_lines(end: bytes, kind: str, texts: list[str], packed: bool) -> None:
    data = ENTRIES[kind](texts).encode()
    with TemporaryDirectory() as place:
        path = Path(place) / ("some.log.gz" if packed else "some.log")
        pack: Callable[[bytes], bytes] = gzip.compress if packed else bytes
        path.write_bytes(pack(data))
        windows = [None, Window(BEGIN + timedelta(seconds=10), BEGIN + timedelta(seconds=40))]
        expected = [told(kind, path, window=window) for window in windows]
        path.write_bytes(pack(data.replace(b"\n", end)))
        assert [told(kind, path, window=window) for window in windows] == expected


@ENDS
@pytest.mark.parametrize("large", [1, 1 << 40], ids=["numpy", "plain"])
@pytest.mark.parametrize("kind", READERS)
def test_by_each_way_of_reading(
    tmp_path: Path, end: bytes, kind: str, large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow_read, "tally_for", partial(by_size.tally_for, large=large))
    monkeypatch.setattr(two_halves, "way_for", partial(error_by_size.way_for, large=large))
    PLANTED[kind](path := tmp_path / "some.log", 200_000)
    data = path.read_bytes()
    expected = told(kind, path)
    path.write_bytes(data.replace(b"\n", end))
    assert told(kind, path) == expected


@ENDS
@pytest.mark.parametrize("kind", READERS)
def test_read_where_it_lies(tmp_path: Path, end: bytes, kind: str) -> None:
    PLANTED[kind](path := tmp_path / "some.log", 100_000)
    expected = told(kind, path)
    path.write_bytes(path.read_bytes().replace(b"\n", end))
    assert told(kind, path, FarHost()) == expected


def test_a_carriage_return_of_a_statement_stays() -> None:
    """Its client sent it so, and the log ends its lines in line feeds."""
    with TemporaryDirectory() as place:
        (path := Path(place) / "general.log").write_bytes(
            b"261123  8:00:00\t     1 Query\tSELECT a\r\nFROM t\n\t\t     1 Query\tDO\r7\n"
        )
        (session,) = read_general_log(LocalHost(), str(path), None, UTC).work.sessions
    assert session.size == len("SELECT a\r\nFROM t") + len("DO\r7")


def test_an_error_log_that_is_too_large_to_be_fetched_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another host's own programs would find nothing in such a log."""
    PLANTED["error"](path := tmp_path / "error.log", 100_000)
    there = TableHost(files={str(path): path.read_text().replace("\n", "\r")})
    assert told("error", path, there) == told("error", path)
    monkeypatch.setattr(in_place, "MOST_FETCHED", 50_000)
    with pytest.raises(HostError, match=r"tr '.r' '.n'"):
        told("error", path, there)
