"""What the router's proxies do to a real connection."""

import select
import time
from contextlib import suppress
from typing import Any

import pymysql
import pytest
from pymysql.connections import Connection

from tests.network.lab import NetworkLab


def _through(lab: NetworkLab, port: int) -> "Connection[Any]":
    with lab.client.entered():
        return pymysql.connect(
            host=lab.ROUTER,
            port=port,
            user="app",
            password=lab.database.passwords["app"],
            read_timeout=60,
            ssl_disabled=True,
        )


def _sent(connection: "Connection[Any]", size: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT LENGTH(%s)", ("x" * size,))
        (row,) = cursor.fetchall()
        return int(row[0])


def _kept(lab: NetworkLab, port: int) -> "Connection[Any]":
    """A connection that came through three pauses. On a busy machine one of them may last longer
    than asked for, so that it is tried again."""
    for _ in range(10):
        with suppress(pymysql.OperationalError):
            connection = _through(lab, port)
            for _ in range(3):
                time.sleep(0.3)
                assert _sent(connection, 10) == 10
            return connection
    raise AssertionError("no connection comes through the pauses")


@pytest.mark.parametrize("side", ["client_timeout", "server_timeout"])
def test_haproxy_closes_what_is_idle(mariadb_lab: NetworkLab, side: str) -> None:
    with mariadb_lab.haproxy(**{side: 0.8}) as proxy:
        connection = _kept(mariadb_lab, proxy.port)
        assert select.select([connection._sock], [], [], 60)[0]  # type: ignore[attr-defined]
        with pytest.raises(pymysql.OperationalError) as gone:
            _sent(connection, 10)
        assert gone.value.args[0] in (2006, 2013)


def test_haproxy_with_long_limits_closes_nothing(mariadb_lab: NetworkLab) -> None:
    with mariadb_lab.haproxy() as proxy:
        connection = _through(mariadb_lab, proxy.port)
        time.sleep(1.1)
        assert _sent(connection, 3_000_000) == 3_000_000


def test_a_proxy_closes_a_connection_that_says_too_much_at_once(mariadb_lab: NetworkLab) -> None:
    with mariadb_lab.message_limit(50_000) as proxy:
        connection = _through(mariadb_lab, proxy.port)
        for _ in range(5):
            assert _sent(connection, 40_000) == 40_000
        with pytest.raises(pymysql.OperationalError) as gone:
            _sent(connection, 60_000)
        assert gone.value.args[0] in (2006, 2013)
        connection = _through(mariadb_lab, proxy.port)
        with pytest.raises(pymysql.OperationalError), connection.cursor() as cursor:
            cursor.execute("SELECT REPEAT('y', 60000)")
