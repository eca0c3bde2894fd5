# ruff: noqa: E501
"""Words that any database's pool says, and texts that only name an error: nobody's failure."""

from datetime import UTC

import pytest

from wizard.logs.application.read import scan_text

POOLS = (
    "2024-05-02 10:05:01 ERROR app: sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00",
    "2024-05-02 10:05:01.200 ERROR 1 --- [exec-1] o.h.engine.jdbc.spi.SqlExceptionHelper : HikariPool-1 - Connection is not available, request timed out after 30001ms.",
    "2024-05-02 10:05:01 KnexTimeoutError: Knex: Timeout acquiring a connection. The pool is probably full. Are you missing a .transacting(trx) call?",
    "2024/05/02 10:05:01 query users: driver: bad connection",
)
OTHERS = (
    "2024-05-02 10:00:01 INFO gpustack.db Using database postgresql://app:x@db1/app",
    "2024-05-02 10:00:01 INFO HikariPool-1 - Added connection org.postgresql.jdbc.PgConnection@1f2e",
    "2024/05/02 10:00:00 pq: the database system is shutting down",
    "2024-05-02 10:00:01 INFO connect jdbc:sqlserver://10.0.0.3:1433",
)
OURS = "2024-05-02 10:00:00 INFO connected to mysql://app@db1/app"


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("other", OTHERS)
def test_a_pool_of_another_database_is_none_of_ours(pool: str, other: str) -> None:
    for lines in ((other, pool), (pool, other), (other, *[pool] * 90)):
        scan = scan_text("\n".join(lines) + "\n", zone=UTC)
        assert scan.total == len(scan.failures) == 0


@pytest.mark.parametrize("pool", POOLS)
def test_it_counts_where_nothing_is_named_or_mysql_is(pool: str) -> None:
    for lines in ((pool,), (OURS, pool), (pool, OTHERS[0], OURS), (OURS, OTHERS[0], pool)):
        assert scan_text("\n".join(lines) + "\n", zone=UTC).total == 1


@pytest.mark.parametrize(("size", "count"), [(4, 1), (5, 0)])
def test_sqlx_reads_a_head_of_five_bytes_from_postgresql_only(size: int, count: int) -> None:
    text = f"ERROR error communicating with database: expected to read {size} bytes, got 0 bytes at EOF\n"
    assert scan_text(text, zone=UTC).total == count
    assert scan_text(f"{OURS}\n{text}", zone=UTC).total == 1


def test_sqlx_tells_of_a_tls_handshake_in_the_same_words_for_any_database() -> None:
    text = "ERROR error communicating with database: received fatal alert: HandshakeFailure\n"
    (only,) = scan_text(f"{OURS}\n{text}", zone=UTC).failures
    assert (only.signal, only.driver) == ("client.tls", "sqlx")
    assert scan_text(f"{OTHERS[0]}\n{text}", zone=UTC).total == 0


def test_the_cloud_sql_proxy_serves_postgresql_too() -> None:
    text = (
        "2025/07/11 08:55:40 [p:r:i] failed to connect to instance: Dial error: failed to dial "
        '(connection name = "p:r:i"): dial tcp 34.122.12.9:3307: i/o timeout\n'
    )
    (only,) = scan_text(text, zone=UTC).failures
    assert (only.driver, only.errno) == ("Cloud SQL Proxy", 110)
    assert scan_text(f"{OTHERS[0]}\n{text}", zone=UTC).total == 0


def test_mysqls_own_error_counts_beside_another_database() -> None:
    text = (
        f"{OTHERS[0]}\n2024-05-02 10:05:01 ERROR (2006, 'MySQL server has gone away')\n{POOLS[0]}\n"
    )
    assert [f.number for f in scan_text(text, zone=UTC).failures][:1] == [2006]


@pytest.mark.parametrize(
    "line",
    [
        "tests/test_db.py::test_lost[MySQL server has gone away] PASSED [ 12%]",
        'ok 12 - reconnects after "MySQL server has gone away"',
        "  ✓ retries on PROTOCOL_CONNECTION_LOST (12ms)",
        "test_retry (tests.test_db.Retry) MySQL server has gone away ... ok",
        "--- PASS: TestRetry/MySQL_server_has_gone_away/invalid connection (0.00s)",
        "If you see `MySQL server has gone away` in your logs, raise `wait_timeout`.",
        "If you get MySQL server has gone away, raise wait_timeout.",
        '"Lost connection to MySQL server during query" means that the network failed.',
        "# MySQL server has gone away",
        "- Sometimes the worker logs `SQLSTATE[HY000]: General error: 2006 MySQL server has gone away`.",
        '* fix(db): reconnect on "Lost connection to MySQL server during query"',
        "- Handle PROTOCOL_CONNECTION_LOST",
        "src/Db.php:118:            if (strpos($e->getMessage(), 'MySQL server has gone away') !== false) {",
        "lib/retry.py:12:_AGAIN = {2006}  # (2006, 'MySQL server has gone away')",
        "413 Payload Too Large: packet too large",
        "| 2006 | CR_SERVER_GONE_ERROR | MySQL server has gone away |",
        "1040\t08004\tER_CON_COUNT_ERROR\tToo many connections",
        "* Error 1040 (ER_CON_COUNT_ERROR): Too many connections",
        "Error: 1040 SQLSTATE: 08004 (ER_CON_COUNT_ERROR)\n\nMessage: Too many connections",
        "Error number: 1040; Symbol: ER_CON_COUNT_ERROR; SQLSTATE: 08004\n\nMessage: Too many connections",
        "Message: Host '%s' is blocked because of many connection errors; unblock with 'mysqladmin flush-hosts'",
        "        2006 => 'MySQL server has gone away',",
        '# max_connections: raise it if "Too many connections" shows up',
        "SELECT * FROM log WHERE message = 'MySQL server has gone away';",
        "UPDATE log SET log.message = 'MySQL server has gone away'",
        "mariadb.service: Start-pre operation timed out. Terminating.",
        "mysql.service: Failed to connect stdout to the journal socket, ignoring: Connection refused",
        "Sep 13 15:49:58 db1 systemd[1]: mariadb.service: Start-pre operation timed out. Terminating.",
        '2024/02/03 10:11:12 [error] 12#12: *4 connect() failed (111: Connection refused) while connecting to upstream, server: mysql.example.com, upstream: "http://10.0.0.5:8080/"',
    ],
)
def test_a_test_a_manual_or_another_server_is_no_failure(line: str) -> None:
    assert scan_text(f"{line}\n", zone=UTC).total == 0


@pytest.mark.parametrize(
    "line",
    [
        "2024-05-02 10:00:00 ERROR `MySQL server has gone away`, giving up",
        "### Error querying database.  Cause: java.sql.SQLException: MySQL server has gone away",
        "Warning: ok, then MySQL server has gone away",
        "lib/shop.py:12: UserWarning: (2006, 'MySQL server has gone away')",
        "MySQL server has gone away: SELECT `id` FROM `t` WHERE `a` = 1",
        "SELECT `id` FROM `t`: MySQL server has gone away",
        "mysql_async: Packet too large",
        "** (MyXQL.Error) (1040) (ER_CON_COUNT_ERROR) Too many connections",
        "Error: ER_CON_COUNT_ERROR: Too many connections",
        "Message: Too many connections",
        "SELECT 1 WHERE a = 'b': error='MySQL server has gone away'",
        "SELECT 1 WHERE a = 'b'; error = 'MySQL server has gone away'",
        "payments.service: (2006, 'MySQL server has gone away')",
        "payments.service: Failed to connect: (2006, 'MySQL server has gone away')",
        "1040: ER_CON_COUNT_ERROR: Too many connections",
        "2002: Can't connect to local MySQL server through socket '%-.100s' (%d) (Warning: %d format: a number is required, not str)",
        '2024/02/03 10:11:12 [error] 12#12: *4 FastCGI sent in stderr: "PHP message: mysqli_connect() failed (2002: Connection refused) while connecting" while reading response header from upstream, upstream: "fastcgi://unix:/run/php.sock:"',
        "### Error updating database.  Cause: java.sql.SQLException: MySQL server has gone away",
        '2024/02/03 10:11:12 [error] 12#12: *4 FastCGI sent in stderr: "PHP message: PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000]: General error: 2006 MySQL server has gone away in /srv/a.php:3" while reading response header from upstream, server: shop, upstream: "fastcgi://unix:/run/php.sock:"',
        '2024/02/03 10:11:12 [error] 12#12: *4 connect() failed (111: Connection refused) while connecting to upstream, server: 0.0.0.0:3306, upstream: "10.0.0.5:3306", mysql',
        "2024-05-02 10:00:00 | 1040 | ER_CON_COUNT_ERROR | Too many connections",
        "SELECT DATE_FORMAT(a, '%s') FROM t: MySQL server has gone away",
        "  1 => 2006, 2 => 'MySQL server has gone away'",
    ],
)
def test_what_looks_like_it_and_tells_of_a_failure_counts(line: str) -> None:
    assert scan_text(f"{line}\n", zone=UTC).total == 1


def test_mariadbs_number_tells_more_than_the_state_beside_it() -> None:
    text = "SQLError: (conn=-1, no: 45012, SQLState: 08S01) Connection timeout\n"
    (only,) = scan_text(text, zone=UTC).failures
    assert (only.signal, only.number) == ("client.connect-timeout", 45012)


def test_amazons_wrapper_serves_postgresql_too() -> None:
    text = "2024-07-19 10:00:00 ERROR software.amazon.jdbc.plugin.failover.FailoverConnectionPlugin - The active SQL connection has changed due to a connection failure.\n"
    (only,) = scan_text(text, zone=UTC).failures
    assert (only.signal, only.driver) == ("client.failed-over", "AWS JDBC")
    assert scan_text(f"{OTHERS[1]}\n{text}", zone=UTC).total == 0
