"""What the knowledge base says of variables is what real servers say and do."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from decimal import Decimal

import pymysql
import pytest

from knowledge.load import load
from knowledge.model import Variable
from tests.servers.harness.templates import EVERY_PRODUCT, Templates, start_with
from tests.servers.plain_server import Plain, kinds_of, known_series, limits_of, table_of_help
from wizard.demo import private_server
from wizard.demo.binaries import Flavor

pytestmark = pytest.mark.servers

HUGE = 2**64 - 1
GIVEN = {"log_error", "bind_address"}
"""The harness says where its server listens and logs; --help still tells their defaults."""
TOLD_WRONG_BY_HELP = {("mysql", "log_error_verbosity"): "1"}
STARTED_WITH_0 = 1290  # ER_OPTION_PREVENTS_STATEMENT
READ_ONLY = 1238  # ER_INCORRECT_GLOBAL_LOCAL_VAR
NO_SESSION_VALUE = {READ_ONLY, 1229, 1621}  # read-only, global only, session read-only


@pytest.fixture(scope="module", params=EVERY_PRODUCT)
def plain(request: pytest.FixtureRequest, _templates: Templates) -> Iterator[Plain]:
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        small: Mapping[Flavor, Mapping[str, object]] = {
            Flavor.MYSQL: {"mysqlx": "OFF"},
            Flavor.MARIADB: {},
        }
        patch.setattr(private_server, "_SMALL", small)
        settings: dict[str, object] = {"skip_name_resolve": "OFF"}
        server = start_with(stack, _templates, str(request.param), settings)
        series = known_series(server)
        variables = {
            name: variable.on(series)
            for name, variable in load().variables.items()
            if series in variable.defaults or variable.machine
        }
        values = {r["Variable_name"]: r["Value"] for r in server.sql("SHOW GLOBAL VARIABLES")}
        admin = stack.enter_context(server.client("admin"))
        yield Plain(server, series, variables, values, admin)


def test_defaults_are_those_of_the_server(plain: Plain) -> None:
    told = {
        name: variable.defaults.get(plain.series)
        for name, variable in load().variables.items()
        if name not in GIVEN and not variable.machine
    }
    assert told == {name: plain.values.get(name) for name in told}
    assert len([v for v in told.values() if v is not None]) > 45
    machine = {n for n, v in plain.variables.items() if v.machine}
    assert machine <= set(plain.values)


def test_help_tells_the_same_defaults(plain: Plain) -> None:
    shown = table_of_help(plain.server)
    wrong = []
    for name, variable in load().variables.items():
        default = variable.defaults.get(plain.series)
        expected = TOLD_WRONG_BY_HELP.get((plain.flavor, name), default)
        if not variable.machine and not _same(expected, shown.get(name)):
            wrong.append(f"{name} is {shown.get(name)!r}, not {expected!r}")
    assert wrong == []


def _same(told: str | None, shown: str | None) -> bool:
    if told is None or shown is None:
        return told is shown
    words = {"TRUE": "ON", "FALSE": "OFF", "(No default value)": ""}
    shown = words.get(shown, shown)
    if re.fullmatch(r"[\d.]+", told) and re.fullmatch(r"[\d.]+", shown):
        return Decimal(told) == Decimal(shown)
    return told == shown


def test_what_is_dynamic_can_be_set_and_the_rest_cannot(plain: Plain) -> None:
    wrong = []
    for name, variable in plain.variables.items():
        number = plain.number_of(f"SET GLOBAL {name} = @@global.{name}")
        expected = 0 if variable.dynamic else READ_ONLY
        if name == "max_user_connections" and plain.flavor == "mariadb":
            expected = STARTED_WITH_0
        if number != expected:
            wrong.append(f"SET GLOBAL {name} gave {number}, not {expected}")
    assert wrong == []


def test_what_a_session_may_set_for_itself(plain: Plain) -> None:
    wrong = []
    for name, variable in plain.variables.items():
        number = plain.number_of(f"SET SESSION {name} = @@session.{name}")
        if variable.session != (number == 0) or number not in {0, *NO_SESSION_VALUE}:
            wrong.append(f"SET SESSION {name} gave {number}")
    assert wrong == []


def test_what_open_sessions_keep(plain: Plain) -> None:
    """A session copies a variable at login where it has a value of its own that stays."""
    wrong = []
    with plain.server.client("admin") as earlier, earlier.cursor() as cursor:
        for name, variable in plain.variables.items():
            other = _another(variable, plain.values[name])
            if not variable.dynamic or other is None:
                continue
            try:
                cursor.execute(f"SELECT @@session.{name}")
            except pymysql.MySQLError:
                continue
            before = cursor.fetchone()
            if plain.number_of(f"SET GLOBAL {name} = {other}") == STARTED_WITH_0:
                continue
            cursor.execute(f"SELECT @@session.{name}")
            applies = "new" if cursor.fetchone() == before else "now"
            plain.ask(f"SET GLOBAL {name} = {_quoted(plain.values[name])}")
            if applies != variable.applies:
                wrong.append(f"{name} applies {applies}")
    assert wrong == []


def _another(variable: Variable, value: str) -> str | None:
    if variable.name == "lc_messages":
        return "'de_DE'"
    if variable.unit == "text":
        return None
    if variable.unit == "bool":
        return "OFF" if value == "ON" else "ON"
    step = variable.block if int(Decimal(value)) != variable.maximum else -variable.block
    return str(int(Decimal(value)) + step)


def _quoted(value: str) -> str:
    return value if re.fullmatch(r"[\d.]+|ON|OFF", value) else f"'{value}'"


def test_what_mysql_persists(plain: Plain) -> None:
    """In mysqld-auto.cnf: SET PERSIST for what is dynamic, SET PERSIST_ONLY for the rest."""
    if plain.flavor == "mariadb":
        assert plain.number_of("SET PERSIST wait_timeout = 28800") == 1064  # ER_PARSE_ERROR
        return
    wrong = []
    for name, variable in plain.variables.items():
        now = plain.number_of(f"SET PERSIST {name} = @@global.{name}")
        later = plain.number_of(f"SET PERSIST_ONLY {name} = @@global.{name}")
        if (now == 0) != (variable.dynamic and variable.persistable):
            wrong.append(f"SET PERSIST {name} gave {now}")
        if (later == 0) != variable.persistable:
            wrong.append(f"SET PERSIST_ONLY {name} gave {later}")
    plain.ask("RESET PERSIST")
    assert wrong == []


def _is_number(variable: Variable) -> bool:
    return variable.unit not in ("bool", "text")


def _can_be_tried(plain: Plain, variable: Variable) -> bool:
    never = variable.name == "max_user_connections" and plain.flavor == "mariadb"
    return variable.dynamic and variable.outside == "clamped" and not never


def test_a_value_out_of_range_becomes_the_nearest(plain: Plain) -> None:
    wrong = []
    for name, variable in plain.variables.items():
        if not _is_number(variable) or not _can_be_tried(plain, variable):
            continue
        low, high, block = variable.minimum, variable.maximum, variable.block
        assert low is not None, name
        assert high is not None, name
        tried = {low - 1: low, min(high + block, HUGE): high}
        if block > 1:
            tried[low + block + block // 2] = low + block
        for value, expected in tried.items():
            now = plain.becomes(name, value)
            if now != expected:
                wrong.append(f"{name}: {value} became {now}, not {expected}")
    assert wrong == []


def test_ranges_that_cannot_be_tried_are_those_of_the_servers_own_tables(plain: Plain) -> None:
    tried = 0
    wrong = []
    for name, variable in plain.variables.items():
        if not _is_number(variable) or _can_be_tried(plain, variable):
            continue
        tried += 1
        low, high, block = limits_of(plain, name)
        chunks = variable.outside == "whole-chunks"
        if variable.minimum != low and not chunks:
            wrong.append(f"{name}: the smallest is {low}, not {variable.minimum}")
        if variable.maximum not in (None, high, high - high % variable.block):
            wrong.append(f"{name}: the largest is {high}, not {variable.maximum}")
        if block is not None and block != variable.block and not chunks:
            wrong.append(f"{name}: the block is {block}, not {variable.block}")
    assert wrong == []
    assert tried >= 4


def test_what_is_refused_out_of_range(plain: Plain) -> None:
    for name, variable in plain.variables.items():
        if variable.outside == "refused" and variable.dynamic:
            assert variable.minimum is not None
            assert plain.number_of(f"SET GLOBAL {name} = {variable.minimum}") == 1210, name


def test_the_buffer_pool_is_whole_chunks(plain: Plain) -> None:
    name = "innodb_buffer_pool_size"
    chunk = plain.ask("SELECT @@global.innodb_buffer_pool_chunk_size") or 1 << 20
    before = int(plain.values[name])
    assert before % chunk == 0
    number = plain.number_of(f"SET GLOBAL {name} = {before + (1 << 19)}")
    after = plain.ask(f"SELECT @@global.{name}")
    assert number == 0
    assert after % chunk == 0


def test_units_are_of_the_servers_kind(plain: Plain) -> None:
    kinds = kinds_of(plain)
    told = {
        name: v.unit if v.unit in ("bool", "text") else "number"
        for name, v in plain.variables.items()
    }
    assert told == {name: kinds[name] for name in told}


def test_a_statements_limit_counts_in_the_unit_that_is_told(plain: Plain) -> None:
    """One second: 1000 of MySQL's milliseconds, or 1 of MariaDB's seconds."""
    name = "max_execution_time" if plain.flavor == "mysql" else "max_statement_time"
    second = {"ms": 1000, "s": 1}[plain.variables[name].unit]
    with plain.server.client("admin", read_timeout=30) as client, client.cursor() as cursor:
        cursor.execute(f"SET SESSION {name} = {second}")
        cursor.execute("SET @began = SYSDATE(6)")
        with contextlib.suppress(pymysql.MySQLError):  # MySQL's SLEEP says 1, MariaDB 1969
            cursor.execute("SELECT SLEEP(20)")
        cursor.execute(f"SET SESSION {name} = 0")
        cursor.execute("SELECT TIMESTAMPDIFF(MICROSECOND, @began, SYSDATE(6)) / 1000000")
        row = cursor.fetchone()
        assert row is not None
        assert 0.9 <= float(row[0]) < 10
