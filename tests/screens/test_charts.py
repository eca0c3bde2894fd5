"""Charts and tables as text, without any screen."""

import pytest
from rich.cells import cell_len

from screens.text.charts import chart, histogram, sparkline
from screens.text.tables import tables_lines
from wizard.case.evidence import Samples, Table


def test_a_sparkline_shows_each_value_by_its_share_of_the_largest() -> None:
    assert sparkline((1, 2, 4, 8), 40) == "▂▃▅█"
    assert sparkline((0, 0, 0), 40) == "▁▁▁"
    assert sparkline((5.0,), 40) == "█"


def test_no_outlier_is_lost_where_values_share_a_column() -> None:
    values = [0.2] * 2000
    values[777] = 40.0
    drawn = sparkline(values, 50)
    assert len(drawn) == 50
    assert drawn.count("█") == 1


def test_the_figures_are_told_in_words() -> None:
    lines = chart(Samples("Round trips", "ms", (0.21, *[0.3] * 58, 12.0)), 60)
    assert lines[0] == "Round trips: 60 values, min 0.21, median 0.3, max 12 ms"
    assert len(lines) == 2, "they are too few for a histogram"


@pytest.mark.parametrize(
    "values",
    [
        [0.2 + n / 1000 for n in range(300)],
        [0.2] * 500 + [12.5] * 3,
        [0.0] * 30,
        [7.0] * 30,
        [1e-9, *range(1, 40), 900000.0],
        [0.5, 1.0, 2.0, 5.0] * 10,
        [-1.0, 3.0] * 20,
    ],
)
@pytest.mark.parametrize("width", [40, 53, 120])
def test_a_histogram_counts_every_value_once(values: list[float], width: int) -> None:
    rows = histogram(values, "ms", width)
    counts = [int(row.replace("█", "").split()[-1]) for row in rows]
    assert sum(counts) == len(values)
    assert 1 <= len(rows) <= 9
    assert all(cell_len(row) <= width for row in rows)
    assert [("█" in row) for row in rows] == [count > 0 for count in counts]


def test_the_edges_of_a_histogram_are_round_numbers() -> None:
    rows = histogram([0.25] * 90 + [0.7] * 5 + [12.0], "ms", 60)
    ranges = [row.split(" ms")[0].split() for row in rows]
    assert [(low, high) for low, _, high in ranges][:2] == [("0.2", "0.5"), ("0.5", "1")]
    assert ranges[-1] == ["10", "-", "20"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300])
def test_what_no_experiment_measures_is_not_drawn(value: float) -> None:
    assert chart(Samples("Round trips", "ms", (value,) * 200), 40) == []
    assert ": 200 values" in chart(Samples("Round trips", "ms", (value, *[1.0] * 200)), 40)[0]


ROWS = (("10 s", "alive"), ("20 s", "no answer"))
HERE = Table("Idle ladder, from here", ("IDLE", "OUTCOME"), ROWS)
THERE = Table("Idle ladder, from the application (app1)", ("IDLE", "OUTCOME"), ROWS)


def test_two_ways_stand_beside_each_other_where_both_fit() -> None:
    lines = tables_lines((HERE, THERE), 90)
    assert sum("20 s" in line for line in lines) == 1
    assert any(line.count("no answer") == 2 for line in lines)
    between = Table("TCP, from here", ("WHAT", "VALUE"), (("rtt", "1 ms"),))
    assert tables_lines((HERE, between, THERE), 90)[: len(lines)] == lines
    narrow = tables_lines((HERE, THERE), 30)
    assert [line.count("no answer") for line in narrow if "no answer" in line] == [1, 1]


def test_tables_of_one_way_stay_below_each_other() -> None:
    other = Table("Something else from here", ("IDLE", "OUTCOME"), ROWS)
    lines = tables_lines((HERE, other), 120)
    assert sum("20 s" in line for line in lines) == 2


@pytest.mark.parametrize("width", [20, 30, 53])
def test_no_table_is_wider_than_its_room_and_nothing_is_lost(width: int) -> None:
    long = "the server said nothing, and later a RST came"
    table = Table("Ladder", ("IDLE", "OUTCOME", "WHO"), (("10 s", long, "firewall 日本"),))
    lines = tables_lines((table,), width)
    assert all(cell_len(line) <= width for line in lines)
    told = " ".join(" ".join(lines).split())
    assert all(word in told for word in ("10", "nothing,", "RST", "firewall"))


def test_bars_stay_whole_while_words_are_broken() -> None:
    bar = "#" * 20
    row = ("30 s", "normal", bar, "reset when asked after 30.1 s, server: Sleep")
    table = Table("Idle ladder, from here", ("pause", "timeout", "", "state"), (row,))
    lines = tables_lines((table,), 53)
    assert sum(bar in line for line in lines) == 1
    assert all(len(line) <= 53 for line in lines)
