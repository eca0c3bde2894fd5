"""A capture in which nothing happened says what that means, and shows no bare headings."""

import pytest

from tests.servers import capture_lab as lab
from tests.servers.harness.server import ServerUnderTest

pytestmark = pytest.mark.servers


def test_an_idle_server(server: ServerUnderTest) -> None:
    alone = lab.run(server, "general", "--for", "1s")
    assert alone.returncode == 0, alone.stderr
    assert "as far as is seen nobody was connected: the application was idle" in alone.stdout
    assert "Who was connected" not in alone.stdout
    with server.client(), server.client():
        resting = lab.run(server, "general", "--for", "1s")
    assert "2 connections stood open and rested" in resting.stdout
    assert "none of the patterns" not in resting.stdout
    slow = lab.run(server, "slow", "--for", "1s", "--long", "9")
    assert slow.returncode == 0, slow.stderr
    assert "no statement took longer than 9 s in that time" in slow.stdout
