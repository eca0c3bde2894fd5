# ruff: noqa: E501
"""Texts in which a pool, proxy or dump tool tells of a connection, each read by its meaning."""

from datetime import UTC

import pytest

from wizard.case.evidence import Failure
from wizard.logs.application.read import scan_text


def only(text: str) -> Failure:
    (failure,) = scan_text(text, zone=UTC).failures
    return failure


def test_a_query_that_the_failover_driver_gave_up_was_no_refused_connect() -> None:
    told = only(
        "SQLException: (conn=41) Communications link failure with primary host db1.example:3306. Read timed out\n"
    )
    assert (told.signal, told.driver) == ("client.read-timeout", "MariaDB Connector/J")
    told = only(
        "SQLException: (conn=41) Communications link failure with primary host db1.example:3306. Connection reset\n"
    )
    assert told.signal == "client.lost"


@pytest.mark.parametrize(
    ("reason", "signal"),
    [
        (" ---> MySqlConnector.MySqlEndOfStreamException: An incomplete response was received from the server", "client.connect-lost"),
        (" ---> System.Net.Sockets.SocketException (111): Connection refused", "client.refused"),
        (" ---> System.Net.Sockets.SocketException (110): Connection timed out", "client.connect-timeout"),
    ],
)  # fmt: skip
def test_a_connect_that_dotnet_could_not_make_has_the_reason_below_it(
    reason: str, signal: str
) -> None:
    text = f"MySqlConnector.MySqlException (0x80004005): Couldn't connect to server\n{reason}\n   at MySqlConnector.Core.ServerSession.ConnectAsync(ConnectionSettings cs)\n"
    assert only(text).signal == signal


def test_a_connect_whose_time_was_up_is_one_whatever_is_said_behind_it() -> None:
    told = only("Connect Timeout expired. Couldn't connect to server Unable to read data\n")
    assert told.signal == "client.connect-timeout"


def test_rails_without_a_configured_pool_lost_nothing() -> None:
    text = "ActiveRecord::ConnectionNotEstablished: No connection pool with 'primary' found.\n"
    assert scan_text(text, zone=UTC).total == 0


def test_tidb_says_that_the_session_was_idle() -> None:
    told = only(
        '[2024/01/06 10:11:12.345 +00:00] [WARN] [conn.go:688] ["read packet timeout, close this connection"] [conn=41] [idle=600.0001s] [waitTimeout=600] [error="read tcp 10.0.0.4:4000->10.0.0.9:38864: i/o timeout"]\n'
    )
    assert told.signal == "client.idle-disconnect"


def test_the_applications_end_that_a_proxy_finds_closed_sent_no_packet() -> None:
    told = only(
        "2024/06/27 08:59:30 Writing data to local connection on 127.0.0.1:3306 had error: write tcp 127.0.0.1:3306->127.0.0.1:40756: write: broken pipe\n"
    )
    assert (told.signal, told.errno) == ("client.lost", 32)


DRUID = "2024-04-09 16:45:59.462 ERROR [main] c.a.d.p.DruidPooledStatement - [errorCheck,370] - CommunicationsException, druid version 1.2.16, jdbcUrl : jdbc:mysql://db1:3306/shop, testWhileIdle true, idle millis 52779, minIdle 5, driver com.mysql.cj.jdbc.Driver\n"
BELOW = "2024-04-09 16:45:59.463 ERROR [main] c.a.d.p.DruidDataSource - {conn-10004} discard\ncom.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure\n"


def test_druid_tells_how_long_the_connection_had_rested() -> None:
    assert only(DRUID).idle_seconds == 52.779
    told = only(DRUID + BELOW)
    assert (told.signal, told.idle_seconds) == ("client.lost", 52.779)


def test_why_a_connection_was_closed_says_more_than_that_it_is() -> None:
    told = only(
        "{ Error: read ETIMEDOUT\n  at TCP.onread (net.js:622:25)\n  errno: 'ETIMEDOUT',\n  syscall: 'read',\n  fatal: true }\n"
        " { Error: Can't add new command when connection is in closed state\n  at PoolConnection._addCommandClosedState (/srv/node_modules/mysql2/lib/connection.js:139:17)\n"
    )
    assert (told.signal, told.errno) == ("client.lost", 110)


def test_a_loss_after_which_zabbix_connects_again_was_no_failed_connect() -> None:
    lost = " 371:20240304:101112.345 [Z3005] query failed: [2013] Lost connection to MySQL server during query [begin;]\n"
    again = " 371:20240304:101112.346 database is down: reconnecting in 10 seconds\n"
    assert only(lost + again).signal == "client.lost"
    refused = " 371:20240304:101112.345 [Z3001] connection to database 'z' failed: [2003] Can't connect to MySQL server on 'db1' (111)\n"
    assert only(refused + again).signal == "client.refused"


GREETING = """Warning: mysqli::__construct(): MySQL server has gone away in Standard input code on line 22

Warning: mysqli::__construct(): Error while reading greeting packet. PID=78 in Standard input code on line 22

Warning: mysqli::__construct(): (HY000/2006): MySQL server has gone away in Standard input code on line 22

MySQL Connection Error: (2006) MySQL server has gone away
"""
IGNITED = """ERROR - 2024-05-06 10:11:12 --> mysqli_sql_exception: MySQL server has gone away in /srv/system/Database/MySQLi/Connection.php:327
Stack trace:
#0 /srv/system/Database/MySQLi/Connection.php(327): mysqli->query()
#1 {main}
CRITICAL - 2024-05-06 10:11:12 --> CodeIgniter\\Database\\Exceptions\\DatabaseException: MySQL server has gone away
in SYSTEMPATH/Database/BaseConnection.php on line 684.
CRITICAL - 2024-05-06 10:11:12 --> [Caused by] mysqli_sql_exception: MySQL server has gone away
in SYSTEMPATH/Database/MySQLi/Connection.php on line 327.
"""
GORM = """2024/01/02 03:04:05 /srv/app/store/users.go:48 invalid connection
[5.123ms] [rows:0] SELECT * FROM `users` WHERE `users`.`id` = 5
time="2024-01-02T03:04:05Z" level=error msg="load user 5: invalid connection"
"""


@pytest.mark.parametrize("text", [IGNITED, GORM], ids=["CodeIgniter", "GORM"])
def test_a_library_and_its_program_tell_of_each_job_once(text: str) -> None:
    assert scan_text(text, zone=UTC).total == 1
    assert scan_text(text + text, zone=UTC).total == 2


def test_php_shows_one_connect_in_a_row_of_warnings() -> None:
    assert only(GREETING).signal == "client.connect-lost"
    elsewhere = GREETING.replace("line 22", "line 23")
    assert scan_text(GREETING + "\n" + elsewhere, zone=UTC).total == 2


PATCH = """diff --git a/src/Db.php b/src/Db.php
--- a/src/Db.php
+++ b/src/Db.php
@@ -12,3 +12,4 @@ class Db
 // Lost connection to MySQL server during query
+// SQLSTATE[HY000]: General error: 2006 MySQL server has gone away
"""
COMMIT = """commit 4f2a9d1c3b7e8a6f5d4c3b2a1908f7e6d5c4b3a2
Date:   Mon Mar 4 10:11:12 2024 +0100

    SQLSTATE[HY000]: General error: 2006 MySQL server has gone away
    was not met with a new connection.
"""
CHANGES = """### Fixed
- Fixed "SQLSTATE[HY000]: General error: 2006 MySQL server has gone away" in workers.
- Retry when "Lost connection to MySQL server during query" is raised.
"""


@pytest.mark.parametrize("text", [PATCH, COMMIT, CHANGES], ids=["patch", "commit", "changes"])
def test_what_was_mended_in_a_program_is_no_failure_of_it(text: str) -> None:
    assert scan_text(text, zone=UTC).total == 0
    assert scan_text("Error: MySQL server has gone away\n" + text, zone=UTC).total == 1


def test_a_retry_is_no_change_of_a_program() -> None:
    assert scan_text("Retrying after: MySQL server has gone away\n", zone=UTC).total == 1
    assert scan_text("- Lost connection to MySQL server during query\n", zone=UTC).total == 1
