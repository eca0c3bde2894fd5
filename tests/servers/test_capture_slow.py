"""The slow log captured on real servers, and put back."""

import threading
from typing import Any

import pytest

from tests.servers import capture_lab as lab
from tests.servers.harness.server import ServerUnderTest

pytestmark = pytest.mark.servers


def slow(server: ServerUnderTest) -> None:
    for _ in range(4):
        slow_once(server)


def slow_once(server: ServerUnderTest) -> None:
    with server.client() as client:
        client.cursor().execute("SELECT SLEEP(0.4), 'secret 7'")


def named_times(server: ServerUnderTest, found: dict[str, Any], state: object) -> int:
    """How often its shape is told, where nothing is left of the capture."""
    shapes = {row[-1]: row for row in found["tables"][0]["rows"]}
    assert "select sleep(?), ?" in shapes
    assert "secret" not in str(found)
    assert lab.logging_state(server) == state
    assert not lab.left_files(server)
    return int(shapes["select sleep(?), ?"][0])


def test_what_took_long_is_named_by_its_shape(server: ServerUnderTest) -> None:
    state = lab.logging_state(server)
    found = lab.answer_with(server, slow, "slow", "--long", "0.3")
    assert named_times(server, found, state) == 4


def test_so_it_is_in_a_log_that_was_on(server: ServerUnderTest) -> None:
    """It is read as it is: nothing in the server tells when that begins."""
    server.sql("SET GLOBAL long_query_time = 0.2")
    server.sql("SET GLOBAL slow_query_log = 1")
    state, over = lab.logging_state(server), threading.Event()

    def until_it_is_over() -> None:
        while not over.is_set():
            slow_once(server)

    clients = threading.Thread(target=until_it_is_over)
    clients.start()
    try:
        found = lab.answer(server, "slow", "--for", "6s")
    finally:
        over.set()
        clients.join()
    assert named_times(server, found, state) >= 1
