"""Which client library, pool, framework or program a line of text comes from."""

import re

from wizard.logs.application.driver_marks import AROUND, BY_MARK, LANGUAGES, PROGRAMS

_CLI = re.compile(r"\bERROR \d{4} \(\w{5}\)")
_WORKBENCH = re.compile(r"(?<!mysql )\bError Code: \d{4}\. ", re.IGNORECASE)
_GO_LOG = re.compile(r"\[mysql\] \d{4}/\d\d/\d\d ")
# Go's driver prints the server's numbers only, never a client library's 2xxx.
_GO_ERROR = re.compile(r"\bError (?!2)\d{4}(?: \(\w{5}\))?: ")
_DATABASES = (
    "postgre", "psycopg", "pgsql", "npgsql", "pgbouncer", "pqconsume", "pqsocket", "client_pg",
    "mongo", "oracle", "sqlserver", "for sql server", "sqlclient", "sqlsrv", "cassandra",
    "clickhouse",
)  # fmt: skip
_PLAINLY = (
    "postgre", "psycopg", "pgsql", "npgsql", "pgjdbc", "asyncpg", "lib/pq", "/pgx", " pq: ",
    "node_modules/pg/", "jdbc:sqlserver", "mssql", "sqlserver", "jdbc:oracle", "oracle.jdbc",
    "expected to read 5 bytes",
)  # fmt: skip
"""What nothing but another database, or a driver of it, is called. The last is sqlx's word: each
message of PostgreSQL begins with so many bytes, and MySQL's with four."""
_OTHERS = (
    *_DATABASES,
    "sql server", "redis", "amqp", "rabbit", "kafka", "memcache", "ldap", "smtp", "elastic",
    "mqtt", "zookeeper",
)  # fmt: skip
_DATABASE_PORTS = re.compile(r"(?:\bport[ =]|:`?)(?:5432|6432|27017|1433|1521)\b|\bpgx?\b")
_OTHER_PORTS = re.compile(rf":(?:6379|5672|9200|9092|11211|443)\b|{_DATABASE_PORTS.pattern}")
_PROGRAM = re.compile(r"(?:^|[\s|/])(?P<name>[a-z][\w-]*)(?=/[\w-]+\[|\[|$)", re.MULTILINE)
_LANGUAGE = {driver: language for language, drivers in LANGUAGES for driver in drivers}


def driver_of(line: str) -> str | None:
    """The client library that `line` names or whose format it has; None if it cannot be told."""
    folded = line.lower()
    for mark, driver in BY_MARK:
        if mark in folded:
            return driver
    if _GO_LOG.search(line) or _GO_ERROR.search(line):
        return "go-sql-driver"
    if _WORKBENCH.search(line):
        return "MySQL Workbench"
    return "mysql client" if _CLI.search(line) else None


def program_of(source: str) -> str | None:
    """The program that a line's prefix names as where it comes from."""
    found = (PROGRAMS.get(m["name"]) for m in _PROGRAM.finditer(source))
    return next((name for name in found if name is not None), None)


def closer(one: str | None, other: str | None) -> str | None:
    """Of two names that of the library itself, or the first."""
    if one is None or (one in AROUND and other is not None and other not in AROUND):
        return other
    return one


def language_of(driver: str) -> str:
    """The language of a library, pool or framework; the name itself where it stands alone."""
    return _LANGUAGE.get(driver, driver)


def names_mysql(line: str) -> bool:
    """Whether `line` speaks of MySQL or MariaDB.

    The node drivers mark an error of Node's own with `fatal: true`.
    """
    folded = line.lower()
    # Asked of every line of a log: a loop over a handful of words would take longer.
    return (
        "mysql" in folded
        or "mariadb" in folded
        or "fatal: true" in folded
        or ":3306" in folded
        or "pdoexception" in folded
        or "pdo::" in folded
        or "myxql" in folded
        or "trilogy" in folded
    )


def known_ports() -> frozenset[str]:
    """The ports by which servers are told apart."""
    return frozenset(re.findall(r"\d{3,}", _OTHER_PORTS.pattern)) | {"3306"}


def names_another_database(line: str) -> bool:
    """Whether `line` speaks of a database that is not MySQL, its driver or its port."""
    folded = line.lower()
    return any(word in folded for word in _DATABASES) or _DATABASE_PORTS.search(folded) is not None


def names_another_plainly(line: str) -> bool:
    """Whether `line` names a database that is not MySQL, or its driver; asked of many lines."""
    folded = line.lower()
    return any(word in folded for word in _PLAINLY)


def names_another(line: str) -> bool:
    """Whether `line` speaks of another server that clients lose connections to."""
    folded = line.lower()
    # Plain words first: a pattern for all of them would take longer.
    return any(word in folded for word in _OTHERS) or _OTHER_PORTS.search(folded) is not None
