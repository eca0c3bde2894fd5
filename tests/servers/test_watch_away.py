"""The way to the server is lost, and found again: to the same one, or to another."""

from collections.abc import Callable

import pytest

from tests.lab.relay import Relay
from tests.servers.harness.server import ServerUnderTest
from tests.servers.watched import recorder
from wizard.diagnosis.model import Verdict
from wizard.recorder.event import EventKind

pytestmark = pytest.mark.servers

TALKATIVE = {"mariadb": {"log_warnings": 2}, "mysql": {"log_error_verbosity": 3}}


def test_what_the_log_told_while_the_way_was_lost_is_told_after_it(
    start_server: Callable[..., ServerUnderTest], product: str
) -> None:
    server = start_server(product, **TALKATIVE[product])
    with Relay(("127.0.0.1", server.port)) as way, recorder(server, port=way.port) as told:
        short = server.client()
        number = int(short.thread_id())  # type: ignore[no-untyped-call]
        told.looks(2)
        short.query("SET SESSION wait_timeout = 2")
        way.__exit__(None, None, None)
        told.wait_for(lambda e: e.kind is EventKind.SERVER_DOWN)
        server.counted("Aborted_clients", 1)
        with Relay(("127.0.0.1", server.port), port=way.port):
            event = told.end_of(number)
            assert (event.cause, event.verdict) == ("idle-timeout", Verdict.CONFIRMED)
            assert event.session is not None
            assert event.session.rests, "it had been seen before the gap"
            told.wait_for(lambda e: e.kind is EventKind.GAP)
            told.looks(6)
        ended = [e for e in told.events if e.kind is EventKind.SESSION_ENDED]
        assert [e.session.id for e in ended if e.session] == [number]


def test_another_server_that_answers_is_told_and_watched_with_its_own_log(
    start_server: Callable[..., ServerUnderTest],
) -> None:
    first, second = (start_server("mariadb", **TALKATIVE["mariadb"]) for _ in range(2))
    second.sql("ALTER USER admin IDENTIFIED BY %s", first.passwords["admin"])
    with Relay(("127.0.0.1", first.port)) as way, recorder(first, port=way.port) as told:
        victim = first.client()
        told.looks(2)
        way.__exit__(None, None, None)
        with Relay(("127.0.0.1", second.port), port=way.port):
            changed = told.wait_for(lambda e: e.kind is EventKind.SERVER_CHANGED)
            assert (changed.cause, changed.verdict) == ("failover", Verdict.CONFIRMED)
            late = second.client()
            number = int(late.thread_id())  # type: ignore[no-untyped-call]
            told.looks(3)
            late.query("SET SESSION wait_timeout = 2")
            event = told.end_of(number)
            assert (event.cause, event.verdict) == ("idle-timeout", Verdict.CONFIRMED)
        victim.close()
    ended = [e for e in told.events if e.kind is EventKind.SESSION_ENDED]
    assert [e.session.id for e in ended if e.session] == [number]


def test_a_kill_just_after_a_restart_is_not_told_as_another_restart(
    start_server: Callable[..., ServerUnderTest], product: str
) -> None:
    """What the log told of the one outage is no word on the next; nor is the server's age."""
    server = start_server(product, **TALKATIVE[product])
    with recorder(server) as told:
        server.stop()
        server.start()
        told.wait_for(lambda e: e.cause == "server-restarted")
        told.looks(1)
        known = len(told.events)
        server.kill9()
        server.wait_until_gone()
        server.start()
        told.wait_for(lambda e: e in told.events[known:] and e.cause is not None)
        assert "server-restarted" not in [e.cause for e in told.events[known:]]
