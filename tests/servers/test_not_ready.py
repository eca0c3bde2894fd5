"""A server that is still starting is told as that: it is not dead, and not to be started again."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable

import pytest

from tests.servers.certificates import Authority
from tests.servers.check_run import check
from tests.servers.harness.server import ServerUnderTest
from wizard.demo.binaries import NoServerInstalled

pytestmark = pytest.mark.servers


def waits_for_its_key(server: ServerUnderTest) -> None:
    """Early in its start: nothing listens yet."""
    certificate, key = Authority(server.directory).issue("localhost")
    key.unlink()
    os.mkfifo(key)
    inside = server.binary.inside
    server.configure(ssl_cert=inside(certificate), ssl_key=inside(key))


def waits_for_its_init_file(server: ServerUnderTest) -> None:
    """Late: its port is open, and nobody is greeted."""
    os.mkfifo(server.directory / "init.sql")
    server.configure(init_file=server.binary.inside(server.directory / "init.sql"))


@pytest.mark.parametrize("staged", [waits_for_its_key, waits_for_its_init_file])
def test_a_server_that_is_not_ready_yet(
    server: ServerUnderTest, staged: Callable[[ServerUnderTest], None]
) -> None:
    """It waits for what comes out of a pipe that nobody writes to."""
    staged(server)
    server.kill9()
    written = len(server.log_text())

    def start() -> None:
        with contextlib.suppress(NoServerInstalled):
            server.start()

    starting = threading.Thread(target=start)
    starting.start()
    try:
        _wait_until_it_stands(server, written, staged is waits_for_its_init_file)
        run = check(server, "--error-log", str(server.error_log))
        pid = server.pid
    finally:
        server.kill9()
        starting.join()
    found = {d["cause"]: d for d in run.answer["diagnosis"]}
    told = [r["text"] for r in found["server-unreachable"]["for"]]
    assert any(f"is starting, or recovers: process {pid}" in text for text in told), run.told()
    assert found["server-killed"]["explains"] == 1, run.told()
    assert run.exit_code == 1


def _wait_until_it_stands(server: ServerUnderTest, written: int, listens: bool) -> None:
    """Until its log has the start, and its port is open where that comes before the pipe."""
    limit = time.monotonic() + 60.0
    while True:
        assert time.monotonic() < limit, server.log_text()[written:]
        time.sleep(0.05)
        if "as process" in server.log_text()[written:]:
            with contextlib.suppress(ConnectionRefusedError):
                socket.create_connection((server.host, server.port)).close()
                return
            if not listens:
                return
