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
from wizard.server.answers import number_of
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.server.session import Row, ServerSession
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


def test_errors_of_a_user_from_many_hosts_are_asked_for_by_user(
    mysql: ServerUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each pod of a cluster is an account of its own; all of them have a user or two."""
    mysql.sql("CREATE USER pod@'%' IDENTIFIED BY 'Sw0rd-of-test'")
    for address in ("127.0.0.1", "127.0.0.2", "127.0.0.3"):
        with pytest.raises(pymysql.err.OperationalError, match="1045"):
            mysql.client("pod", password="wrong", bind_address=address)
    connector = PyMySqlConnector(target(mysql))
    session = connector.connect()
    try:
        by_account = [r for r in error_rows(session, NUMBERS) if r.user == "pod"]
        monkeypatch.setattr(counters_rows, "_MOST_LOOKS", _looks_of(session, "users"))
        by_user = [r for r in error_rows(session, NUMBERS) if r.user == "pod"]
        assert [(r.account, r.number, r.count) for r in by_user] == [("pod", 1045, 3)]
        assert {r.table for r in by_user} == {counters_rows.BY_USER}
        assert sum(r.count for r in by_account) == 3
        assert len({r.account for r in by_account}) == 3
        assert by_user[0].last == max(r.last for r in by_account if r.last)

        monkeypatch.setattr(counters_rows, "_MOST_LOOKS", 1)
        with pytest.raises(counters_rows.TooManyAccounts, match="too many to ask"):
            error_rows(session, NUMBERS)
        context = context_for(target(mysql))
        context.server = session
        told = counters.STEP.run(context)
    finally:
        session.close()
    assert any("Only totals" in note and "too many to ask" in note for note in told.notes)
    assert "count.access-denied" not in told.looked_for


def _looks_of(session: ServerSession, listed: str) -> int:
    """Just enough looks for a question by `listed`."""
    raised = len(counters_rows._raised(session, NUMBERS))
    accounts, others = (
        number_of(session.value(f"SELECT COUNT(*) FROM performance_schema.{table}"))
        for table in ("accounts", listed)
    )
    assert others < accounts
    return raised * accounts * others
