"""Who ended the connections of an idle ladder."""

from collections.abc import Sequence

import pytest

from wizard.probes.idle.judge import IdleCutter, judge
from wizard.probes.idle.words import evidence, facts, headline, notes
from wizard.probes.shared.outcomes import Half, Outcome, PlannedRung
from wizard.server.connection_end import ConnectionEnd

PLAIN, RAISED = Half.PLAIN, Half.RAISED
DEFAULT = 28800.0


def died(
    half: Half,
    seconds: float,
    ending: ConnectionEnd,
    asked: bool = False,
    number: int | None = None,
    listed: bool | None = None,
) -> list[Outcome]:
    """Seen in the ladder and once again."""
    return [
        Outcome(PlannedRung(half, seconds, round), seconds, ending, asked, number, "", listed)
        for round in (0, 1)
    ]


def lived(half: Half, *seconds: float) -> list[Outcome]:
    return [Outcome(PlannedRung(half, s), s) for s in seconds]


def told(outcomes: Sequence[Outcome], wait_timeout: float = DEFAULT) -> list[str]:
    return [e.signal for e in evidence(judge(outcomes, wait_timeout, True, 0), "ladder")]


def test_a_reset_of_the_plain_half_alone_is_the_servers_own() -> None:
    found = died(PLAIN, 3.0, ConnectionEnd.RESET) + lived(RAISED, 1, 2, 4, 8)
    assert told(found, 3) == ["probe.idle-server"]


def test_the_raised_half_decides_also_without_a_known_wait_timeout() -> None:
    """A proxy keeps the sessions and takes the setting: nobody between is accused."""
    found = died(PLAIN, 60.0, ConnectionEnd.CLOSED) + lived(RAISED, 1, 32, 128)
    assert told(found) == ["probe.idle-server"]


def test_4031_names_the_server() -> None:
    found = died(PLAIN, 5.0, ConnectionEnd.TOLD, number=4031) + lived(RAISED, 1, 4, 8)
    judgement = judge(found, 5, True, None)
    assert "4031" in headline(judgement, found, 8)
    assert told(found, 5) == ["probe.idle-server"]


@pytest.mark.parametrize("ending", [ConnectionEnd.CLOSED, ConnectionEnd.RESET])
def test_both_halves_closed_at_one_time_were_closed_between(ending: ConnectionEnd) -> None:
    found = died(PLAIN, 3.1, ending) + died(RAISED, 3.0, ending) + lived(RAISED, 1, 2)
    assert told(found) == ["probe.idle-closed"]


@pytest.mark.parametrize(
    "ending", [ConnectionEnd.SILENT, ConnectionEnd.RESET, ConnectionEnd.CLOSED]
)
def test_what_is_noticed_only_when_asked_was_forgotten(ending: ConnectionEnd) -> None:
    found = lived(RAISED, 1, 2.8) + lived(PLAIN, 1, 2)
    found += died(RAISED, 3.2, ending, asked=True, listed=True)
    found += died(PLAIN, 4, ending, asked=True, listed=True)
    (finding,) = judge(found, DEFAULT, True, None).findings
    assert finding.cutter is IdleCutter.FORGETTER
    assert finding.sure
    (said,) = evidence(judge(found, DEFAULT, True, None), "ladder")
    assert said.value == 3.0
    assert "still listed 2 of 2" in said.text


def test_a_session_that_only_the_server_lost_was_ended_between() -> None:
    found = lived(RAISED, 1, 2.8) + lived(PLAIN, 1, 2)
    found += died(RAISED, 3.2, ConnectionEnd.SILENT, asked=True, listed=False)
    found += died(PLAIN, 4, ConnectionEnd.SILENT, asked=True, listed=False)
    assert told(found) == ["probe.idle-closed"]


def test_a_firewall_is_found_behind_a_shorter_wait_timeout() -> None:
    found = died(PLAIN, 2.0, ConnectionEnd.RESET) + lived(RAISED, 1, 2, 4, 4.8)
    found += died(RAISED, 5.2, ConnectionEnd.SILENT, asked=True)
    assert told(found, 2) == ["probe.idle-server", "probe.idle-silent"]


def test_what_only_one_half_shows_is_not_sure() -> None:
    found = died(RAISED, 3.0, ConnectionEnd.CLOSED) + lived(PLAIN, 1, 2) + lived(RAISED, 1, 2)
    judgement = judge(found, DEFAULT, True, None)
    assert [f.sure for f in judgement.findings] == [False]
    assert told(found) == []
    assert any("Not sure" in note for note in notes(judgement, 8))
    assert "idle_cut_seconds" not in facts(judgement, 8)


def test_what_was_seen_once_accuses_nobody() -> None:
    once = [died(half, 3.0, ConnectionEnd.CLOSED)[0] for half in Half]
    assert told([*once, *lived(RAISED, 1, 2)]) == []


def test_a_longer_timeout_that_did_not_reach_the_server_decides_nothing() -> None:
    found = died(PLAIN, 5.0, ConnectionEnd.CLOSED) + died(RAISED, 5.0, ConnectionEnd.CLOSED)
    assert not any(f.sure for f in judge(found, 5, False, 0).findings)


def test_a_connection_that_was_told_of_its_kill_was_killed() -> None:
    found = died(RAISED, 3.0, ConnectionEnd.TOLD, number=1927) + died(
        PLAIN, 3.4, ConnectionEnd.TOLD, number=1927
    )
    assert told(found) == ["probe.idle-killed"]


def test_kills_that_the_server_counted_explain_silent_ends() -> None:
    found = died(RAISED, 3.0, ConnectionEnd.CLOSED) + died(PLAIN, 3.0, ConnectionEnd.CLOSED)
    assert [f.cutter for f in judge(found, DEFAULT, True, 4).findings] == [IdleCutter.KILL]
    assert [f.cutter for f in judge(found, DEFAULT, True, 3).findings] == [IdleCutter.CLOSER]
    many = judge(found, DEFAULT, True, 400)
    assert [(f.cutter, f.sure) for f in many.findings] == [(IdleCutter.KILL, False)]


def test_kills_of_others_do_not_hide_the_servers_own_timeout() -> None:
    found = died(PLAIN, 3.0, ConnectionEnd.RESET) + lived(RAISED, 1, 4, 8)
    assert [f.cutter for f in judge(found, 3, True, 2).findings] == [IdleCutter.SERVER]


def test_losses_without_a_pattern_accuse_nobody() -> None:
    found = lived(RAISED, 1, 2, 8) + lived(PLAIN, 1, 4, 8)
    found += died(RAISED, 4.0, ConnectionEnd.SILENT, asked=True)
    found += died(PLAIN, 2.0, ConnectionEnd.SILENT, asked=True)
    judgement = judge(found, DEFAULT, True, None)
    assert judgement.findings == ()
    assert headline(judgement, found, 8).startswith("4 of 10 connections were lost")


def test_the_smallest_keepalive_and_lifetime_survive_the_cut() -> None:
    found = lived(RAISED, 1, 350) + lived(PLAIN, 1, 256)
    found += died(RAISED, 350.4, ConnectionEnd.SILENT, asked=True)
    found += died(PLAIN, 512, ConnectionEnd.SILENT, asked=True)
    known = facts(judge(found, DEFAULT, True, None), 600)
    assert known == {
        "idle_limit_tried": 600,
        "idle_cut_seconds": 350.2,
        "idle_cut_by": "network",
        "keepalive_below": 175,
        "pool_lifetime_below": 315,
    }
    assert "every 2 min 55 s" in next(notes(judge(found, DEFAULT, True, None), 600))
