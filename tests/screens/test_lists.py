"""Keys that come before a list is laid out: who goes on fast has pressed them already."""

import pytest
from textual.app import App, ComposeResult
from textual.command import CommandList, CommandPalette
from textual.content import Content
from textual.widgets.option_list import Option

from screens.app import WizardApp
from screens.widgets.lists import PlainList
from tests.screens.driving import ready, until
from tests.screens.fake import live


class OneList(App[None]):
    CSS = "PlainList { height: 0; }"

    def compose(self) -> ComposeResult:
        yield PlainList()


@pytest.mark.parametrize("key", ["pageup", "pagedown", "home", "end", "up", "down", "g", "G"])
async def test_a_list_without_a_size_moves_nowhere_and_ends_nothing(key: str) -> None:
    app = OneList()
    async with app.run_test(size=(80, 24)) as pilot:
        rows = app.query_one(PlainList)
        rows.fill([(str(n), Content(f"row {n}")) for n in range(50)])
        rows.focus()
        await pilot.press(key)
        assert app.is_running
        assert rows.highlighted is not None


@pytest.mark.parametrize("action", ["page_up", "page_down", "first", "last"])
async def test_a_palette_whose_list_is_not_there_yet(action: str) -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        rows = app.screen.query_one(CommandList)
        rows.styles.height = 0
        rows.add_options([Option("one"), Option("two")])
        await pilot.pause()
        rows.highlighted = 0
        await app.screen.run_action(f"command_list('{action}')")
        assert app.is_running
        await pilot.press("escape")
