"""What a probe leaves at a server is not held against anybody by the next look at it."""

import pytest

from tests.lab.relay import Relay
from tests.servers.check_run import CheckRun, check, password_file
from tests.servers.harness.server import ServerUnderTest
from tests.servers.watched import recorder
from wizard.recorder.event import EventKind

LOST = {"count.lost-client", "log.aborted-read-error"}


def test_the_next_look_leaves_out_what_the_probe_lost(
    server: ServerUnderTest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Statements above 200 KB are cut on the way, many times; the server counts each."""
    with (
        recorder(server) as beside,
        Relay((server.host, server.port), message_limit=200_000) as relay,
    ):
        words = ["-h", "127.0.0.1", "-P", str(relay.port), "-u", "admin", "--probe", "packet"]
        words += ["--password-file", str(password_file(server, "admin"))]
        run = CheckRun(words, server.passwords["admin"])
        server.counted("Aborted_clients", 10)
        beside.looks(8)
    assert run.accused == ["packet-too-large"], run.told()
    told = [e for e in beside.events if e.kind is EventKind.SESSION_ENDED]
    assert [e.text for e in told] == [], "the recorder beside took them for an application's"
    run = check(server)
    assert run.accused == [], run.told()
    assert not _signals(run) & LOST, run.told()
    # An account of the operator's machine that made no probe sees them all.
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    run = check(server)
    assert _signals(run) & LOST, run.told()


def _signals(run: CheckRun) -> set[str]:
    return {reason["signal"] for found in run.answer["diagnosis"] for reason in found["for"]}
