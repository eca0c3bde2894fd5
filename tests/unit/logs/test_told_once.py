# ruff: noqa: E501
"""Texts that tell of one failure in several lines, as public reports show them."""

from datetime import UTC

import pytest

from wizard.logs.application.read import scan_text

WRAPPED = """PHP Warning:  mysqli::query(): MySQL server has gone away in /srv/www/html/app/l
ib/database/Connection.php on line 118
PHP Fatal error:  Uncaught mysqli_sql_exception: MySQL server has gone away in /
srv/www/html/app/lib/database/Connection.php:118
Stack trace:
#0 /srv/www/html/app/lib/database/Connection.php(118): mysqli->query('SELECT 1')
"""
DRUSH = """PDOStatement::execute(): MySQL server has gone away database.inc:2227                      [warning]
PDOStatement::execute(): Error reading result set's header database.inc:2227             [warning]
"""
CLIENT = """ERROR 2013 (HY000) at line 5: Lost connection to MySQL server during query
ERROR 2006 (HY000) at line 5: MySQL server has gone away
"""
NODE = """Error: Connection lost: The server closed the connection.
  at Protocol.end (/home/app/source/node_modules/mysql/lib/protocol/Protocol.js:103:13)
  at Socket.<anonymous> (/home/app/source/node_modules/mysql/lib/Connection.js:88:28)
{"fatal":true,"code":"PROTOCOL_CONNECTION_LOST"}
"""
DBI = "DBD::mysql::st execute failed: MySQL server has gone away at /opt/app/worker.pl line 44.\n"
PINGED = """2020-03-23 23:32:38.518777 [WARNING] mod_mariadb.c:197 mysql_ping returned bad connection [Error: MySQL server has gone away]; reconnecting...
2020-03-23 23:32:38.518777 [CRIT] mod_mariadb.c:200 mariadb_reconnect returned bad connection -- reconnection failed! [Error: MySQL server has gone away]
2020-03-23 23:32:38.518777 [CRIT] mod_mariadb.c:227 The sql server is not responding for DSN Server=10.60.1.51 [MySQL server has gone away][0]
"""
RESTED = """[22:12:54 WARN]: [HawkEye] Communications link failure

The last packet successfully received from the server was 802,208 milliseconds ago.  The last packet sent successfully to the server was 0 milliseconds ago.
[22:12:54 WARN]: com.mysql.jdbc.exceptions.jdbc4.CommunicationsException: Communications link failure

The last packet successfully received from the server was 802,208 milliseconds ago.  The last packet sent successfully to the server was 0 milliseconds ago.
[22:12:54 WARN]:        at com.mysql.jdbc.SQLError.createCommunicationsException(SQLError.java:1116)
"""
BROKEN = """    Error executing query: (MySQLdb._exceptions.OperationalError) (2006, 'MySQL server has gone away') [SQL: SELECT 1]
    Error executing query: (sqlalchemy.exc.InvalidRequestError) Can't reconnect until invalid transaction is rolled back [SQL: SELECT 1]
"""
RADIUS = """Thu May  2 10:00:00 2024 : ERROR: (12) sql: ERROR: Server error: MySQL server has gone away
Thu May  2 10:00:00 2024 : ERROR: rlm_sql_mysql: MySQL error 'MySQL server has gone away'
"""
POOL = """2026-11-30T10:09:43.259+00:00 ERROR shop.orders: order failed (connection idle for 1.1 s): pymysql.err.OperationalError: (2006, "MySQL server has gone away (ConnectionResetError(104, 'Connection reset by peer'))")
"""
BEHIND = """2018-07-02 19:40:53 mysql_connection.cpp:628:handler(): [ERROR] Failed to mysql_real_connect() on 172.27.176.239:10353 , FD (Conn:0 , MyDS:25) , 2003: Can't connect to MySQL server on '172.27.176.239' (107).
2018-07-02 19:40:53 mysql_connection.cpp:628:handler(): [ERROR] Failed to mysql_real_connect() on 172.28.245.54:10369 , FD (Conn:25 , MyDS:25) , 2013: Lost connection to MySQL server at 'handshake: reading inital communication packet', system error: 107.
"""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(WRAPPED, id="lines that a terminal's edge cut"),
        pytest.param(DRUSH, id="drush names the place at the end"),
        pytest.param(CLIENT, id="the statement of one line"),
        pytest.param(NODE, id="the error's fields below its stack"),
        pytest.param(NODE.splitlines()[0] + "\n" + NODE.splitlines()[-1], id="below its message"),
        pytest.param(DBI * 2, id="printed and raised"),
        pytest.param(PINGED, id="told in one microsecond"),
        pytest.param(BROKEN, id="the session that a loss left broken"),
        pytest.param(RADIUS, id="FreeRADIUS and its module"),
        pytest.param(RESTED, id="the message and its exception count alike"),
        pytest.param(f"start\n{DBI * 2}done\n", id="printed and raised amid other lines"),
    ],
)
def test_one_failure_in_several_lines_is_one(text: str) -> None:
    assert scan_text(text, zone=UTC).total == 1


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param(WRAPPED.replace("Connection.php:118", "Connection.php:181"), 2, id="another line of PHP"),
        pytest.param(DRUSH.replace("2227", "2230", 1), 2, id="another place"),
        pytest.param(CLIENT.replace("5: MySQL", "6: MySQL"), 2, id="another statement"),
        pytest.param(CLIENT.replace("\nERROR 2006", "\nnext\nERROR 2006"), 2, id="not right below"),
        pytest.param(NODE + "next\n" + NODE, 2, id="two errors with their fields"),
        pytest.param(DBI * 4, 4 // 2, id="two that were printed and raised"),
        pytest.param(f"{DBI}job 2\n{DBI}", 2, id="two jobs of Perl"),
        pytest.param(PINGED + "2020-03-23 23:32:39.518764 [WARNING] mod_mariadb.c:197 mysql_ping returned bad connection [Error: MySQL server has gone away]; reconnecting..\n", 2, id="the next ping"),
        pytest.param(PINGED.replace("38.518777 [CRIT]", "38.518779 [CRIT]"), 2, id="not in one microsecond"),
        pytest.param(RESTED.replace("802,208", "802,209", 1), 2, id="another rest"),
        pytest.param(BEHIND, 2, id="two servers behind a proxy"),
        pytest.param(POOL * 4, 4, id="connections of a pool that rested alike"),
        pytest.param(RESTED.replace(": [HawkEye]", ": [shop.Job]").replace("com.mysql.jdbc.exceptions.jdbc4.CommunicationsException:", "[shop.Job]"), 2, id="two jobs of Java that rested alike"),
        pytest.param('{"fatal":true,"code":"PROTOCOL_CONNECTION_LOST"}\n', 1, id="fields alone"),
    ],
)  # fmt: skip
def test_what_differs_is_a_failure_of_its_own(text: str, count: int) -> None:
    assert scan_text(text, zone=UTC).total == count


def test_a_session_left_broken_was_lost() -> None:
    (only,) = scan_text(BROKEN, zone=UTC).failures
    assert (only.signal, only.number) == ("client.lost", 2006)
