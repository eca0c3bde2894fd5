"""A server with nothing set, and what it says of its own variables."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pymysql

from knowledge.model import Variable
from tests.servers.harness.server import ServerUnderTest
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.server.variables import series_of
from wizard.target.model import Secret, Target

_HELP_SECONDS = 60.0


@dataclass(frozen=True)
class Plain:
    """A server with nothing set, and what is known of its series."""

    server: ServerUnderTest
    series: str
    variables: Mapping[str, Variable]
    values: Mapping[str, str]
    admin: "pymysql.connections.Connection[Any]"

    @property
    def flavor(self) -> str:
        return self.server.flavor.value

    def ask(self, sql: str) -> Any:
        """The first field of the answer's first row."""
        with self.admin.cursor() as cursor:
            cursor.execute(sql)
            row = cursor.fetchone()
            return None if row is None else row[0]

    def number_of(self, sql: str) -> int:
        """0, or the number of the error that the statement fails with."""
        try:
            self.ask(sql)
        except pymysql.MySQLError as error:
            return int(error.args[0])
        return 0

    def becomes(self, name: str, value: int) -> int:
        """What the global variable is after it was set to `value`; it is set back."""
        self.ask(f"SET GLOBAL {name} = {value}")
        now = int(self.ask(f"SELECT @@global.{name}"))
        self.ask(f"SET GLOBAL {name} = {self.values[name]}")
        return now


def known_series(server: ServerUnderTest) -> str:
    """The series by which the knowledge base knows the server, as the wizard finds it."""
    target = Target(
        host=server.host, port=server.port, user="admin", password=Secret(server.passwords["admin"])
    )
    session = PyMySqlConnector(target).connect()
    try:
        series = series_of(session.info)
    finally:
        session.close()
    assert series is not None
    return series


def table_of_help(server: ServerUnderTest) -> dict[str, str]:
    """The table at the end of --verbose --help, which needs no running server."""
    binary = server.binary
    arguments = ("--no-defaults", "--user=root", "--verbose", "--help")
    text = subprocess.run(
        binary.command(binary.path, *arguments),
        capture_output=True,
        text=True,
        timeout=_HELP_SECONDS,
        check=True,
    ).stdout
    table = text[text.index("Variables (--variable-name=value)") :]
    rows = re.findall(r"^([a-z][\w-]+) +(.*)$", table, re.MULTILINE)
    return {name.replace("-", "_"): value.strip() for name, value in rows}


def limits_of(plain: Plain, name: str) -> tuple[int, int, int | None]:
    """Smallest, largest and block size; MySQL does not tell the block size."""
    if plain.flavor == "mysql":
        sql = "SELECT MIN_VALUE, MAX_VALUE, NULL FROM performance_schema.variables_info"
    else:
        sql = (
            "SELECT NUMERIC_MIN_VALUE, NUMERIC_MAX_VALUE, NUMERIC_BLOCK_SIZE"
            " FROM information_schema.SYSTEM_VARIABLES"
        )
    with plain.admin.cursor() as cursor:
        cursor.execute(f"{sql} WHERE VARIABLE_NAME = %s", (name,))
        row = cursor.fetchone()
    assert row is not None, name
    low, high, block = row
    return int(low), int(high), None if block is None else max(1, int(block))


def kinds_of(plain: Plain) -> dict[str, str]:
    """`bool`, `number` or `text` for each variable; MySQL's are read off the values."""
    if plain.flavor == "mysql":
        return {name: _kind(value) for name, value in plain.values.items()}
    rows = plain.server.sql(
        "SELECT VARIABLE_NAME AS name, VARIABLE_TYPE AS kind"
        " FROM information_schema.SYSTEM_VARIABLES"
    )
    return {r["name"].lower(): _mariadb_kind(r["kind"]) for r in rows}


def _kind(value: str) -> str:
    if value in ("ON", "OFF"):
        return "bool"
    return "number" if re.fullmatch(r"-?\d+(\.\d+)?", value) else "text"


def _mariadb_kind(kind: str) -> str:
    if kind == "BOOLEAN":
        return "bool"
    return "number" if kind.startswith(("INT", "BIGINT", "DOUBLE")) else "text"
