"""Every place at every size says what to do next, and its states are not cut."""

import pytest

from screens.app import WizardApp
from screens.places import KEYS, PLACES
from tests.screens.driving import ready, shown, text_of
from tests.screens.fake import live

SIZES = [(60, 20), (80, 23), (100, 30), (200, 50)]


@pytest.mark.parametrize("size", SIZES)
async def test_each_place_says_what_to_do_next(size: tuple[int, int]) -> None:
    app = WizardApp(live())
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        for number, place in enumerate(PLACES):
            await pilot.press("escape", KEYS[number])
            await shown(pilot, place.id)
            await pilot.pause()
            lines = text_of(app).splitlines()
            assert any(line.startswith(" NEXT  ") for line in lines), place.id
            assert any("! 31" in line for line in lines), "the error log proves the case"
            assert any("2 causes" in line for line in lines)
            assert "MariaDB" in lines[0]
