"""Another connection, or another server, answers than before: behind a proxy that is so."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from wizard.recorder.moved import QUIET, Moved
from wizard.recorder.sample import Sample

AT = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
FIRST = Sample(AT, "one", {}, {}, connection=7)
SECOND = Sample(AT, "two", {}, {}, connection=40)


def told(moved: Moved, samples: Sequence[Sample]) -> list[str | None]:
    """The causes of what a second after second brings."""
    at = [replace(s, at=AT + timedelta(seconds=n)) for n, s in enumerate(samples)]
    return [event.cause for before, after in pairwise(at) for event in moved.step(before, after)]


def test_the_same_connection_is_no_event() -> None:
    assert told(Moved(), [FIRST, FIRST, FIRST]) == []


def test_another_server_is_told_and_looked_at() -> None:
    moved = Moved()
    assert told(moved, [FIRST, FIRST, SECOND, SECOND]) == ["failover"]
    assert moved.elsewhere


def test_a_proxy_that_shares_connections_is_told_once() -> None:
    moved = Moved()
    shared = [replace(FIRST, connection=number) for number in (7, 9, 7, 12)]
    assert told(moved, shared) == [None]
    assert not moved.elsewhere


def test_a_proxy_that_spreads_statements_over_servers_is_told_once_a_minute() -> None:
    seconds = int(QUIET.total_seconds())
    assert told(Moved(), [FIRST, SECOND] * (seconds // 2)) == ["failover"]
    assert told(Moved(), [FIRST, SECOND] * seconds) == ["failover", "failover"]
