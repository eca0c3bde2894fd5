"""Records and events: however a loss is told, and however often, it is one failure."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wizard.logs.application.read import scan_application_log, scan_text

TOLD = Path(__file__).parents[2] / "data" / "app-log" / "told"
"""Logs as their programs write them; the name says how many failures they tell of."""

COUNTS = {"none": 0, "one": 1, "two": 2}
LOST = "Error 2013: Lost connection to MySQL server during query"


@pytest.mark.parametrize("log", sorted(TOLD.iterdir()), ids=lambda log: log.stem)
def test_one_event_is_one_failure_and_two_are_two(log: Path) -> None:
    count = COUNTS[log.suffixes[0].removeprefix(".")]
    scan = scan_application_log(log, zone=UTC)
    assert [f.text for f in scan.failures][count:] == []
    assert scan.total == count


@pytest.mark.parametrize("log", sorted(TOLD.glob("*.one.log")), ids=lambda log: log.stem)
def test_an_hour_later_it_is_another_event(log: Path) -> None:
    """The same lines again, later: each stamp moved on, where all the log's forms can be."""
    text = log.read_text()
    if "15:04:05" not in text or "1772895845" in text:
        pytest.skip("has times that are not simply moved")
    later = text.replace("15:04:05", "16:09:05")
    assert scan_text(text + later, zone=UTC).total == 2


@pytest.mark.parametrize(
    "prefix",
    [
        "web-1  | ",
        "Mar 07 15:04:06 host1 app[71]: ",
        "2026-03-07T15:04:06.123456+00:00 host1 app[71]: ",
        "<14>1 2026-03-07T15:04:06.123456Z host1 app 71 - - ",
        "2026-03-07T15:04:06.123456789Z stdout F ",
        "2026-03-07T15:04:06.123456789Z ",
        "[pod/shop-7d9f/web] ",
        "2026-03-07T15:04:06.123456+00:00 app[web.1]: ",
    ],
)
@pytest.mark.parametrize(
    "name", ["celery", "spring-boot-three-loggers", "laravel-previous", "loguru", "go-wrapped"]
)
def test_a_prefix_in_front_of_each_line_changes_nothing(prefix: str, name: str) -> None:
    plain = (TOLD / f"{name}.one.log").read_text()
    bare = scan_text(plain, zone=UTC).failures
    framed = scan_text("".join(prefix + line for line in plain.splitlines(True)), zone=UTC).failures
    assert [(f.signal, f.number, f.driver) for f in framed] == [
        (f.signal, f.number, f.driver) for f in bare
    ]


@pytest.mark.parametrize("level", ["DEBUG", "TRACE", "INFO"])
def test_a_quiet_line_is_no_failure_and_a_loud_one_is(level: str) -> None:
    line = f"2026-03-07 15:04:05 {level} will retry: {LOST}"
    assert scan_text(line, zone=UTC).total == 0
    assert scan_text(line.replace(level, "WARN"), zone=UTC).total == 1


def test_what_is_printed_without_a_level_below_a_quiet_line_counts() -> None:
    text = (
        f"2026-03-07 15:04:05 INFO job 1: start\nFatal error: {LOST}\n"
        "2026-03-07 15:09:05 INFO job 2: start\n"
    )
    (failure,) = scan_text(text, zone=UTC).failures
    assert failure.at == datetime(2026, 3, 7, 15, 9, 5, tzinfo=UTC)
    assert failure.after == failure.at - timedelta(minutes=5)


def test_other_work_in_between_parts_two_events() -> None:
    first = f"2026-03-07 15:04:05.1 ERROR repo: {LOST}\n"
    second = f"2026-03-07 15:04:05.4 ERROR gorm: {LOST}\n"
    between = "2026-03-07 15:04:05.3 INFO job 2: start\n"
    assert scan_text(first + second, zone=UTC).total == 1
    assert scan_text(first + between + second, zone=UTC).total == 2


@pytest.mark.parametrize("other", ["(1153, 'Got a packet bigger than max')", "(2013, 'Lost')"])
def test_one_sentence_of_a_program_is_said_once_of_each_job(other: str) -> None:
    told = "2026-03-07 15:04:05.{} ERROR shop: upload of {} bytes failed: pymysql.err.{}\n"
    gone = 'OperationalError: (2006, "MySQL server has gone away")'
    text = told.format(1, 3145728, f"OperationalError: {other}") + told.format(3, 1572864, gone)
    assert scan_text(text, zone=UTC).total == 2


def test_connections_of_other_numbers_are_other_events() -> None:
    told = "2026-03-07 15:04:05 WARN HikariPool-1 - org.mariadb.jdbc (conn={}) Socket error\n"
    app = "2026-03-07 15:04:05 ERROR [app] org.mariadb.jdbc failed: (conn={}) Socket error\n"
    assert scan_text(told.format(7) + app.format(7), zone=UTC).total == 1
    assert scan_text(told.format(7) + app.format(8), zone=UTC).total == 2


@pytest.mark.parametrize("lines_back", [True, False])
def test_a_log_with_its_newest_line_first_tells_the_same(lines_back: bool) -> None:
    record = (
        "2026-03-07 15:{0:02}:05 ERROR app: query failed\n"
        "2026-03-07 15:{0:02}:05 Error: Connection lost: The server closed the connection.\n"
        "2026-03-07 15:{0:02}:05     at Protocol.end (/app/node_modules/mysql/Protocol.js:112:13)\n"
        if lines_back
        else "2026-03-07 15:{0:02}:05 ERROR app: query failed\n"
        "Error: Connection lost: The server closed the connection.\n"
        "    at Protocol.end (/app/node_modules/mysql/Protocol.js:112:13)\n"
    )
    records = [record.format(minute) for minute in range(5)]
    forward = "".join(records).splitlines()
    backward = list(reversed(forward)) if lines_back else "".join(reversed(records)).splitlines()
    told = [
        [(f.signal, f.at) for f in scan_text("\n".join(t), zone=UTC).failures]
        for t in (forward, backward)
    ]
    assert told[0] == told[1]
    assert len(told[0]) == 5


def test_a_newest_first_file_keeps_its_line_numbers(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("".join(f"2026-03-07 15:{59 - n:02}:05 ERROR x: {LOST}\n" for n in range(60)))
    scan = scan_application_log(log, zone=UTC)
    assert scan.total == 60
    assert scan.failures[0].source == "app.log:60"
    assert scan.failures[-1].source == "app.log:1"
    assert scan.lines == 60


def test_what_is_not_understood_is_counted() -> None:
    text = (
        "2026-03-07 15:04:05 ERROR <0.5.0> Connection 22 of pool closing with reason: tcp_closed\n"
        "2026-03-07 15:04:06 ERROR disk quota of user ann is exceeded\n"
        "2026-03-07 15:04:07 INFO connected to the database\n"
    )
    scan = scan_text(text, zone=UTC)
    assert (scan.total, scan.not_understood) == (0, 1)


def test_a_timeout_after_a_loss_is_the_same_event_where_nothing_came_between() -> None:
    loss = "2026-03-07 15:04:05 [error] p1_mysql_conn: Socket #Port<0.9> closed\n"
    other = "2026-03-07 15:04:08 [info] next order: start\n"
    wait = '2026-03-07 15:04:13 [error] SQL query failed: "query timed out"\n'
    (failure,) = scan_text(loss + wait, zone=UTC).failures
    at = datetime(2026, 3, 7, 15, 4, 5, tzinfo=UTC)
    assert (failure.signal, failure.at) == ("client.lost", at)
    assert scan_text(loss + other + wait, zone=UTC).total == 2


def test_the_frame_around_a_failed_connect_gives_way_to_its_reason() -> None:
    text = (
        "2026-03-07 15:04:05 ERROR [main] shop.Job - job failed\n"
        "java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available,"
        " request timed out after 3000ms.\n"
        "\tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:664)\n"
        "Caused by: java.sql.SQLNonTransientConnectionException: (conn=7) Too many connections\n"
        "\tat org.mariadb.jdbc.export.ExceptionFactory.createException(ExceptionFactory.java:300)\n"
    )
    (failure,) = scan_text(text, zone=UTC).failures
    assert failure.signal == "client.too-many-connections"


CLOSED = "(conn:34, no: 45009, SQLState: 08S01) socket has unexpectedly been closed"
NEXT = "order failed: Cannot execute new commands: connection closed (errno 45013)"


@pytest.mark.parametrize(
    ("first", "between", "events"),
    [
        (f"connection error: {CLOSED}", (), 1),
        (f"connection error: {CLOSED}", ("info: order done",), 2),
        (f"error: report failed: {CLOSED}", (), 2),
    ],
    ids=["at its next use", "after other work", "another job"],
)
def test_a_listeners_word_of_a_loss_and_the_job_that_meets_it_are_one_event(
    first: str, between: tuple[str, ...], events: int
) -> None:
    lines = [first, *between, f"error: {NEXT}"]
    text = "\n".join(f"[2026-11-23T10:00:{3 * n:02}.100Z] {line}" for n, line in enumerate(lines))
    failures = scan_text(text).failures
    assert len(failures) == events
    assert failures[0].signal == "client.lost"


def test_a_frame_and_the_error_below_it_are_one_failure_with_its_time() -> None:
    text = (
        "[Nest] 1  - 03/07/2026, 3:04:05 PM   ERROR [TypeOrmModule] Unable to connect to the"
        " database. Retrying (4)...\nError: connect ETIMEDOUT\n"
        "    at PoolConnection._handle (/srv/app/node_modules/mysql2/lib/connection.js:189:17)\n"
    )
    failures = scan_text(text + text.replace("3:04:05", "3:04:18"), zone=UTC).failures
    assert [f.signal for f in failures] == ["client.connect-timeout"] * 2
    assert all(f.at is not None for f in failures)


def test_attempts_of_a_pool_go_to_whoever_waits_for_them() -> None:
    adder = "2026-03-07 15:04:{} WARN  [HikariPool-1 connection adder] o.m.j.m.s.ErrorPacket - Error: 1045-28000: Access denied for user 'app'@'localhost' (using password: YES)\n"  # noqa: E501
    late = "HikariPool-1 - Connection is not available, request timed out after 3000ms.\n"
    text = (
        adder.format("01,100")
        + f"2026-03-07 15:04:02,990 ERROR [main] shop.Job - job 1 failed: {late}"
        + adder.format("03,241")
        + "2026-03-07 15:04:03,390 INFO  [main] shop.Job - job 2: start\n"
        + adder.format("04,515")
        + f"2026-03-07 15:04:06,391 ERROR [main] shop.Job - job 2 failed: {late}"
        + adder.format("06,421")
    )
    failures = scan_text(text, zone=UTC).failures
    assert [f.signal for f in failures] == ["client.access-denied"] * 2


def test_an_erlang_crash_report_repeats_the_failure_before_it() -> None:
    packet = "<<255,37,5,35,55,48,49,48,48,81,117,101,114,121>>"
    text = (
        "2026-03-07 15:04:02 [info] job 1: start\n"
        "=ERROR REPORT==== 7-Mar-2026::15:04:06.069729 ===\n"
        f"** Reason for termination == {{function_clause,[{{p1_mysql_conn,get,[{packet}]}}]}}\n\n"
        "=CRASH REPORT==== 7-Mar-2026::15:04:06.275042 ===\n"
        f"    exception error: p1_mysql_conn:get_with_length({packet})\n\n"
        '2026-03-07 15:04:11 [error] SQL query failed: "query timed out"\n'
    )
    failures = scan_text(text, zone=UTC).failures
    assert [f.signal for f in failures] == ["client.query-killed"]
    assert failures[0].at is not None
    assert failures[0].at.second == 6


def test_workers_that_lose_their_connections_in_one_moment_are_as_many_events() -> None:
    """Also where the system's own word stands behind one of them, and not behind the other."""
    words = ("", " ([Errno 104] Connection reset by peer)", "")
    lines = [
        f"2026-11-23T10:00:00.39{n}Z ERROR jobs.worker-{n}: job failed: pymysql.err."
        f"OperationalError: (2013, 'Lost connection to MySQL server during query{word}')"
        for n, word in enumerate(words)
    ]
    assert len(scan_text("\n".join(lines)).failures) == len(words)


@pytest.mark.parametrize(
    "head",
    [
        "[2026-11-20 08:00:03,{ms}: ERROR/ForkPoolWorker-{n}] Task shop.sync[{n}] raised: ",
        "[2026-11-20 08:00:03,{ms}] ERROR [ForkJoinPool.commonPool-worker-{n}] shop - ",
        "2026-11-20T08:00:03.{ms}Z pid=2211 tid=gq{n} class=Sync jid=abc{n} ERROR: ",
        "[08:00:03] [Craft Scheduler Thread - {n}/ERROR]: [shop] ",
    ],
)
def test_each_worker_of_a_program_tells_of_its_own_loss(head: str) -> None:
    texts = (
        "pymysql.err.OperationalError: (2013, 'Lost connection to MySQL server during query')",
        "pymysql.err.InterfaceError: (0, '')",
        "pymysql.err.InternalError: Packet sequence number wrong - got 45 expected 1",
    )
    log = "".join(
        head.format(n=n, ms=411 + n) + text + "\n" for n, text in enumerate(texts, start=1)
    )
    assert len(scan_text(log).failures) == 3


def test_a_client_that_makes_another_connection_says_again_that_it_had_lost_one() -> None:
    text = """ERROR 2006 (HY000): MySQL server has gone away
No connection. Trying to reconnect...
Connection id:    8812
ERROR 4031 (HY000): The client was disconnected by the server because of inactivity.
No connection. Trying to reconnect...
ERROR 2002 (HY000): Can't connect to local MySQL server through socket '/run/mysqld.sock' (2)
No connection. Trying to reconnect...
"""
    signals = [f.signal for f in scan_text(text).failures]
    assert signals == ["client.lost", "client.idle-disconnect", "client.refused"]


CODEIGNITER = "".join(
    f"ERROR - 2021-05-06 09:10:11 --> {told}\n"
    for told in (
        "Severity: Warning --> mysqli_query(): MySQL server has gone away /srv/a.php 307",
        "Severity: Warning --> mysqli_query(): Error reading result set's header /srv/a.php 307",
        "Query error: MySQL server has gone away - Invalid query: SELECT 1 FROM `{}`",
    )
)


def test_codeigniter_logs_phps_warnings_and_its_own_error_of_one_query() -> None:
    assert scan_text(CODEIGNITER.format("a"), zone=UTC).total == 1
    assert scan_text("".join(map(CODEIGNITER.format, "ab")), zone=UTC).total == 2


@pytest.mark.parametrize("indent", ["", "  "])
@pytest.mark.parametrize("name", ["parent", "original", "driverError", "cause", "[cause]"])
def test_an_error_that_node_shows_within_another_is_no_other(indent: str, name: str) -> None:
    lost = "Connection lost: The server closed the connection."
    shown = f"SequelizeConnectionError: {lost}\n{indent}{name}: Error: {lost}\n"
    assert scan_text(shown, zone=UTC).total == 1


WARNED = "PHP Warning:  mysqli_query(): MySQL server has gone away in /srv/a.php on line 3\n"
HEADER = "PHP Warning:  mysqli_query(): Error reading result set's header in /srv/a.php on line 3\n"
WORDPRESS = (
    "WordPress database error MySQL server has gone away for query SELECT 1 made by get_option\n"
)
MOODLE = (
    "Default exception handler: Error reading from database Debug: MySQL server has gone away\n"
)
DRUPAL = (
    "Drupal\\Core\\Database\\DatabaseExceptionWrapper: SQLSTATE[HY000]: General error: 2006 MySQL"
    " server has gone away: DELETE FROM {semaphore}; Array\n"
    "( [:v] => 1 ) in Lock->releaseAll() (line 123 of /srv/core/lib/Lock.php).\n"
    "PDOException: SQLSTATE[HY000]: General error: 2006 MySQL server has gone away in"
    " /srv/core/lib/Statement.php:59\n"
)
CHAINED = (
    "PDOException: SQLSTATE[HY000]: General error: 2006 MySQL server has gone away in /srv/a.php"
    " on line 111 #0 /srv/a.php(111): PDOStatement->execute(Array, Array)\n#1 /srv/b.php(7): x\n\n"
    "Next Drupal\\Core\\Database\\DatabaseExceptionWrapper: SQLSTATE[HY000]: General error: 2006"
    " MySQL server has gone away: SELECT 1; Array ( ) in /srv/c.php on line 56\n"
)
RADIUS = (
    "Mon Jan  8 10:20:30 2024 : Error: rlm_sql_mysql: MySQL error 'MySQL server has gone away'\n"
    "Mon Jan  8 10:20:30 2024 : Error: rlm_sql (sql) in sql_getvpdata: query failed:"
    " MySQL server has gone away\n"
)


@pytest.mark.parametrize(
    "text",
    [
        WARNED + HEADER + WORDPRESS,
        WARNED + MOODLE,
        WARNED + HEADER + MOODLE,
        DRUPAL,
        CHAINED,
        RADIUS,
    ],
    ids=["WordPress", "Moodle", "Moodle after two warnings", "Drupal", "a chain", "FreeRADIUS"],
)
def test_a_program_passes_on_at_once_what_its_library_told(text: str) -> None:
    assert [f.signal for f in scan_text(text, zone=UTC).failures] == ["client.lost"]


def test_each_warning_and_the_word_of_its_job_below_it_are_one_failure() -> None:
    text = f"{WARNED}job 1 failed: MySQL server has gone away\n"
    assert scan_text(text + text.replace("job 1", "job 2"), zone=UTC).total == 2
    apart = text.replace("\njob", "\nnext job began\njob")
    assert scan_text(apart, zone=UTC).total == 2


def test_a_line_that_ends_with_its_own_stack_begins_a_record_where_its_prefix_is_another() -> None:
    line = (
        "[Mon Jan 08 10:20:30.{micro} 2024] [:error] [pid {pid}] [client 10.0.0.7:{port}] PHP Fatal"
        " error:  Uncaught PDOException: SQLSTATE[HY000] [2002] Connection refused in /srv/a.php:6"
        "\\nStack trace:\\n#0 {{main}}\\n  thrown in /srv/a.php on line 6\n"
    )
    text = line.format(micro="873440", pid=7791, port=47904)
    text += line.format(micro="991300", pid=8399, port=47906)
    assert [f.signal for f in scan_text(text, zone=UTC).failures] == ["client.refused"] * 2


def test_a_stack_whose_lines_all_have_the_heads_prefix_is_one_failure() -> None:
    text = """[13:56:42 ERROR]: java.sql.SQLNonTransientConnectionException: (conn=325) Socket error
[13:56:42 ERROR]:       at org.mariadb.jdbc.export.ExceptionFactory.create(ExceptionFactory.java:3)
[13:56:42 ERROR]:       at org.mariadb.jdbc.client.impl.StandardClient.send(StandardClient.java:8)
[13:56:42 ERROR]: Caused by: java.net.SocketException: Connection reset by peer
[13:56:42 ERROR]:       at org.mariadb.jdbc.client.socket.impl.PacketWriter.flush(Writer.java:5)
"""
    (only,) = scan_text(text, zone=UTC).failures
    assert (only.connection_id, only.errno) == (325, 104)
