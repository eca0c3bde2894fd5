"""A capture in which nothing happened says what that means, and shows no bare headings."""

import json
from contextlib import ExitStack

import pytest

from tests.servers import capture_lab as lab
from tests.servers.harness.server import ServerUnderTest
from wizard.capture.recording import Recording
from wizard.cli import main

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


def test_who_comes_and_who_leaves_while_the_log_is_switched_on(
    server: ServerUnderTest, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begin = Recording.begin
    with ExitStack() as stack:
        leaves = server.client()

        def slowly(log: Recording) -> None:
            leaves.close()
            server.status("Threads_connected")
            stack.enter_context(server.client())
            begin(log)

        monkeypatch.setattr(Recording, "begin", slowly)
        words = ["capture", "general", "--for", "1s", "--format", "json", *lab.by_socket(server)]
        assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert "general.vanished" not in [found["signal"] for found in told["evidence"]]
    assert told["capture"]["connections"] == 1
    assert told["capture"]["entries"] == 0
