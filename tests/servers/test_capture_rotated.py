"""A general log that is rotated while a capture reads it, on real servers."""

import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from tests.servers import capture_lab as lab
from tests.servers.conftest import SharedServers
from tests.servers.harness.server import ServerUnderTest
from tests.servers.test_session_connect import target
from wizard.capture.growing import EMPTIED, RENAMED
from wizard.capture.logging_state import CaptureKind
from wizard.capture.prepare import Place, Wanted, prepare
from wizard.capture.source import CapturedLog
from wizard.hosts.local.host import LocalHost
from wizard.server.pymysql_session import PyMySqlConnector, PyMySqlSession

pytestmark = pytest.mark.servers


def opened(server: ServerUnderTest, session: PyMySqlSession) -> CapturedLog:
    """A capture of ten minutes that has begun."""
    place = Place(target(server), PyMySqlConnector(target(server)), LocalHost(), False)
    wanted = Wanted(CaptureKind.GENERAL, 600, 1 << 20)
    log = prepare(place, wanted, session, lambda _: None).open(session)
    log.begin()
    return log


@pytest.mark.parametrize("product", ["mariadb", "mysql"])
def test_a_log_of_our_own_that_is_flushed_is_read_on(
    product: str, shared_servers: SharedServers
) -> None:
    """FLUSH LOGS has the server make a file anew, under the name that was taken away."""
    server = shared_servers(product)
    before = lab.logging_state(server)
    with closing(PyMySqlConnector(target(server)).connect()) as session:
        log = opened(server, session)
        try:
            looks = log.progress()
            next(looks)
            server.sql("DO 'one'")
            server.sql("FLUSH GENERAL LOGS")
            server.sql("DO 'two'")
            next(looks)
            assert not lab.left_files(server)
            server.sql("FLUSH LOGS")
            server.sql("DO 'three'")
            log.end()
            held = b"".join(log.chunks())
        finally:
            log.close()
    assert all(word in held for word in (b"'one'", b"'two'", b"'three'")), held[-2000:]
    lab.assert_as_it_was(server, before)


@pytest.mark.parametrize("product", ["mariadb", "mysql"])
def test_a_log_that_was_on_is_read_on(product: str, shared_servers: SharedServers) -> None:
    """Emptied in its place, renamed, and opened anew: what was said before and after is there."""
    server = shared_servers(product)
    session = PyMySqlConnector(target(server)).connect()
    server.sql("SET GLOBAL general_log = 1")
    try:
        log = opened(server, session)
        looks = log.progress()
        next(looks)
        assert log.reads_file
        file = server.data / Path(str(server.sql("SELECT @@general_log_file AS f")[0]["f"])).name
        server.sql("DO 'one'")
        next(looks)
        shutil.copy(file, file.with_suffix(".copy"))
        os.truncate(file, 0)
        server.sql("DO 'two'")
        next(looks)
        file.rename(file.with_suffix(".1"))
        server.sql("DO 'three'")
        server.sql("FLUSH GENERAL LOGS")
        server.sql("DO 'four'")
        held = b"".join(log.chunks())
        told = log.end()
        log.close()
    finally:
        server.sql("SET GLOBAL general_log = 0")
        session.close()
    said = [word for word in (b"'one'", b"'two'", b"'three'", b"'four'") if word in held]
    assert said == [b"'one'", b"'two'", b"'three'", b"'four'"], held[-2000:]
    assert EMPTIED in told
    assert RENAMED in told
