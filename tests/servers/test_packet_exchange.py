"""A statement and its answer over the raw socket, on real servers."""

import itertools
import time
from collections.abc import Iterator

import pytest

from tests.servers.harness.server import ServerUnderTest
from wizard.probes.packet.exchange import FULL, OutOfTime, exchange
from wizard.server.connection_end import ConnectionEnd
from wizard.server.login_stages import LoginStages
from wizard.server.pymysql_session import PyMySqlConnector, PyMySqlSession
from wizard.target.model import Secret, SslMode, Target, Tls


@pytest.fixture(params=[SslMode.DISABLED, SslMode.PREFERRED])
def session(
    shared_server: ServerUnderTest, request: pytest.FixtureRequest
) -> Iterator[PyMySqlSession]:
    held = PyMySqlConnector(
        Target(
            host=shared_server.host, port=shared_server.port, user="admin",
            password=Secret(shared_server.passwords["admin"]),
            tls=Tls(request.param, ask_public_key=True),
        )
    ).login(10, LoginStages())  # fmt: skip
    yield held
    held.close()


def _texts(size: int) -> Iterator[bytes]:
    before, after = b"SELECT LENGTH('", b"')"
    yield before
    yield b"x" * (size - 1 - len(before) - len(after))
    yield after


@pytest.mark.parametrize("size", [100, 70_000, 5_000_000])
def test_a_statement_arrives_whole(session: PyMySqlSession, size: int) -> None:
    assert session.raw_socket is not None
    answer = exchange(session.raw_socket, size, _texts(size), 20, time.monotonic() + 60, _go_on)
    assert answer.ending is None
    assert int(answer.value) == size - 18
    assert session.value("SELECT 7") == 7


@pytest.mark.parametrize("size", [FULL - 1, FULL, FULL + 1])
def test_a_packet_that_is_full_goes_on_in_the_next(mysql: ServerUnderTest, size: int) -> None:
    held = PyMySqlConnector(
        Target(
            host=mysql.host, port=mysql.port, user="admin",
            password=Secret(mysql.passwords["admin"]),
        )
    ).login(10, LoginStages())  # fmt: skip
    assert held.raw_socket is not None
    answer = exchange(held.raw_socket, size, _texts(size), 20, time.monotonic() + 60, _go_on)
    assert int(answer.value) == size - 18
    rows = iter((b"SELECT REPEAT('x', %d) AS a" % size,))
    length = len(b"SELECT REPEAT('x', %d) AS a" % size) + 1
    answer = exchange(held.raw_socket, length, rows, 20, time.monotonic() + 60, _go_on)
    assert (answer.ending, answer.received) == (None, size)
    held.close()


def test_an_error_is_told(session: PyMySqlSession) -> None:
    assert session.raw_socket is not None
    text = b"SELECT nothing FROM nowhere.at_all"
    answer = exchange(
        session.raw_socket, len(text) + 1, iter((text,)), 10, time.monotonic() + 60, _go_on
    )
    assert (answer.ending, answer.number in (1049, 1146)) == (ConnectionEnd.TOLD, True)


def test_a_null_is_no_value(session: PyMySqlSession) -> None:
    assert session.raw_socket is not None
    text = b"SELECT NULL"
    answer = exchange(
        session.raw_socket, len(text) + 1, iter((text,)), 10, time.monotonic() + 60, _go_on
    )
    assert (answer.ending, answer.received) == (None, 0)


def test_above_max_allowed_packet_something_ends_it(session: PyMySqlSession) -> None:
    limit = int(session.value("SELECT @@max_allowed_packet"))
    assert session.raw_socket is not None
    size = limit + 2_000_000
    answer = exchange(session.raw_socket, size, _texts(size), 20, time.monotonic() + 60, _go_on)
    assert answer.ending in (ConnectionEnd.TOLD, ConnectionEnd.RESET, ConnectionEnd.CLOSED)
    assert answer.number in (1153, None)


def test_silence_and_the_end_of_time_are_told_apart(session: PyMySqlSession) -> None:
    assert session.raw_socket is not None
    text = b"SELECT SLEEP(20)"
    size = len(text) + 1
    with pytest.raises(OutOfTime):
        exchange(session.raw_socket, size, iter((text,)), 10, time.monotonic() + 0.2, _go_on)
    answer = exchange(session.raw_socket, size, iter((text,)), 0.3, time.monotonic() + 60, _go_on)
    assert answer.ending is ConnectionEnd.SILENT


def test_it_stops_when_it_is_told_to(session: PyMySqlSession) -> None:
    class Stopped(Exception):
        pass

    looks = itertools.count()

    def stop() -> None:
        if next(looks) > 2:
            raise Stopped

    assert session.raw_socket is not None
    text = b"SELECT SLEEP(20)"
    with pytest.raises(Stopped):
        exchange(session.raw_socket, len(text) + 1, iter((text,)), 9, time.monotonic() + 60, stop)


def _go_on() -> None:
    pass
