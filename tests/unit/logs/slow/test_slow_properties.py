"""Whatever a slow log holds: no cut into chunks and no remembered shape changes a figure."""

import pickle
import random
from collections import Counter
from datetime import UTC
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from tests.benches.planted import slow_log
from tests.unit.logs.test_engine_properties import for_all
from wizard.hosts.local.host import LocalHost
from wizard.logs.slow.by_size import tally_for
from wizard.logs.slow.digest import SlowDigest
from wizard.logs.slow.fingerprint import fingerprint, without_quoted
from wizard.logs.slow.lines import RowFinder, blocks_of_rows, entries, whole_entries
from wizard.logs.slow.masked import whole_shape
from wizard.logs.slow.read import read_slow_log
from wizard.logs.slow.tally import SlowTally, digest

hypothesis = pytest.importorskip("hypothesis")
st: Any = hypothesis.strategies

PARTS = (
    "SELECT a FROM t WHERE b = ", "INSERT INTO t (a) VALUES (", "), (", "call p7(", "use db9",
    "'it''s'", "'a\\'b(1), (2'", '"x -- y"', " -- why 12", "/* note: 3/4 */", "/*a.b:1/2*/", "0x4f",
    "-5.2e3", "12345678", "7", " IN (1, 22, 333)", "'", '"', " UNION ", " limit 5, 10", "\n",
    "\n# not a head\n", " order by a ASC", " NULL ", "administrator command: Ping 3", "é",
    "SELECT /*!40001 SQL_NO_CACHE */ * FROM `t3`", "SELECT /*!40009 SQL_NO_CACHE */ * FROM `t3`",
)  # fmt: skip
HEADS = (
    "# User@Host: app[app] @ web{n} [10.0.0.{n}]\n# Thread_id: {n}  Schema: shop  QC_hit: No\n"
    "# Query_time: {time}  Lock_time: {lock}  Rows_sent: {n}  Rows_examined: 9\n"
    "# Rows_affected: 0  Bytes_sent: {n}\n",
    "# Time: 2026-03-01T10:00:02.500000Z\n# User@Host: app[app] @  [10.0.0.{n}]  Id:    {n}\n"
    "# Query_time: {time}  Lock_time: {lock} Rows_sent: {n}  Rows_examined: 9\n",
    "# Time: 2026-03-01T10:00:02.500000Z\n# User@Host: app[app] @  [10.0.0.{n}]  Id:    {n}\n"
    "# Query_time: {time}  Lock_time: {lock} Rows_sent: {n}  Rows_examined: 9 Thread_id: {n} "
    "Errno: {errno} Killed: 0 Bytes_received: 22 Bytes_sent: {n} Read_first: 0\n",
    "# Time: 2026-03-01T10:00:02.500000Z\n# User@Host: app[app] @ web{n} []  Id:     {n}\n"
    "# Schema: shop  Last_errno: {errno}  Killed: 1\n"
    "# Query_time: {time}  Lock_time: {lock}  Rows_sent: {n}  Rows_examined: 9  Rows_affected: 0\n"
    "# Bytes_sent: {n}  Tmp_tables: 0\n",
)  # fmt: skip
BANNER = (
    "/usr/sbin/mariadbd, Version: 10.11.6-MariaDB (Debian 12). started with:\n"
    "Tcp port: 3306  Unix socket: /run/mysqld/mysqld.sock\nTime\t\t    Id Command\tArgument\n"
)


def made(seed: int, count: int) -> tuple[bytes, list[tuple[str, int]]]:
    """A log, and each statement with its microseconds."""
    lots = random.Random(seed)
    log, planted = [BANNER], []
    for _ in range(count):
        text = "".join(lots.choices(PARTS, k=lots.randrange(1, 6))).strip() or "SELECT 1"
        micros = lots.choice((1, 10_000_000, lots.randrange(90_000_000)))
        values = {
            "n": lots.randrange(1, 200), "errno": lots.choice((0, 1317)), "lock": "0.000003",
            "time": f"{micros // 1_000_000}.{micros % 1_000_000:06d}",
        }  # fmt: skip
        log.append(lots.choice(HEADS).format(**values))
        log.append(lots.choice(("", "use shop;\n")))
        stamp = f"timestamp={1772359200 + lots.randrange(90)};\n"
        log.append(lots.choice(("SET ", "SET insert_id=7,")) + stamp)
        log.append(f"{text};\n" + (BANNER if lots.random() < 0.05 else ""))
        planted.append((text, micros))
    return "".join(log).encode(), planted


def usual(seed: int, count: int) -> bytes:
    """A log of entries that have one of the usual forms each, by few accounts and statements."""
    lots = random.Random(seed)
    texts = ["".join(lots.choices(PARTS, k=lots.randrange(1, 6))).strip() for _ in range(9)]
    texts += ["/* goneaway-wizard */ SELECT 1", "", "SELECT '" + "x" * 3000 + "'"]
    heads = [*HEADS, HEADS[2].replace("Read_first: 0\n", "Read_first: 0\n# Tmp_tables: {n}\n")]
    if lots.random() < 0.2:
        heads += [
            HEADS[1].replace("# Time", "# User@Host: a[a] @  []\n# Time"),
            HEADS[0].replace("# Rows", "# Full_scan: Yes\n# Rows"),
        ]
    stopped = lots.random() < 0.2
    begin = lots.choice((1772359200, 1772359200, 999999970))
    log = []
    for _ in range(count):
        micros = lots.choice((1, 10_000_000, lots.randrange(90_000_000_000)))
        values = {
            "n": lots.randrange(1, 1 << lots.randrange(1, 41)), "lock": "0.000003",
            "errno": 1317 if stopped and lots.random() < 0.1 else 0,
            "time": f"{micros // 1_000_000}.{micros % 1_000_000:06d}",
        }  # fmt: skip
        head = lots.choice(heads).format(**values)
        log.append(head if stopped else head.replace("Killed: 1", "Killed: 0"))
        log.append(lots.choice(("", "use shop;\n")))
        log.append(f"SET timestamp={begin + lots.randrange(90)};\n")
        log.append(f"{lots.choice(texts)};\n".replace("7", str(lots.randrange(1 << 20))))
    return "".join(log).encode()


def in_pieces(log: bytes, sizes: list[int]) -> list[bytes]:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(log[at : at + size])
        at += size
    return [*pieces, log[at:]]


def figures(found: SlowDigest) -> Any:
    return (
        [
            (s.fingerprint, s.count, s.micros, s.lock_micros, s.rows_sent, s.rows_examined,
             s.bytes_sent, s.longest, s.first, s.last, s.median, s.p95, s.accounts)
            for s in found.shapes
        ],
        found.longest, found.ended, found.stopped, found.spread, found.first, found.last,
    )  # fmt: skip


@for_all(st.integers(0, 1 << 32), st.integers(1, 30), st.lists(st.integers(1, 3000), max_size=30))
def test_figures_do_not_depend_on_chunks(seed: int, count: int, sizes: list[int]) -> None:
    log, planted = made(seed, count)
    whole = digest(blocks_of_rows([log]))
    assert figures(digest(blocks_of_rows(in_pieces(log, sizes)))) == figures(whole)
    assert whole.entries == len(planted)
    assert sum(s.micros for s in whole.shapes) == sum(micros for _, micros in planted)


@for_all(st.integers(0, 1 << 32), st.integers(1, 100))
def test_a_remembered_shape_is_the_one_that_the_statement_has(seed: int, count: int) -> None:
    log, _ = made(seed, count)
    expected = Counter(whole_shape(fingerprint(e.text)) for e in entries([log]))
    found: Counter[str] = Counter()
    for shape in digest(blocks_of_rows([log])).shapes:
        found[shape.fingerprint] += shape.count
    assert found == expected


@for_all(st.integers(0, 1 << 32), st.integers(1, 60))
def test_statements_that_differ_in_what_they_quote_have_one_shape(seed: int, count: int) -> None:
    lots = random.Random(seed)
    shapes: dict[bytes, str] = {}
    for _ in range(count):
        text = "".join(lots.choices((*PARTS, "'), ('", "'', 'b-1'"), k=lots.randrange(1, 5)))
        for told in (text, text.replace("it", "a, (").replace("7", "42").replace("x", "--")):
            key = without_quoted(told.encode().translate(bytes.maketrans(b"123456789", b"0" * 9)))
            if key:
                assert shapes.setdefault(key, fingerprint(told)) == fingerprint(told)
    assert without_quoted(b"SELECT 'a' , 'b' FROM t") == b"SELECT ' , ' FROM t"


@for_all(st.integers(0, 1 << 32), st.integers(1, 4), st.integers(0, 3))
def test_a_usual_entry_has_the_parts_that_any_entry_has(seed: int, count: int, bent: int) -> None:
    """Each entry alone is unusual as soon as a banner stands behind it."""
    log = bytearray(made(seed, count)[0].replace(BANNER.encode(), b""))
    lots = random.Random(seed)
    for _ in range(bent):
        log[lots.randrange(len(log))] = lots.choice(b"\n# ;0x:\r'")
    banner = BANNER.encode()
    assert list(entries([bytes(log)])) == list(entries([banner + bytes(log) + b"\n" + banner]))


@for_all(
    st.integers(0, 1 << 32), st.integers(20, 150), st.lists(st.integers(1, 40_000), max_size=6),
    st.integers(0, 2),
)  # fmt: skip
def test_all_entries_at_once_give_what_each_gives(
    seed: int, count: int, sizes: list[int], bent: int
) -> None:
    tally = vector_tally()
    log = bytearray(usual(seed, count))
    lots = random.Random(seed)
    for _ in range(bent):
        log[lots.randrange(len(log))] = lots.choice(b"\n# ;0x:\r'")
    pieces = in_pieces(bytes(log), sizes)
    for data in whole_entries(pieces):
        tally.take(data)
    rows = digest(blocks_of_rows(pieces))
    assert figures(pickle.loads(pickle.dumps(tally)).digest()) == figures(rows)
    assert figures(tally.digest()) == figures(rows)
    assert [list(s.accounts) for s in tally.digest().shapes] == [
        list(s.accounts) for s in rows.shapes
    ]


@pytest.mark.parametrize("head", range(3), ids=["mariadb", "mysql", "mysql-extra"])
def test_entries_of_servers_are_taken_all_at_once(head: int) -> None:
    tally = vector_tally()
    values = {"n": 5, "errno": 0, "lock": "0.000003", "time": "1.000001"}
    entry = HEADS[head].format(**values) + "SET timestamp=1772359200;\nSELECT a\n FROM t;\n"
    with mock.patch.object(RowFinder, "rows", side_effect=AssertionError("was read row by row")):
        tally.take(entry.encode() * 99)
    assert [(s.fingerprint, s.count, s.micros) for s in tally.digest().shapes] == [
        ("select a from t", 99, 99 * 1_000_001)
    ]


def test_of_many_as_long_the_same_ones_are_kept() -> None:
    tally = vector_tally()
    log = b"".join(
        HEADS[0].format(n=n, lock="0.000003", time="1.000000").encode()
        + b"SET timestamp=1772359200;\nSELECT 1;\n"
        for n in range(9000)
    )
    for data in whole_entries([log[: 1 << 20], log[1 << 20 :]]):
        tally.take(data)
    assert figures(tally.digest()) == figures(digest(blocks_of_rows([log])))


def vector_tally() -> SlowTally:
    pytest.importorskip("numpy")
    tally = tally_for(1, UTC, large=1)
    assert type(tally) is not SlowTally
    return tally


@pytest.mark.parametrize("mysql", [False, True], ids=["mariadb", "mysql"])
def test_two_processes_find_what_one_finds(tmp_path: Path, mysql: bool) -> None:
    path = tmp_path / "slow.log"
    planted = slow_log(path, 1 << 20, mysql)
    one = read_slow_log(LocalHost(), str(path), None)
    two = read_slow_log(LocalHost(), str(path), None, large=1)
    assert figures(two.digest) == figures(one.digest)
    assert one.digest.entries == planted.statements


def test_a_huge_statement_is_one_entry_and_costs_little_memory() -> None:
    log, _ = made(1, 3)
    huge = log.replace(b";\n# ", b" /* " + b"x\n" * (3 << 20) + b" */;\n# ", 1)
    pieces = [huge[at : at + 100_000] for at in range(0, len(huge), 100_000)]
    found = list(entries(pieces))
    assert len(found) == 3
    assert max(len(entry.text) for entry in found) <= 1 << 14
