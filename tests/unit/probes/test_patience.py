"""Calls that cannot be interrupted, and echoes: what is heard, and that nothing waits for ever."""

import os
import threading
import time

import pytest

from wizard.probes.shared.icmp import COUNT, from_here
from wizard.probes.shared.patience import patiently


class Stopped(Exception):
    pass


def test_what_the_call_brings_is_brought() -> None:
    assert patiently(lambda: 7, 5, lambda: None) == 7
    with pytest.raises(ZeroDivisionError):
        patiently(lambda: 1 // 0, 5, lambda: None)
    with pytest.raises(TimeoutError, match="its own"):
        patiently(lambda: _raise(TimeoutError("its own")), 5, lambda: None)


def _raise(error: Exception) -> None:
    raise error


def test_a_call_that_takes_too_long_is_left_behind() -> None:
    release = threading.Event()
    began = time.monotonic()
    try:
        with pytest.raises(TimeoutError):
            patiently(lambda: release.wait(60), 0.3, lambda: None)
    finally:
        release.set()
    assert time.monotonic() - began < 50


def test_the_operators_wish_to_stop_is_heard_meanwhile() -> None:
    release = threading.Event()
    asked: list[int] = []

    def checkpoint() -> None:
        asked.append(1)
        if len(asked) > 2:
            raise Stopped

    try:
        with pytest.raises(Stopped):
            patiently(lambda: release.wait(60), 60, checkpoint)
    finally:
        release.set()


@pytest.mark.skipif(os.geteuid() != 0, reason="an account that may send ICMP")
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_echoes_come_back_from_this_machine(address: str) -> None:
    echoes = from_here(address, lambda: None)
    assert echoes is not None
    assert echoes.sent == COUNT
    assert len(echoes.times) == COUNT
    assert all(0 < taken < 1 for taken in echoes.times)


@pytest.mark.skipif(os.geteuid() != 0, reason="an account that may send ICMP")
def test_the_echoes_of_two_at_once_are_told_apart() -> None:
    counts: list[int] = []

    def ping() -> None:
        echoes = from_here("127.0.0.1", lambda: None)
        counts.append(len(echoes.times) if echoes else -1)

    threads = [threading.Thread(target=ping) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert counts == [COUNT] * 3


@pytest.mark.parametrize("address", ["", "db.example.test", "-c"])
def test_only_an_address_is_sent_an_echo(address: str) -> None:
    assert from_here(address, lambda: None) is None
