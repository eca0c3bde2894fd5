"""The slow log captured on real servers, and put back."""

import pytest

from tests.servers import capture_lab as lab
from tests.servers.harness.server import ServerUnderTest

pytestmark = pytest.mark.servers


def slow(server: ServerUnderTest) -> None:
    for _ in range(4):
        with server.client() as client:
            client.cursor().execute("SELECT SLEEP(0.4), 'secret 7'")


@pytest.mark.parametrize("before", ["off", "on"])
def test_what_took_long_is_named_by_its_shape(server: ServerUnderTest, before: str) -> None:
    if before == "on":
        server.sql("SET GLOBAL long_query_time = 0.2")
        server.sql("SET GLOBAL slow_query_log = 1")
    state = lab.logging_state(server)
    found = lab.answer_with(server, slow, "slow", "--long", "0.3")
    shapes = {row[-1]: row for row in found["tables"][0]["rows"]}
    assert "select sleep(?), ?" in shapes
    assert int(shapes["select sleep(?), ?"][0]) == 4
    assert "secret" not in str(found)
    assert lab.logging_state(server) == state
    assert not lab.left_files(server)
