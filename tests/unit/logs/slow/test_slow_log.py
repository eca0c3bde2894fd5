"""Slow logs of MariaDB, MySQL and Percona: their entries, shapes, figures and patterns."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wizard.case.case import Window
from wizard.case.evidence import Failure
from wizard.hosts.local.host import LocalHost
from wizard.logs.slow.digest import SlowDigest
from wizard.logs.slow.entry import SlowEntry
from wizard.logs.slow.fingerprint import fingerprint
from wizard.logs.slow.lines import blocks_of_rows, entries
from wizard.logs.slow.masked import whole_shape
from wizard.logs.slow.patterns import looked_for, patterns
from wizard.logs.slow.read import read_slow_log
from wizard.logs.slow.tables import tables
from wizard.logs.slow.tally import digest
from wizard.server.statement_limits import SlowLimits

MARIADB = b"""/usr/sbin/mariadbd, Version: 10.11.6-MariaDB (Debian 12). started with:
Tcp port: 3306  Unix socket: /run/mysqld/mysqld.sock
Time\t\t    Id Command\tArgument
# Time: 260301 10:00:00
# User@Host: app[app] @ web1 [10.0.0.5]
# Thread_id: 15  Schema: shop  QC_hit: No
# Query_time: 2.500000  Lock_time: 0.000100  Rows_sent: 3  Rows_examined: 900
# Rows_affected: 0  Bytes_sent: 65
# Full_scan: Yes  Full_join: No  Tmp_table: No  Tmp_table_on_disk: No
#
# explain: id\tselect_type\ttable\ttype
# explain: 1\tSIMPLE\tt\tALL
#
use shop;
SET timestamp=1772359200;
select *
  from t where a = 'x';
# User@Host: app[app] @ web1 [10.0.0.5]
# Thread_id: 15  Schema: shop  QC_hit: No
# Query_time: 0.000033  Lock_time: 0.000000  Rows_sent: 0  Rows_examined: 0
# Rows_affected: 0  Bytes_sent: 11
SET timestamp=1772359203;
use shop;
"""

MYSQL = b"""# Time: 2026-03-01T10:00:02.500000Z
# User@Host: app[app] @  [10.0.0.5]  Id:    31
# Query_time: 2.500000  Lock_time: 0.000003 Rows_sent: 2  Rows_examined: 9 Thread_id: 31 Errno: 3024 Killed: 0 Bytes_received: 22 Bytes_sent: 1048576 Read_first: 0 Start: 2026-03-01T10:00:00.000000Z End: 2026-03-01T10:00:02.500000Z
SET timestamp=1772359200;
select 1;
# Time: 2026-03-01T10:00:03.000000Z
# User@Host: app[app] @  [10.0.0.5]  Id:    31
# Query_time: 0.000001  Lock_time: 0.000000 Rows_sent: 0  Rows_examined: 0
SET timestamp=1772359203;
# administrator command: Quit;
"""  # noqa: E501

PERCONA = b"""# Time: 2026-03-01T10:00:02.500000Z
# User@Host: app[app] @ web1 []  Id:     8
# Schema: shop  Last_errno: 1317  Killed: 1
# Query_time: 31.000000  Lock_time: 0.000003  Rows_sent: 1  Rows_examined: 0  Rows_affected: 0
# Bytes_sent: 57  Tmp_tables: 0
SET timestamp=1772359200;
select sleep(90);
"""

TIDB = b"""# Time: 2026-03-01T18:00:03.487776265+08:00
# Txn_start_ts: 410450924122144769
# User@Host: app[app] @ web1 [10.0.0.5]
# Conn_ID: 3086
# Exec_retry_time: 5.1 Exec_retry_count: 3
# Query_time: 1.527627037
# Parse_time: 0.000054933
# Process_time: 0.07 Request_count: 1 Total_keys: 131073 Process_keys: 131072
# DB: my shop
# Is_internal: false
# Index_names: [t1:idx1]
# Plan: tidb_decode_plan('ZJAwCTMyXzcJMAkyMAlkYXRhOlRhYmxlU2Nhbl82CjEJMTBfNgkxAR0AdAEY1Dp0')
use my shop;
insert into t select * from t;
# Time: 2026-03-01T18:00:09.5+08:00
# Txn_start_ts: 0
# User@Host: app[app] @ web1 [10.0.0.5]
# Conn_ID: 3087
# Query_time: 0.5
# Succ: true
select 2;
"""  # as in TiDB's manual, "Identify Slow Queries"


def told(log: bytes, size: int = 1 << 20) -> list[SlowEntry]:
    return list(entries(log[i : i + size] for i in range(0, len(log), size)))


def digested(log: bytes) -> SlowDigest:
    return digest(blocks_of_rows([log]))


@pytest.mark.parametrize("size", [1, 10, 1 << 20])
def test_mariadb(size: int) -> None:
    first, second = told(MARIADB, size)
    assert first.account == "app@web1"
    assert (first.connection_id, first.database) == (15, "shop")
    assert (first.seconds, first.lock_seconds) == (2.5, 0.0001)
    assert (first.rows_sent, first.rows_examined, first.bytes_sent) == (3, 900, 65)
    assert first.text == "select *\n  from t where a = 'x'"
    assert first.began == datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
    assert second.text == "use shop"


def test_mysql_with_log_slow_extra() -> None:
    first, second = told(MYSQL)
    assert first.account == "app@10.0.0.5"
    assert (first.connection_id, first.errno, first.killed) == (31, 3024, 0)
    assert (first.bytes_received, first.bytes_sent) == (22, 1048576)
    assert second.text == "administrator command: Quit"


def test_percona() -> None:
    (only,) = told(PERCONA)
    assert (only.errno, only.killed, only.database, only.rows_affected) == (1317, 1, "shop", 0)


@pytest.mark.parametrize("size", [1, 7, 100, 1 << 20])
def test_tidb(size: int) -> None:
    first, second = told(TIDB, size)
    assert (first.account, first.connection_id, first.database) == ("app@web1", 3086, "my shop")
    assert first.seconds == 1.527627037
    began = datetime(2026, 3, 1, 10, 0, 1, 960149, tzinfo=UTC)
    assert first.began is not None
    assert abs(first.began - began) < timedelta(milliseconds=1)
    assert first.text == "insert into t select * from t"
    assert second.began == datetime(2026, 3, 1, 10, 0, 9, tzinfo=UTC)
    assert (second.connection_id, second.text) == (3087, "select 2")


def test_tidbs_log_is_searched_by_its_times(tmp_path: Path) -> None:
    (path := tmp_path / "tidb-slow.log").write_bytes(TIDB)
    since = datetime(2026, 3, 1, 10, 0, 5, tzinfo=UTC)
    window = Window(since, since + timedelta(hours=1))
    reading = read_slow_log(LocalHost(), str(path), window)
    assert reading.understood
    assert reading.digest.entries == 1


@pytest.mark.parametrize(
    "line",
    [
        "# Thread_id: 15  Schema: {}  QC_hit: No",
        "# Schema: {}  Last_errno: 0  Killed: 0",
        "# Schema: {}",
    ],
)
@pytest.mark.parametrize("schema", ["my shop", "shop: old", "a b c", "shop", ""])
def test_a_schemas_name_may_have_blanks(line: str, schema: str) -> None:
    plain = b"# Thread_id: 15  Schema: shop  QC_hit: No"
    log = MARIADB.replace(plain, line.format(schema).encode()).replace(b"use shop;\n", b"")
    first, _ = told(log)
    assert first.database == schema
    assert first.seconds == 2.5


@pytest.mark.parametrize(
    ("statement", "shape"),
    [
        ("SELECT  a FROM t WHERE b = 'it\\'s' AND c=-5.2e3", "select a from t where b = ? and c=?"),
        ("select * from t where a in (1, 2,3)", "select * from t where a in(?+)"),
        ("INSERT INTO t (a) VALUES (1,'x'),(2,'y')", "insert into t (a) values(?+)"),
        ("select 1 union select 1 union select 1", "select ? /*repeat union*/"),
        ("select a from t -- why\n order by a ASC, b asc limit 10, 20",
         "select a from t order by a, b limit ?"),
        ("call shop.refresh(5)", "call shop.refresh"),
        ("use shop", "use ?"),
        ("select null, TRUE from t1", "select ?, ? from t?"),
        ("administrator command: Ping", "administrator command: Ping"),
    ],
)  # fmt: skip
def test_a_fingerprint_is_that_of_pt_query_digest(statement: str, shape: str) -> None:
    assert fingerprint(statement) == shape
    assert whole_shape(shape) == shape


def test_the_figures_of_a_shape() -> None:
    block = MYSQL.split(b"# Time: 2026-03-01T10:00:03")[0]
    log = b"".join(
        block.replace(b"Query_time: 2.500000", b"Query_time: %d.000000" % n) for n in range(1, 101)
    )
    (shape,) = digested(log).shapes
    assert (shape.count, shape.seconds, shape.longest) == (100, 5050.0, 100.0)
    assert (shape.median, shape.p95) == (50.0, 95.0)
    assert shape.accounts == {"app@10.0.0.5": 100}


def signals(log: bytes, limits: SlowLimits, *failures: Failure) -> dict[str, str]:
    found = patterns(digested(log), limits, failures, "a log")
    return {e.signal: e.text for e in found}


def test_a_statement_near_its_limit_and_one_that_was_stopped() -> None:
    found = signals(MYSQL, SlowLimits(3.0, 60.0))
    assert set(found) == {"slow.near-statement-limit", "slow.stopped"}
    assert set(signals(MYSQL, SlowLimits(30.0, 60.0))) == {"slow.stopped"}


def test_a_large_answer_that_took_half_of_net_write_timeout() -> None:
    assert "slow.slowly-read" in signals(MYSQL, SlowLimits(None, 4.0))
    assert "slow.slowly-read" not in signals(MYSQL, SlowLimits(None, 60.0))


def test_a_statement_longer_than_clients_wait() -> None:
    assert set(signals(PERCONA, SlowLimits())) == {"slow.long-statement", "slow.stopped"}


def test_the_statement_that_ran_when_the_application_failed_is_named() -> None:
    at = datetime(2026, 3, 1, 10, 0, 20, tzinfo=UTC)
    failure = Failure("client.lost", "gone", "app.log:1", at=at)
    found = patterns(digested(PERCONA), SlowLimits(), (failure,), "a log")
    during = next(e for e in found if e.signal == "slow.during-failure")
    assert "the long-running query is the one of app@web1 that took 31 s" in during.text
    assert during.excerpt == "select sleep(?)"
    later = Failure("client.lost", "gone", "app.log:1", at=at + timedelta(minutes=5))
    assert "slow.during-failure" not in signals(PERCONA, SlowLimits(), later)


def test_a_known_limit_of_the_client_or_the_proxy_counts_before_the_usual_ones() -> None:
    found = signals(MYSQL, SlowLimits(client=3.0, proxy=9.0))
    assert "80% or more of the client's read timeout (3 s)" in found["slow.long-statement"]
    assert "slow.long-statement" not in signals(MYSQL, SlowLimits(client=60.0, proxy=9.0))


def test_a_timestamp_beside_an_insert_id_is_none_of_the_statement() -> None:
    log = MYSQL.replace(
        b"SET timestamp=1772359200", b"SET last_insert_id=7,insert_id=8,timestamp=1772359200"
    )
    assert [e.text for e in told(log)] == [e.text for e in told(MYSQL)]
    assert told(log)[0].began == told(MYSQL)[0].began


def test_what_could_not_be_looked_for_is_not_said_to_be_absent() -> None:
    assert looked_for(SlowLimits(), with_failures=False) == (
        "slow.stopped", "slow.long-statement",
    )  # fmt: skip


def test_no_literal_is_shown_also_of_a_statement_that_was_cut() -> None:
    cut = MYSQL.replace(b"select 1;", b"select a from t where b = 'hush hush")
    shown = str(tables(digested(cut), SlowLimits(1.0, 2.0)))
    shown += str(patterns(digested(cut), SlowLimits(1.0, 2.0), (), "a log"))
    assert "hush" not in shown
    assert "select a from t" in shown


def test_the_limits_stand_in_the_chart_where_they_lie() -> None:
    limits = SlowLimits(3.0, 60.0, client=7.0, variable="max_execution_time")
    _shapes, chart = tables(digested(MYSQL), limits)
    assert ("below 3 s", "1", "#" * 24, "max_execution_time 3 s") in chart.rows
    assert ("below 7 s", "0", "", "the client's read timeout 7 s") in chart.rows
    assert chart.note == "no proxy's timeout is known"


def test_what_is_no_slow_log_has_no_entries() -> None:
    assert told(b"\x00\xff\n# nothing\nselect 1;\n") == []


def test_a_log_that_is_written_just_now_gives_its_whole_entries() -> None:
    """Wherever it ends: a time that is cut is none, and no other line is tried many times."""
    first, second = MARIADB.find(b"# Query_time"), MARIADB.rfind(b"# Query_time")
    for end in range(len(MARIADB)):
        found = told(MARIADB[:end])
        whole = [MARIADB.find(b"\n", at) < end for at in (first, second)]
        assert len(found) == sum(whole)
        assert [e.seconds for e in found] == [2.5, 0.000033][: len(found)]
    (only,) = told(MARIADB[: MARIADB.find(b"\n", first) + 1] + b"# " + b"a: a:" * 50_000)
    assert only.seconds == 2.5


def test_a_count_of_long_statements_is_exact_at_limits_of_four_digits() -> None:
    block = MYSQL.split(b"# Time: 2026-03-01T10:00:03")[0]
    lots = random.Random(5)
    micros = [lots.randrange(10 ** lots.randrange(1, 10)) for _ in range(3000)]
    times = [b"Query_time: %d.%06d" % divmod(m, 1_000_000) for m in micros]
    log = b"".join(block.replace(b"Query_time: 2.500000", told) for told in times)
    found = digested(log)
    for edge in (0, 0.000001, 0.001, 0.9872, 1, 3.142, 24, 28.8, 30, 60.5, 300, 1000):
        assert found.at_least(edge) == sum(m >= round(edge * 1e6) for m in micros)
    near = found.at_least(12.3456)
    assert sum(m >= 12_345_600 for m in micros) <= near <= sum(m >= 12_340_000 for m in micros)
    assert sum(found.spread.values()) == 3000
