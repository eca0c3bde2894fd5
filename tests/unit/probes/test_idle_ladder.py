"""The idle ladder's plan: what to open, and after how long connections die."""

import pytest

from wizard.probes.idle.ladder import first_rungs, further_rungs, overdue, rests
from wizard.probes.shared.outcomes import (
    PRECISION,
    Cut,
    Half,
    Outcome,
    PlannedRung,
    Unsteady,
    cut_of,
)
from wizard.server.connection_end import ConnectionEnd

PLAIN, RAISED = Half.PLAIN, Half.RAISED


def outcome(
    half: Half,
    seconds: float,
    ending: ConnectionEnd | None = None,
    asked: bool = True,
    round: int = 0,
) -> Outcome:
    return Outcome(PlannedRung(half, seconds, round), seconds, ending, asked)


def climb(timeout: float, limit: float, raised: bool = True) -> list[Outcome]:
    """A ladder under a firewall that forgets after `timeout` seconds; `raised`: both halves."""
    found: list[Outcome] = []
    wanted = first_rungs(limit, 28800, 100)
    while wanted:
        for rung in wanted:
            hit = rung.seconds > timeout and (raised or rung.half is PLAIN)
            ending = ConnectionEnd.SILENT if hit else None
            found.append(outcome(rung.half, rung.seconds, ending, round=rung.round))
        wanted = further_rungs(found, (), 100)
    return found


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(1, [1]), (1.5, [1, 1.5]), (2, [1, 2]), (8, [1, 2, 4, 8]), (30, [1, 2, 4, 8, 16, 30])],
)
def test_pauses_double_up_to_the_limit(limit: float, expected: list[float]) -> None:
    assert list(rests(limit)) == expected


def test_each_pause_has_two_connections() -> None:
    rungs = first_rungs(8, 28800, 100)
    assert len(rungs) == 8
    for half in Half:
        assert sorted(r.seconds for r in rungs if r.half is half) == [1, 2, 4, 8]


def test_one_plain_connection_outlasts_a_short_wait_timeout() -> None:
    plain = [r.seconds for r in first_rungs(30, 3, 100) if r.half is PLAIN]
    assert sorted(plain) == [1, 2, 4]


@pytest.mark.parametrize("connections", [2, 3, 6, 7])
def test_a_full_server_gets_fewer_connections_and_still_the_longest_pause(connections: int) -> None:
    rungs = first_rungs(30, 28800, connections)
    assert len(rungs) <= connections
    assert {r.half for r in rungs if r.seconds == 30} == set(Half)


@pytest.mark.parametrize("timeout", [0.7, 1.3, 3, 6.2, 17, 29.5, 300, 350, 2999])
@pytest.mark.parametrize("raised", [True, False])
def test_a_silent_timeout_is_narrowed_down_and_confirmed(timeout: float, raised: bool) -> None:
    limit = 30.0 if timeout < 30 else 3600.0
    found = climb(timeout, limit, raised)
    cut = cut_of([o for o in found if o.wanted.half is (RAISED if raised else PLAIN)])
    assert isinstance(cut, Cut)
    assert cut.settled
    assert cut.low <= timeout < cut.high
    assert cut.high - cut.low <= PRECISION
    assert max(o.wanted.round for o in found) <= 5
    assert max(o.seconds for o in found) <= limit


def test_a_path_without_a_fault_needs_no_more_connections() -> None:
    found = climb(1e9, 30)
    assert len(found) == 12
    assert cut_of(found) is None


def test_what_came_by_itself_tells_the_time_at_once_and_is_seen_again() -> None:
    found = [outcome(RAISED, s) for s in (1, 2)]
    found += [outcome(RAISED, 3.02, ConnectionEnd.CLOSED, asked=False) for _ in (4, 8)]
    cut = cut_of(found)
    assert isinstance(cut, Cut)
    assert (cut.seconds, cut.asked, cut.confirmed) == (3.02, False, False)
    (again,) = further_rungs(found, (), 100)
    assert again.half is RAISED
    assert again.round == 1
    assert again.seconds > 4
    found.append(outcome(RAISED, 3.0, ConnectionEnd.CLOSED, asked=False, round=1))
    cut = cut_of(found)
    assert isinstance(cut, Cut)
    assert cut.settled
    assert further_rungs(found, (), 100) == ()


def test_connections_that_were_cut_at_one_moment_have_no_common_idle_time() -> None:
    """A proxy that was restarted while they idled 7 s: those opened later live longer."""
    found = [outcome(RAISED, 7, ConnectionEnd.CLOSED, asked=False) for _ in range(3)]
    found.append(outcome(RAISED, 9, round=1))
    assert isinstance(cut_of(found), Unsteady)


def test_a_lost_connection_among_living_ones_is_chance() -> None:
    found = [outcome(RAISED, s) for s in (1, 2, 8, 16)] + [outcome(RAISED, 4, ConnectionEnd.SILENT)]
    assert isinstance(cut_of(found), Unsteady)
    assert further_rungs(found, (), 100) == ()


def test_one_silent_death_alone_is_tried_again_before_it_is_narrowed_down() -> None:
    found = [outcome(half, s) for half in Half for s in (1, 2)]
    found.append(outcome(RAISED, 4, ConnectionEnd.SILENT))
    assert further_rungs(found, [PlannedRung(PLAIN, 4)], 100) == ()
    assert [rung.seconds for rung in further_rungs(found, (), 100)] == [4, 4]
    assert overdue(found, RAISED) is None
    found.append(outcome(PLAIN, 4, ConnectionEnd.SILENT))
    assert overdue(found, RAISED) == 4
    assert {rung.half for rung in further_rungs(found, (), 100)} == {RAISED}


def test_no_round_begins_before_the_last_one_has_ended() -> None:
    found = [outcome(half, 1) for half in Half]
    found += [outcome(half, 4, ConnectionEnd.SILENT) for half in Half]
    rungs = further_rungs(found, (), 100)
    assert rungs
    assert further_rungs(found, rungs[:1], 100) == ()


def test_no_more_is_opened_than_there_is_room() -> None:
    found = [outcome(half, 64) for half in Half]
    found += [outcome(half, 128, ConnectionEnd.SILENT) for half in Half]
    assert len(further_rungs(found, (), 2)) == 2
    assert further_rungs(found, (), 0) == ()
