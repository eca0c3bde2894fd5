"""What a probe leaves at a server is not held against anybody by the next look at it."""

import socket
import threading
from contextlib import suppress

import pytest

from tests.lab.relay import Relay
from tests.servers.check_run import CheckRun, check, password_file
from tests.servers.harness.server import ServerUnderTest
from tests.servers.watched import recorder
from wizard.case.own_traces import OwnTraces, server_name
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


def test_sessions_that_a_proxy_numbers_itself_are_not_taken_for_the_servers(
    server: ServerUnderTest,
) -> None:
    """The server may have one of the application's of that number."""
    with (
        Relay((server.host, server.port), message_limit=200_000) as relay,
        _Renumbering(relay.port) as proxy,
    ):
        words = ["-h", "127.0.0.1", "-P", str(proxy.port), "-u", "admin", "--probe", "packet"]
        words += ["--password-file", str(password_file(server, "admin"))]
        run = CheckRun(words, server.passwords["admin"])
        assert run.accused == ["packet-too-large"], run.told()
        assert proxy.greeted > 3
    (row,) = server.sql("SELECT @@hostname AS host, @@port AS port")
    left = OwnTraces().of(server_name(row["host"], row["port"]))
    assert not [trace for trace in left if trace.connections or trace.aborted]


class _Renumbering:
    """Before a server: each greeting that passes has another number in it, as a proxy's has."""

    def __init__(self, port: int) -> None:
        self._behind = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.greeted = 0

    def __enter__(self) -> "_Renumbering":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                behind = socket.create_connection(("127.0.0.1", self._behind))
                greeting = bytearray(behind.recv(1 << 12))
                at = greeting.index(0, 5) + 1  # after the header, the protocol and the version
                self.greeted += 1
                greeting[at : at + 4] = (900_000 + self.greeted).to_bytes(4, "little")
                client.sendall(greeting)
                for ends in ((client, behind), (behind, client)):
                    threading.Thread(target=_pass, args=ends, daemon=True).start()


def _pass(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(data)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _signals(run: CheckRun) -> set[str]:
    return {reason["signal"] for found in run.answer["diagnosis"] for reason in found["for"]}
