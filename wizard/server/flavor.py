"""Which server it is, from what it says about itself."""

import re

PRODUCTS = {"mariadb": "MariaDB", "mysql": "MySQL", "percona": "Percona Server"}
"""Flavours as their makers write them."""

_NUMBERS = re.compile(r"(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?")

# Servers that speak the protocol and announce a MySQL version without being one.
_OTHERS = ("tidb", "vitess", "oceanbase", "proxysql", "starrocks", "doris", "clickhouse")


def flavor_of(version: str, comment: str) -> str:
    """`mariadb`, `percona`, `mysql` or `unknown`, from VERSION() and @@version_comment."""
    told = f"{version} {comment}".lower()
    if any(name in told for name in _OTHERS):
        return "unknown"
    if "mariadb" in told:
        return "mariadb"
    if "percona" in told:
        return "percona"
    return "mysql"


def numbers_of(version: str) -> tuple[int, int, int]:
    """The version's three numbers; zeros where there are none.

    MariaDB puts 5.5.5- before its own in the greeting, for old replicas.
    """
    match = _NUMBERS.match(version.removeprefix("5.5.5-"))
    if match is None:
        return (0, 0, 0)
    return int(match[1]), int(match[2]), int(match[3] or 0)


def series_of(flavor: str, numbers: tuple[int, int, int]) -> str:
    """The release series, as the knowledge base names it: `mariadb-10.11`, `mysql-9.7`."""
    name = "mariadb" if flavor == "mariadb" else "mysql"
    return f"{name}-{numbers[0]}.{numbers[1]}"
