"""What could keep a log on, staged on real servers: each time it goes back, or is offered."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.servers import capture_lab as lab
from tests.servers.capture_relay import relay
from tests.servers.conftest import SharedServers, StartServer
from tests.servers.harness.requirement import unavailable
from tests.servers.harness.server import ServerUnderTest
from tests.servers.test_session_connect import target
from wizard.capture.plan import GRACE
from wizard.capture.switch import Switch
from wizard.server.pymysql_session import PyMySqlConnector

pytestmark = pytest.mark.servers

LONG = ("general", "--for", "10m")
"""Far longer than a test waits: what puts the log back is never the capture's own end."""

_ROOM = 24 << 20


@contextmanager
def small_disk(server: ServerUnderTest) -> Iterator[None]:
    """The server's data on a file system of its own with _ROOM bytes left."""
    if os.geteuid() != 0:
        unavailable("root, to mount a file system")
    server.stop()
    aside = server.data.rename(server.data.with_name("aside"))
    used = sum(path.stat().st_blocks * 512 for path in aside.rglob("*"))
    server.data.mkdir()
    size = f"size={used + _ROOM}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", server.data], check=True)
    try:
        subprocess.run(["cp", "-a", f"{aside}/.", server.data], check=True)
        server.start()
        yield
    finally:
        if (server.directory / "server.sock").exists():
            server.stop()
        subprocess.run(["umount", server.data], check=True)


def fill(directory: Path) -> None:
    """Until the disk takes no more."""
    with (directory / "ballast").open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(b"x" * (1 << 16))
        except OSError:
            return


@pytest.mark.parametrize("killed", [False, True])
def test_a_full_disk(killed: bool, start_server: StartServer) -> None:
    server = start_server("mysql" if killed else "mariadb")
    with small_disk(server):
        before = lab.logging_state(server)
        wizard = lab.begun(server, lab.start(server, *LONG, "--max", "8M"))
        guard = lab.guard_of(wizard.pid)
        if killed:
            for pid in (guard, wizard.pid):
                lab.kill(pid, signal.SIGKILL)
        fill(server.data)
        lab.assert_as_it_was(server, before)
        _out, err = wizard.communicate(timeout=180)
        assert killed or "the disk runs short" in err, err
        (server.data / "ballast").unlink()


@pytest.mark.parametrize("product", ["mariadb", "mysql"])
def test_a_proxy_that_refuses_several_statements(
    product: str, shared_servers: SharedServers, tmp_path: Path
) -> None:
    """Nothing in the server knows of the end: the guard puts the log back, and where it was
    killed too, the next start."""
    server = shared_servers(product)
    before = lab.logging_state(server)
    with relay(server.port, refuses_batches=True) as proxy:
        way = lab.by_port(server, proxy.port, tmp_path)
        wizard = lab.begun(server, lab.start_by(way, *LONG))
        lab.end(wizard)
        lab.assert_as_it_was(server, before)
        lab.kill_at_work(server, lambda span: lab.start_by(way, "general", "--for", span))
        lab.wait_until(lambda: not lab.is_held(server))
        assert lab.is_on(server)
        lab.wait_until(lambda: "was put back" in lab.run_by(way, "restore").stdout, seconds=90)
    lab.assert_as_it_was(server, before)


@pytest.mark.parametrize("product", ["mariadb", "mysql"])
def test_a_proxy_that_keeps_the_servers_side_open(
    product: str, start_server: StartServer, tmp_path: Path
) -> None:
    """The server never learns that the client is gone: the time that was asked for is the bound.

    The session that put the log back stays as long as the log might have been read."""
    server = start_server(product)
    before = lab.logging_state(server)
    with relay(server.port, keeps_backend=True) as proxy:
        way = lab.by_port(server, proxy.port, tmp_path)
        lab.kill_at_work(server, lambda span: lab.start_by(way, "general", "--for", span))
        lab.wait_until(lambda: lab.logging_state(server) == before)
        lab.wait_until(lambda: not lab.left_files(server))


@pytest.mark.parametrize("product", ["mariadb", "mysql"])
def test_a_server_that_limits_statements_and_is_read_only(
    product: str, shared_servers: SharedServers
) -> None:
    """A limit on statements would end the wait too soon, or a look at a busy server."""
    server = shared_servers(product)
    only_mysql = {"max_execution_time": 500, "super_read_only": 1}
    limits = {"max_statement_time": 0.5} if product == "mariadb" else only_mysql
    settings = {"read_only": 1, **limits}
    for name, value in settings.items():
        server.set_global(name, value)
    try:
        switch = Switch(PyMySqlConnector(target(server)))
        switch.lock(5)
        for session in (switch._holder, switch._control):
            assert session is not None
            assert not session.value(f"SELECT @@SESSION.{next(iter(limits))}")
        switch.close()
        before = lab.logging_state(server)
        found = lab.answer(server, "general", "--for", "2s")["capture"]
        assert lab.logging_state(server) == before
    finally:
        for name in settings:
            server.set_global(name, 0)
    began, ended = (datetime.fromisoformat(found[name]) for name in ("began", "ended"))
    # On a machine that stands still for so long the server comes first.
    late = found["ended_by"] == "the server ended it" and ended - began >= timedelta(
        seconds=2 + GRACE
    )
    assert late or found["ended_by"] == "the time was over"
