"""Who ended statements that ran long."""

from collections.abc import Sequence

import pytest

from wizard.probes.shared.outcomes import Half, Outcome, PlannedRung, Unsteady
from wizard.probes.statement.judge import (
    Ender,
    StatementFinding,
    came_early,
    first_statements,
    further_statements,
    judge,
)
from wizard.probes.statement.words import evidence, headline
from wizard.server.connection_end import ConnectionEnd


def ran(
    wanted: float,
    seconds: float | None = None,
    ending: ConnectionEnd | None = None,
    number: int | None = None,
    round: int = 0,
) -> Outcome:
    silent = ending is ConnectionEnd.SILENT
    took = wanted if seconds is None else seconds
    return Outcome(PlannedRung(Half.PLAIN, wanted, round), took, ending, silent, number)


def told(outcomes: Sequence[Outcome]) -> list[str]:
    return [e.signal for e in evidence(judge(outcomes), "long statement")]


def test_a_quarter_half_and_all_of_the_limit_run_side_by_side() -> None:
    assert [w.seconds for w in first_statements(30, 10)] == [7.5, 15, 30]
    assert [w.seconds for w in first_statements(30, 1)] == [30]


def test_statements_that_come_back_accuse_nobody() -> None:
    found = [ran(7.5), ran(15), ran(30)]
    assert judge(found) is None
    assert further_statements(found, 10) == ()
    assert headline(None, found) == "statements that run 30 s come back"


@pytest.mark.parametrize(("number", "name"), [(3024, "max_execution"), (1969, "max_statement")])
def test_the_servers_limit_is_told_by_its_error(number: int, name: str) -> None:
    found = [
        ran(7.5),
        ran(15, 10, ConnectionEnd.TOLD, number),
        ran(30, 10, ConnectionEnd.TOLD, number),
    ]
    judged = judge(found)
    assert told(found) == ["probe.statement-limited"]
    assert name in headline(judged, found)
    assert further_statements(found, 10) == ()


def test_a_cut_is_believed_once_it_was_seen_on_a_later_connection() -> None:
    found = [ran(7.5), ran(15), ran(30, 20, ConnectionEnd.CLOSED)]
    assert told(found) == []
    (again,) = further_statements(found, 10)
    assert again.seconds > 20
    found.append(ran(again.seconds, 20.2, ConnectionEnd.RESET, round=again.round))
    assert told(found) == ["probe.busy-closed"]
    assert further_statements(found, 10) == ()


def test_a_cut_that_does_not_come_again_accuses_nobody() -> None:
    found = [ran(7.5), ran(15), ran(30, 20, ConnectionEnd.CLOSED), ran(22, round=1)]
    assert isinstance(judge(found), Unsteady)
    assert told(found) == []


def test_an_answer_that_never_comes_is_narrowed_down_once() -> None:
    found = [ran(7.5), ran(15, None, ConnectionEnd.SILENT), ran(30, None, ConnectionEnd.SILENT)]
    assert told(found) == []
    again = further_statements(found, 10)
    assert [w.seconds for w in again] == [15, 12.5, 10]
    found += [ran(w.seconds, None, ConnectionEnd.SILENT, round=1) for w in again[:2]] + [
        ran(10, round=1)
    ]
    judged = judge(found)
    assert isinstance(judged, StatementFinding)
    assert (judged.ender, judged.cut.low, judged.cut.high) == (Ender.FORGETTER, 10, 12.5)
    assert told(found) == ["probe.idle-silent"]
    assert further_statements(found, 10) == ()


@pytest.mark.parametrize(
    ("number", "signal"), [(1317, "probe.statement-killed"), (1927, "probe.idle-killed")]
)
def test_a_kill_is_told_from_the_servers_limit(number: int, signal: str) -> None:
    found = [
        ran(7.5),
        ran(15, 10, ConnectionEnd.TOLD, number),
        ran(30, 10, ConnectionEnd.TOLD, number),
    ]
    assert told(found) == []
    assert told([*found, ran(12, 10, ConnectionEnd.TOLD, number, round=1)]) == [signal]


def test_a_proxys_own_error_names_the_proxy() -> None:
    cut = [ran(15, 10, ConnectionEnd.TOLD, 9001), ran(12, 10, ConnectionEnd.TOLD, 9001, round=1)]
    assert told([ran(7.5), *cut]) == ["probe.busy-closed"]


def test_another_error_accuses_nobody() -> None:
    found = [ran(7.5, 3, ConnectionEnd.TOLD, 1053), ran(15, 3, ConnectionEnd.TOLD, 1053)]
    assert isinstance(judge(found), Unsteady)


def test_a_sleep_that_was_cut_short_has_shown_nothing() -> None:
    assert came_early(ran(30, 12))
    assert came_early(ran(6, 5))
    assert not came_early(ran(30, 29.9))
