"""A table that is broader than its pane and longer: what it says, and what stands above it."""

from dataclasses import replace

import pytest

from screens.app import WizardApp
from screens.text.rows import NARROWEST, overflows, told_first
from screens.widgets.table import PlainTable
from tests.screens.driving import ready, shown, text_of, until
from tests.screens.fake import FakeInvestigation, live, result
from wizard.case.evidence import StepResult, Table
from wizard.steps.step import Step

COLUMNS = ("count", "total", "p95", "max", "lock", "examined", "sent", "last", "statement")
STATEMENT = "SELECT id FROM orders WHERE customer = ? AND paid IS NULL ORDER BY id LIMIT ?"
ROWS = tuple(
    (str(n), "6 ms", "6 ms", "6 ms", "0 s", "2", "2", "2026-03-01 12:11:10 UTC", STATEMENT)
    for n in range(40)
)
DIGESTS = Table("Statements by shape", COLUMNS, ROWS, "from the server's memory")


def digests(_fake: FakeInvestigation, step: Step) -> StepResult:
    told = result(step.id)
    return replace(told, evidence=(), tables=(DIGESTS,)) if step.id == "slow-log" else told


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (100, 30), (120, 40)])
async def test_the_statement_is_in_sight_where_not_all_columns_are(size: tuple[int, int]) -> None:
    app = WizardApp(live(act=digests))
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        await pilot.press("S")
        await shown(pilot, "slow-log")
        await until(pilot, lambda: "SELECT" in text_of(app))
        table = app.frame.pane.query_one(PlainTable)
        row = next(line for line in text_of(app).splitlines() if "SELECT" in line)
        assert "SELECT id FR" in row
        assert "6 ms" in row, "what it took stands beside it"
        await until(pilot, lambda: table.has_focus)
        await pilot.press("o", "o")
        marked = [str(column.label).strip() for column in table.columns.values()]
        assert "total v" in marked, "the order is of the column that is named"


async def test_a_jump_to_a_long_table_shows_what_it_is_of() -> None:
    app = WizardApp(live(act=digests))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("S")
        await shown(pilot, "slow-log")
        table = app.frame.pane.query_one(PlainTable)
        await until(pilot, lambda: table.has_focus and bool(table.region))
        for _ in range(5):
            await pilot.pause(0.1)  # an animation would take 0.2 s
        assert app.frame.pane.scroll_y == 0
        assert "Slow log: ok" in text_of(app)
        await pilot.press("G")
        await until(pilot, lambda: app.frame.pane.scroll_y > 0)


def test_what_says_most_takes_what_the_first_and_one_more_leave() -> None:
    order, kept = told_first([5, 6, 4, 160], 52)
    assert order == [0, 3, 1, 2]
    assert kept[1] + kept[0] + kept[2] + 6 == 52
    assert told_first([5, 160], 8)[1][1] == NARROWEST
    assert told_first([200], 50) == ([0], [200])
    assert overflows([10, 10], 1, 23)
    assert not overflows([10, 10], 1, 24)
    assert not overflows([10, 10], 0, 21)


async def test_a_table_that_is_entered_shows_its_rows_and_not_only_the_first() -> None:
    app = WizardApp(live(act=below_each_other))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("5")
        await shown(pilot, "counters")
        tables = list(app.frame.pane.query(PlainTable))
        tables[1].focus(scroll_visible=False)
        await until(pilot, lambda: text_of(app).count("below ") == len(FEW_ROWS))


FEW_ROWS = tuple((f"below {n}", "1") for n in range(5))


def below_each_other(_fake: FakeInvestigation, step: Step) -> StepResult:
    told = result(step.id)
    upper = Table("Above", ("WHO", "COUNT"), tuple((f"above {n}", "1") for n in range(12)))
    lower = Table("Below", ("WHO", "COUNT"), FEW_ROWS)
    return replace(told, evidence=(), tables=(upper, lower)) if step.id == "counters" else told
