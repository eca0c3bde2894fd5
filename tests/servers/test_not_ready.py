"""A server that is still starting is told as that: it is not dead, and not to be started again."""

import contextlib
import os
import threading
import time

import pytest

from tests.servers.certificates import Authority
from tests.servers.check_run import check
from tests.servers.harness.server import ServerUnderTest
from wizard.demo.binaries import NoServerInstalled

pytestmark = pytest.mark.servers


def test_a_server_that_is_not_ready_yet(server: ServerUnderTest) -> None:
    """It waits for its key, which comes out of a pipe that nobody writes to."""
    certificate, key = Authority(server.directory).issue("localhost")
    key.unlink()
    os.mkfifo(key)
    inside = server.binary.inside
    server.configure(ssl_cert=inside(certificate), ssl_key=inside(key))
    server.kill9()
    written = len(server.log_text())

    def start() -> None:
        with contextlib.suppress(NoServerInstalled):
            server.start()

    starting = threading.Thread(target=start)
    starting.start()
    try:
        limit = time.monotonic() + 60.0
        while "as process" not in server.log_text()[written:]:
            assert time.monotonic() < limit, server.log_text()[written:]
            time.sleep(0.05)
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
