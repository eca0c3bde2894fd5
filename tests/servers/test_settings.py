"""The settings step on real servers, with sessions of an application beside it."""

from datetime import UTC, datetime

import pytest

from tests.servers.conftest import StartServer
from tests.servers.fix_engine import Engine
from tests.servers.harness.server import ServerUnderTest
from wizard.case.case import Case, TargetFacts, Window
from wizard.case.evidence import StepResult
from wizard.server.variables import read_settings
from wizard.steps.settings import run
from wizard.steps.step import Context
from wizard.target.model import Sources

pytestmark = pytest.mark.servers


def step_on(engine: Engine) -> StepResult:
    now = datetime.now(UTC)
    case = Case(now, Window(now, now), TargetFacts("x"))
    session = engine.session()
    try:
        return run(Context(engine.target, Sources(), case, engine.connector, server=session))
    finally:
        session.close()


def row_of(result: StepResult, name: str) -> tuple[str, ...]:
    return next(row for row in result.tables[0].rows if row[0] == name)


def test_values_defaults_and_origins(server: ServerUnderTest, product: str) -> None:
    engine = Engine(server)
    server.set_global("net_read_timeout", 77)
    result = step_on(engine)
    assert result.facts["wait_timeout"] == 28800
    assert result.facts["net_read_timeout"] == 77
    assert row_of(result, "wait_timeout")[3] == "built in"
    value, default, origin, note = row_of(result, "net_read_timeout")[1:]
    assert (value, default) == ("77 s", "30 s")
    assert origin.startswith("set while running")
    assert note == "changed; lost at the next start"
    where = str(server.binary.inside(server.option_file))
    assert row_of(result, "skip_name_resolve")[3] == where
    assert ("log_error_verbosity" in result.facts) == (product == "mysql")
    assert [e.signal for e in result.evidence] == []


def test_an_application_with_its_own_limit_is_seen(mysql: ServerUnderTest) -> None:
    engine = Engine(mysql)
    first, second = mysql.client(), mysql.client(init_command="SET SESSION wait_timeout = 20")
    with second.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        (number,) = cursor.fetchone()
    interactive = mysql.client(program_name="mysql", init_command="SET SESSION wait_timeout = 50")
    mysql.set_global("interactive_timeout", 50)
    other = engine.session()
    other.execute("SET SESSION wait_timeout = 3")
    try:
        result = step_on(engine)
    finally:
        for client in (first, second, interactive, other):
            client.close()
    (evidence,) = result.evidence
    assert evidence.signal == "setting.session-timeout"
    assert (evidence.count, evidence.value) == (1, 20.0)
    assert evidence.occurrences[0].connection_id == number
    assert result.facts["session_wait_timeout_min"] == 20
    assert any("interactive_timeout (50 s)" in note for note in result.notes)


def test_an_account_without_privileges_is_told_what_it_lacks(mysql: ServerUnderTest) -> None:
    result = step_on(Engine(mysql, "app"))
    assert "setting.session-timeout" not in result.looked_for
    assert result.facts["wait_timeout"] == 28800
    assert any("GRANT SELECT ON performance_schema" in note for note in result.notes)


def test_settings_that_cut_sessions(start_server: StartServer) -> None:
    server = start_server("mariadb", idle_transaction_timeout=9, init_connect="'SET @a = 1'")
    result = step_on(Engine(server))
    assert {e.signal for e in result.evidence} == {
        "setting.idle-transaction",
        "setting.init-connect",
    }
    assert "setting.session-timeout" not in result.looked_for


def test_offline_mode_is_seen(mysql: ServerUnderTest) -> None:
    mysql.sql("SET GLOBAL offline_mode = ON")
    result = step_on(Engine(mysql))
    assert [e.signal for e in result.evidence] == ["setting.offline-mode"]


def test_persisted_values_are_known(mysql: ServerUnderTest) -> None:
    mysql.sql("SET PERSIST wait_timeout = 1234")
    mysql.set_global("wait_timeout", 4321)
    engine = Engine(mysql)
    session = engine.session()
    try:
        settings = read_settings(session)
    finally:
        session.close()
    assert settings.persisted == {"wait_timeout": "1234"}
    assert "becomes 1234 at the next start" in row_of(step_on(engine), "wait_timeout")[4]
    mysql.restart()
    row = row_of(step_on(engine), "wait_timeout")
    assert row[1] == "20 min 34 s (1234 s)"
    assert row[3].startswith("SET PERSIST (")
