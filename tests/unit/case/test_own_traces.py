"""What our own experiments left is told from what happened to others."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wizard.case.own_traces import KEPT, OwnTraces, Trace, errors_of
from wizard.steps.counters_rows import ErrorCount, KillCount, OfOthers, kills_of_others, others

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
TRACE = Trace("db1:3306", "admin", NOW, NOW + timedelta(seconds=30), (7, 9), {"4031": 2})


def test_traces_outlive_the_process(tmp_path: Path) -> None:
    place = tmp_path / "state" / "own-traces.jsonl"
    OwnTraces(place).add(TRACE)
    OwnTraces(place).add(replace(TRACE, server="db2:3306"))
    assert OwnTraces(place).of("db1:3306") == (TRACE,)
    assert place.stat().st_mode & 0o777 == 0o600


def test_a_damaged_file_is_as_good_as_none(tmp_path: Path) -> None:
    place = tmp_path / "own-traces.jsonl"
    place.write_bytes(b'{"server": 3}\n\xff\nnull\n')
    assert OwnTraces(place).of("db1:3306") == ()
    OwnTraces(place).add(TRACE)
    assert OwnTraces(place).of("db1:3306") == (TRACE,)


def test_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    place = tmp_path / "own-traces.jsonl"
    line = place.parent / "one"
    OwnTraces(line).add(TRACE)
    place.write_bytes(line.read_bytes() * (KEPT + 10))
    OwnTraces(place).add(TRACE)
    assert len(OwnTraces(place).of("db1:3306")) == KEPT


def test_a_session_is_ours_by_its_id_and_time() -> None:
    assert TRACE.left(7, NOW + timedelta(seconds=31))
    assert not TRACE.left(8, NOW)
    assert not TRACE.left(7, NOW + timedelta(hours=1))
    assert not TRACE.left(7, None)
    assert not TRACE.left(None, NOW)


def test_our_share_of_a_count_is_taken_off() -> None:
    before = NOW - timedelta(hours=1)
    ours = ErrorCount(4031, "admin@db1", 2, NOW, NOW + timedelta(seconds=8))
    both = ErrorCount(4031, "admin@db1", 5, before, NOW + timedelta(seconds=8))
    theirs = ErrorCount(4031, "app@web3", 5, before, NOW)
    assert others((ours, theirs), (TRACE,), before) == OfOthers((theirs,), frozenset())
    left = ErrorCount(4031, "admin@db1", 3, before, before)
    found = OfOthers((left, theirs), frozenset(), undated=frozenset({4031}))
    assert others((both, theirs), (TRACE,), before) == found, "theirs may be as late as ours"


def test_our_share_is_taken_off_once_whatever_hosts_the_user_comes_from() -> None:
    before = NOW - timedelta(hours=1)
    elsewhere = ErrorCount(4031, "admin@web1", 2, before, before)
    ours = ErrorCount(4031, "admin@db1", 2, NOW, NOW + timedelta(seconds=8))
    assert others((elsewhere, ours), (TRACE,), before) == OfOthers((elsewhere,), frozenset())


def test_what_was_counted_less_often_than_we_caused_it_proves_nothing() -> None:
    before = NOW - timedelta(hours=1)
    lost_one = ErrorCount(4031, "admin@db1", 1, NOW, NOW)
    assert others((lost_one,), (TRACE,), before) == OfOthers((), frozenset({4031}))


def test_a_restart_forgets_our_share_too() -> None:
    row = ErrorCount(4031, "admin@db1", 2, NOW, NOW)
    assert others((row,), (TRACE,), NOW + timedelta(minutes=1)) == OfOthers((row,), frozenset())
    assert errors_of((TRACE,), "app", 4031) == 0


def test_sessions_that_we_were_told_to_end_are_not_counted_as_killed() -> None:
    before, after = NOW - timedelta(hours=1), NOW + timedelta(minutes=5)
    told = replace(TRACE, user="app", kills=2)
    ours = KillCount(2, NOW, NOW + timedelta(seconds=8))
    both = KillCount(5, before, NOW + timedelta(seconds=8))
    theirs = KillCount(3, before, after)
    assert kills_of_others((ours,), (told,), before) == ()
    assert kills_of_others((both,), (told,), before) == (KillCount(3, before, before),)
    assert kills_of_others((theirs,), (TRACE,), before) == (theirs,)
    assert kills_of_others((ours,), (told,), after) == (ours,)


def test_nothing_is_lost_where_many_write_at_once(tmp_path: Path) -> None:
    """As the hosts of a fleet do, each from a process of its own."""
    place = tmp_path / "traces.jsonl"

    def write(first: int) -> None:
        for number in range(first, first + 10):
            OwnTraces(place).add(replace(TRACE, connections=(number,)))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(0, 600, 100)))
    assert len(OwnTraces(place).of(TRACE.server)) == 60
