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


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(WRAPPED, id="lines that a terminal's edge cut"),
        pytest.param(DRUSH, id="drush names the place at the end"),
        pytest.param(CLIENT, id="the statement of one line"),
        pytest.param(NODE, id="the error's fields below its stack"),
        pytest.param(NODE.splitlines()[0] + "\n" + NODE.splitlines()[-1], id="below its message"),
        pytest.param(DBI * 2, id="printed and raised"),
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
        pytest.param('{"fatal":true,"code":"PROTOCOL_CONNECTION_LOST"}\n', 1, id="fields alone"),
    ],
)  # fmt: skip
def test_what_differs_is_a_failure_of_its_own(text: str, count: int) -> None:
    assert scan_text(text, zone=UTC).total == count
