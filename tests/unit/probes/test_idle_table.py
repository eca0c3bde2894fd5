"""The idle ladder on the screen."""

import pytest

from wizard.probes.idle.table import LadderRow, ended, table
from wizard.probes.shared.bars import bar
from wizard.probes.shared.outcomes import Half, Outcome, PlannedRung
from wizard.server.connection_end import ConnectionEnd
from wizard.units import duration

RUNG = PlannedRung(Half.PLAIN, 8)


@pytest.mark.parametrize(
    ("done", "whole", "expected"),
    [
        (0, 8, "...."),
        (2, 8, "#..."),
        (7.99, 8, "###."),
        (8, 8, "####"),
        (99, 8, "####"),
        (-1, 8, "...."),
    ],
)
def test_a_bar_is_full_only_at_the_end(done: float, whole: float, expected: str) -> None:
    assert bar(done, whole, 4) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(3, "3 s"), (3.04, "3 s"), (3.16, "3.2 s"), (350.4, "5 min 50 s")]
)
def test_seconds_are_as_exact_as_they_matter(value: float, expected: str) -> None:
    assert duration(value) == expected


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome(RUNG, 8.01), "alive"),
        (Outcome(RUNG, 3.0, ConnectionEnd.RESET, asked=False), "reset (RST) after 3 s"),
        (Outcome(RUNG, 3.0, ConnectionEnd.TOLD, asked=False, number=4031), "error 4031 after 3 s"),
        (Outcome(RUNG, 8.0, ConnectionEnd.SILENT, listed=True), "no answer at 8 s; server: Sleep"),
    ],
)
def test_an_end_is_told_in_words(outcome: Outcome, expected: str) -> None:
    assert ended(outcome) == expected


def test_the_table_is_in_the_order_of_the_pauses_and_fits_a_terminal() -> None:
    lost = Outcome(PlannedRung(Half.RAISED, 16), 16.0, ConnectionEnd.CLOSED, listed=True)
    lines = [
        LadderRow(lost.wanted, 16.0, outcome=lost),
        LadderRow(PlannedRung(Half.RAISED, 8), 3.7),
        LadderRow(RUNG, None),
    ]
    drawn = table("Idle ladder", lines)
    assert [row[:2] for row in drawn.rows] == [
        ("8 s", "plain"),
        ("8 s", "raised"),
        ("16 s", "raised"),
    ]
    assert [row[3] for row in drawn.rows[:2]] == ["opening", "idle 3 s"]
    assert max(len("  ".join(row)) for row in drawn.rows) <= 76
