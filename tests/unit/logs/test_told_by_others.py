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
