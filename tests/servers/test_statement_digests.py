"""MySQL's own statement digests, shown where the slow log is off: without the wizard's."""

import pytest

from tests.servers.check_run import check
from tests.servers.harness.server import ServerUnderTest
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.steps.slow_digests import digest_table
from wizard.target.model import Target

pytestmark = pytest.mark.servers


def test_digests_show_what_others_ask_alone(lent_mysql: ServerUnderTest) -> None:
    server = lent_mysql
    server.sql("TRUNCATE performance_schema.events_statements_summary_by_digest")
    server.sql("SELECT 1 AS goneaway_of_another")
    check(server)
    session = PyMySqlConnector(Target(socket=str(server.socket), user="root")).connect()
    try:
        table = digest_table(session)
    finally:
        session.close()
    assert table is not None
    told = [row[-1] for row in table.rows]
    assert any("goneaway_of_another" in text for text in told)
    assert not [text for text in told if "events_errors" in text or "GRANTS" in text], told
