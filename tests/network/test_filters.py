"""What the router's filters do to a real connection; and that the path is whole afterwards."""

import math
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pymysql
import pytest
from pymysql.connections import Connection

from tests.network.filters import Direction
from tests.network.lab import NetworkLab

_PATIENCE = 30


def _connected(lab: NetworkLab, **options: Any) -> "Connection[Any]":
    with lab.client.entered():
        return lab.database.client(**options)


def _sent(connection: "Connection[Any]", size: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT LENGTH(%s)", ("x" * size,))
        (row,) = cursor.fetchall()
        return int(row[0])


def _fetched(connection: "Connection[Any]", size: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT REPEAT('y', %s)", (size,))
        (row,) = cursor.fetchall()
        return len(row[0])


def _gives_up(connection: "Connection[Any]") -> "Connection[Any]":
    """One that waits no longer for an answer: none will come."""
    connection._read_timeout = 0.7  # type: ignore[attr-defined]
    return connection


def _kept_by(lab: NetworkLab, pause: float = 0.0) -> "Connection[Any]":
    """A connection that came through two pauses. On a busy machine one of them, or its login, may
    last longer than the flow is known, so that it is tried again."""
    for _ in range(10):
        with suppress(pymysql.OperationalError):
            connection = _connected(lab, read_timeout=2)
            for _ in range(2):
                time.sleep(pause)
                assert _sent(connection, 10) == 10
            connection._read_timeout = _PATIENCE  # type: ignore[attr-defined]
            return connection
    raise AssertionError(f"no connection comes through pauses of {pause} s")


def test_a_firewall_forgets_an_idle_flow_and_says_nothing(mariadb_lab: NetworkLab) -> None:
    lab = mariadb_lab
    with lab.forgetful_firewall(1) as fault:
        connection = _gives_up(_kept_by(lab, 0.7))
        before = fault.hits()
        time.sleep(1.4)
        with pytest.raises(pymysql.OperationalError, match="timed out"):
            _sent(connection, 10)
        assert fault.hits() > before
        assert _kept_by(lab).open


def test_a_firewall_answers_for_the_flow_that_it_forgot(mariadb_lab: NetworkLab) -> None:
    lab = mariadb_lab
    with lab.answering_firewall(1) as fault:
        connection = _kept_by(lab)
        time.sleep(1.4)
        began = time.monotonic()
        with pytest.raises(pymysql.OperationalError, match="reset by peer"):
            _sent(connection, 10)
        assert time.monotonic() - began < _PATIENCE / 2
        assert fault.hits() >= 1


@pytest.mark.parametrize("percent", [2, 5, 12])
def test_packets_are_lost_in_both_directions_at_the_rate_asked_for(
    mariadb_lab: NetworkLab, percent: int
) -> None:
    """Within five standard deviations of what so many packets give."""
    lab = mariadb_lab

    def sent(size: int) -> int:
        return _sent(_connected(lab, connect_timeout=60, read_timeout=60), size)

    def fetched(size: int) -> int:
        return _fetched(_connected(lab, connect_timeout=60, read_timeout=60), size)

    with lab.loss(percent) as fault:
        with ThreadPoolExecutor(6) as workers:
            moved = [workers.submit(move, 150_000) for move in (sent, fetched) for _ in range(3)]
            assert [done.result() for done in moved] == [150_000] * 6
        lost, seen = fault.hits(), fault.seen()
    rate = percent / 100
    assert seen > 500
    assert lost > 0
    assert abs(lost - seen * rate) < 5 * math.sqrt(seen * rate * (1 - rate))


@pytest.mark.parametrize("direction", list(Direction))
def test_large_packets_vanish_in_the_direction_asked_for(
    mariadb_lab: NetworkLab, direction: Direction
) -> None:
    lab = mariadb_lab
    with lab.size_limit(1200, direction) as fault:
        connection = _connected(lab, read_timeout=_PATIENCE)
        assert _sent(connection, 600) == 600
        assert _fetched(connection, 600) == 600
        before = fault.hits()
        for send, hit in ((_sent, Direction.TO_SERVER), (_fetched, Direction.FROM_SERVER)):
            if direction in (hit, Direction.BOTH):
                stuck = _gives_up(_connected(lab, read_timeout=_PATIENCE))
                with pytest.raises(pymysql.OperationalError, match="timed out"):
                    send(stuck, 20_000)
            else:
                assert send(connection, 20_000) == 20_000
        assert fault.hits() > before


def test_two_faults_at_once(mariadb_lab: NetworkLab) -> None:
    with mariadb_lab.size_limit(1200) as small, mariadb_lab.forgetful_firewall(1) as forgetful:
        stuck = _gives_up(_connected(mariadb_lab, read_timeout=_PATIENCE))
        with pytest.raises(pymysql.OperationalError, match="timed out"):
            _sent(stuck, 20_000)
        idle = _gives_up(_kept_by(mariadb_lab))
        time.sleep(1.4)
        before = forgetful.hits()
        with pytest.raises(pymysql.OperationalError, match="timed out"):
            _sent(idle, 10)
        assert small.hits() >= 1
        assert forgetful.hits() > before


def test_nothing_reaches_a_port_whose_packets_are_dropped(mariadb_lab: NetworkLab) -> None:
    with mariadb_lab.dropped() as fault:
        with pytest.raises(pymysql.OperationalError, match="timed out"):
            _connected(mariadb_lab, connect_timeout=1)
        assert fault.hits() >= 1


def test_the_path_is_whole_after_each_fault(mariadb_lab: NetworkLab) -> None:
    faults = (
        mariadb_lab.forgetful_firewall(1),
        mariadb_lab.loss(99),
        mariadb_lab.size_limit(1),
        mariadb_lab.dropped(),
    )
    for fault in faults:
        with pytest.raises(ZeroDivisionError), fault:
            raise ZeroDivisionError
        connection = _connected(mariadb_lab)
        time.sleep(1.1 if fault is faults[0] else 0)
        assert _sent(connection, 50_000) == 50_000
