"""Which client library a line of text comes from."""

import re

_BY_MARK: tuple[tuple[str, str], ...] = (
    ("pymysql", "PyMySQL"),
    ("mysqldb", "mysqlclient"),
    ("_mysql_exceptions", "mysqlclient"),
    ("mysql.connector", "Connector/Python"),
    ("mysql2::", "Ruby mysql2"),
    ("node_modules/mysql2", "node mysql2"),
    ("node_modules/mysql/", "node mysql"),
    ("node_modules/mariadb", "node mariadb"),
    ("org.mariadb.jdbc", "MariaDB Connector/J"),
    ("com.mysql.", "Connector/J"),
    ("mysqlconnector", "MySqlConnector"),
    ("mysql.data.mysqlclient", "MySql.Data"),
    ("go-sql-driver", "go-sql-driver"),
    ("dbd::mysql", "DBD::mysql"),
    ("wordpress database error", "WordPress"),
    ("pdoexception", "PDO"),
    ("pdostatement", "PDO"),
    ("pdo::", "PDO"),
    ("mysqli", "mysqli"),
    ("sqlstate[", "PDO"),
    ("mysqldump:", "mysqldump"),
    ("mariadb-dump:", "mysqldump"),
    ("error code: ", "MySQL Workbench"),
    ("php warning:", "PHP"),
    ("php fatal error:", "PHP"),
)
_CLI = re.compile(r"\bERROR \d{4} \(\w{5}\)")
_GO_LOG = re.compile(r"\[mysql\] \d{4}/\d\d/\d\d ")
_GO_ERROR = re.compile(r"\bError \d{4}(?: \(\w{5}\))?: ")
_OTHERS = re.compile(
    r"redis|postgres|psycopg|pgsql|\bpg\b|mongo|amqp|rabbit|kafka|memcache|ldap|smtp|elastic"
    r"|oracle|sqlserver|sql server|:5432\b|:6379\b|:5672\b|:27017\b",
    re.IGNORECASE,
)


def driver_of(line: str) -> str | None:
    """The client library that `line` names or whose format it has; None if it cannot be told."""
    folded = line.lower()
    for mark, driver in _BY_MARK:
        if mark in folded:
            return driver
    if _GO_LOG.search(line) or _GO_ERROR.search(line):
        return "go-sql-driver"
    return "mysql client" if _CLI.search(line) else None


def names_mysql(line: str) -> bool:
    """Whether `line` speaks of MySQL or MariaDB; the node drivers mark an error of Node's own
    with `fatal: true`."""
    folded = line.lower()
    # Asked of every line of a log: a loop over a handful of words would take longer.
    return (
        "mysql" in folded
        or "mariadb" in folded
        or "fatal: true" in folded
        or ":3306" in folded
        or "pdoexception" in folded
        or "pdo::" in folded
    )


def names_another(line: str) -> bool:
    """Whether `line` speaks of another server that clients lose connections to."""
    return _OTHERS.search(line) is not None
