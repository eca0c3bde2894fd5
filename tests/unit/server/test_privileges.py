"""What SHOW GRANTS means, and the GRANT that a refusal asks for. Texts as servers print them."""

import pytest

from wizard.server.flavor import flavor_of, numbers_of, series_of
from wizard.server.privileges import advice_for, parse_grants, quoted_account


@pytest.mark.parametrize(
    ("lines", "process"),
    [
        (["GRANT USAGE ON *.* TO `a`@`%`"], False),
        (["GRANT SELECT, PROCESS ON *.* TO `a`@`%`"], True),
        (["GRANT ALL PRIVILEGES ON *.* TO `a`@`%` WITH GRANT OPTION"], True),
        (["GRANT ALL PRIVILEGES ON `shop`.* TO `a`@`%`"], False),
        (["GRANT SELECT ON `performance_schema`.* TO `a`@`%`"], False),
        (["GRANT `PROCESS`@`%` TO `a`@`%`"], False),
        (["GRANT PROCESS ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*AA'"], True),
    ],
)
def test_grants(lines: list[str], process: bool) -> None:
    assert parse_grants(lines).has("PROCESS") is process


def test_dynamic_privileges_stand_in_a_line_of_their_own() -> None:
    found = parse_grants(
        ["GRANT SELECT ON *.* TO `a`@`%`", "GRANT SYSTEM_VARIABLES_ADMIN,X ON *.* TO `a`@`%`"]
    )
    assert found.has("SYSTEM_VARIABLES_ADMIN", "SUPER")


NEED = "Access denied; you need (at least one of) the {} privilege(s) for this operation"
ACCOUNT = "app@10.0.%"
TO = "TO 'app'@'10.0.%';"


@pytest.mark.parametrize(
    ("number", "text", "sql", "advice"),
    [
        (1227, NEED.format("PROCESS"), "SHOW ENGINE INNODB STATUS", f"GRANT PROCESS ON *.* {TO}"),
        (
            1227, NEED.format("SUPER or SYSTEM_VARIABLES_ADMIN"), "SET GLOBAL x = 1",
            f"GRANT SYSTEM_VARIABLES_ADMIN ON *.* {TO}",
        ),
        (1227, NEED.format("SUPER"), "SET GLOBAL x = 1", f"GRANT SUPER ON *.* {TO}"),
        (
            1227, NEED.format("SUPER, SLAVE MONITOR"), "SHOW SLAVE STATUS",
            f"GRANT SLAVE MONITOR ON *.* {TO}",
        ),
        (
            1142, "SELECT command denied to user 'app'@'h' for table 'host_cache'",
            "SELECT 1 FROM performance_schema.host_cache",
            f"GRANT SELECT ON performance_schema.* {TO}",
        ),
        (
            1142, "SELECT command denied to user 'app'@'h' for table `mysql`.`user`",
            "SELECT 1 FROM mysql.user", f"GRANT SELECT ON `mysql`.`user` {TO}",
        ),
        (
            1142, "SELECT, LOCK TABLES command denied to user 'app'@'h' for table 'user'",
            "LOCK TABLE mysql.user READ", f"GRANT SELECT, LOCK TABLES ON `mysql`.`user` {TO}",
        ),
        (
            1143, "SELECT command denied to user 'app'@'h' for column 'c' in table 't'",
            "SELECT c FROM d.t", f"GRANT SELECT ON `d`.`t` {TO}",
        ),
        (
            1370, "execute command denied to user 'app'@'h' for routine 'sys.f'",
            "SELECT sys.f()", f"GRANT EXECUTE ON FUNCTION `sys`.`f` {TO}",
        ),
        (
            1044, "Access denied for user 'app'@'h' to database 'shop'", "USE shop",
            f"GRANT SELECT ON `shop`.* {TO}",
        ),
        (1227, "zugriff verweigert", "X", "an administrator must allow this to 'app'@'10.0.%'"),
    ],
)  # fmt: skip
def test_the_grant_that_is_missing(number: int, text: str, sql: str, advice: str) -> None:
    assert advice_for(number, text, sql, ACCOUNT) == advice


def test_an_account_is_quoted() -> None:
    assert quoted_account("o'brien@my@%") == "'o''brien@my'@'%'"
    assert quoted_account("@localhost") == "''@'localhost'"


@pytest.mark.parametrize(
    ("version", "comment", "flavor", "series"),
    [
        ("10.11.19-MariaDB-0+deb12u1", "Debian 12", "mariadb", "mariadb-10.11"),
        ("5.5.5-10.6.1-MariaDB", "", "mariadb", "mariadb-10.6"),
        ("9.7.4-2", "(Debian)", "mysql", "mysql-9.7"),
        ("8.0.35-27", "Percona Server (GPL), Release 27", "percona", "mysql-8.0"),
        ("8.0.39", "Source distribution", "mysql", "mysql-8.0"),
        ("8.0.11-TiDB-v7.5.0", "TiDB Server", "unknown", "mysql-8.0"),
        ("nonsense", "", "mysql", "mysql-0.0"),
    ],
)
def test_flavor_and_series(version: str, comment: str, flavor: str, series: str) -> None:
    assert flavor_of(version, comment) == flavor
    assert series_of(flavor_of(version, comment), numbers_of(version)) == series
