"""The fleet's table on the screen: worst first, filtered, sorted; Enter chooses a host."""

import pytest
from textual.widgets import DataTable, Input, Static

from screens.fleet.app import SORTS, FleetApp, FleetView
from tests.screens.driving import until
from tests.unit.fleet.test_fleet import FLEET


def hosts(app: FleetApp) -> list[str]:
    table = app.query_one(DataTable)
    return [str(table.get_row_at(n)[0]) for n in range(table.row_count)]


def remark(app: FleetApp) -> str:
    return str(app.query_one("#remark", Static).render())


async def test_the_worst_come_first_and_the_causes_stand_above() -> None:
    app = FleetApp(FLEET, FleetView())
    async with app.run_test():
        assert hosts(app) == ["idle1", "idle2", "crashed", "quiet", "gone"]
        assert "wait_timeout 60 (2 of 2" in str(app.query_one("#causes", Static).render())


async def test_a_filter_stays_until_esc() -> None:
    app = FleetApp(FLEET, FleetView())
    async with app.run_test() as pilot:
        await pilot.press("slash", *"crash", "enter")
        assert hosts(app) == ["crashed"]
        assert "1 of 5 hosts" in remark(app)
        await pilot.press("escape")
        assert len(hosts(app)) == 5
        assert not app.query_one(Input).has_class("-open")


async def test_s_goes_through_the_columns() -> None:
    app = FleetApp(FLEET, FleetView())
    async with app.run_test() as pilot:
        await pilot.press("s")
        assert hosts(app) == sorted(hosts(app))
        assert "sorted by host" in remark(app)
        for _ in SORTS[1:]:
            await pilot.press("s")
        assert hosts(app)[0] == "idle1"


async def test_enter_chooses_the_host_and_the_view_comes_back() -> None:
    view = FleetView(words="idle", host="idle2")
    app = FleetApp(FLEET, view)
    async with app.run_test() as pilot:
        assert hosts(app) == ["idle1", "idle2"]
        await pilot.press("enter")
    assert app.chosen == "idle2"


async def test_a_host_that_was_not_looked_at_says_why() -> None:
    app = FleetApp(FLEET, FleetView(host="gone"))
    async with app.run_test() as pilot:
        await pilot.press("enter")
        assert "gone has no case: nothing listens on <port> 22" in remark(app)
    assert app.chosen == ""


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
async def test_every_column_fits_at_every_width(width: int) -> None:
    app = FleetApp(FLEET, FleetView())
    async with app.run_test(size=(width, 24)) as pilot:
        table = app.query_one(DataTable)
        assert not table.show_horizontal_scrollbar
        assert str(table.get_row_at(0)[3]) == "33 of 33"
        await pilot.resize_terminal(70, 24)
        await until(pilot, lambda: not table.show_horizontal_scrollbar and app.size.width == 70)
