"""`check` on servers that are hard to look at: bare, read-only, without a free slot."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import pymysql
import pytest

from tests.servers.conftest import StartServer
from tests.servers.harness.server import ServerUnderTest
from tests.servers.harness.templates import PRODUCTS, Templates, start_with
from tests.servers.held import MOST_SECONDS, SETTINGS, held, quick
from tests.servers.test_connection_step import context_for
from tests.servers.test_session_connect import target
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.server.session import Row
from wizard.steps import counters, counters_rows
from wizard.steps.counters_errors import NUMBERS
from wizard.steps.counters_rows import error_rows

pytestmark = pytest.mark.servers

SLOTS = 10
"""The fewest connections that MariaDB can be limited to."""


@pytest.fixture(scope="module", params=PRODUCTS)
def bare(request: pytest.FixtureRequest, _templates: Templates) -> Iterator[ServerUnderTest]:
    """No performance schema, no names, no writes, and few slots."""
    settings = {**SETTINGS, "performance_schema": "OFF", "max_connections": SLOTS}
    with ExitStack() as stack:
        server = start_with(stack, _templates, str(request.param), settings)
        server.set_global("read_only", "ON")
        yield server


def test_a_bare_read_only_server_is_looked_at_within_the_promises(bare: ServerUnderTest) -> None:
    seen = quick(lambda: held(bare))
    assert seen.run.exit_code == 0, seen.run.told()
    assert seen.connections == 1, seen.told()
    assert 5 < seen.statements < 60, seen.told()
    assert seen.longest[0] < MOST_SECONDS * 10, seen.told()  # the machine of a test is busy
    for name in ("connection", "settings", "counters"):
        assert seen.run.step(name)["status"] == "done", seen.run.told()
    if bare.flavor.value == "mysql":
        untold = [m["text"] + m.get("signal", "") for d in seen.run.answer["diagnosis"]
                  for m in d["missing"]]  # fmt: skip
        assert "performance_schema" in seen.run.told() + str(untold), seen.run.told()


def test_without_a_free_slot_the_spare_one_is_used_or_the_reason_is_told(
    bare: ServerUnderTest,
) -> None:
    with ExitStack() as stack:
        for _ in range(SLOTS):
            stack.enter_context(bare.client())
        spare = held(bare)
        assert spare.run.step("connection")["status"] == "done", spare.run.told()
        assert spare.connections == 1, spare.told()
        shut_out = held(bare, user="app")
    assert shut_out.run.first == ("too-many-connections", "confirmed"), shut_out.run.told()
    assert shut_out.run.exit_code == 1
    assert shut_out.statements == 0
    assert shut_out.connections <= 1, shut_out.told()
    assert shut_out.run.step("settings")["status"] == "skipped"


def test_errors_that_mysql_has_no_room_to_count_are_not_taken_for_none(
    start_server: StartServer,
) -> None:
    server = start_server("mysql", performance_schema_error_size=0)
    context = context_for(target(server))
    context.server = context.connector.connect()
    try:
        told = counters.STEP.run(context)
    finally:
        context.server.close()
    assert "count.access-denied" not in told.looked_for


def test_errors_of_many_accounts_are_asked_for_in_parts(
    mysql: ServerUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look for one account goes through all of them: one question for all grew by the square."""
    for number in range(5):
        mysql.sql(f"CREATE USER many{number}@'%' IDENTIFIED BY 'Sw0rd-of-test'")
        with pytest.raises(pymysql.err.OperationalError, match="1045"):
            mysql.client(f"many{number}", password="wrong")
    session = PyMySqlConnector(target(mysql)).connect()
    try:
        whole = error_rows(session, NUMBERS)
        asked: list[str] = []
        rows = session.rows

        def noted(sql: str, args: Sequence[object] = ()) -> list[Row]:
            asked.append(sql)
            return rows(sql, args)

        monkeypatch.setattr(session, "rows", noted)
        monkeypatch.setattr(counters_rows, "_LOOKS", 1)
        parts = error_rows(session, NUMBERS)
    finally:
        session.close()
    assert len(asked) > 5
    assert set(parts) == set(whole)
    assert {row.user for row in parts if row.number == 1045} == {f"many{n}" for n in range(5)}
