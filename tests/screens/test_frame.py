"""The frame: everything vital is in the window, and nothing that was entered is lost."""

import pytest
from textual.widgets import Button, Footer, Input, Select, TextArea

from screens.app import WizardApp
from screens.key_order import is_field
from screens.panes.pane import Pane
from screens.places import KEYS, PLACES
from screens.text.words import wrapped
from screens.widgets.step_list import StepList
from screens.widgets.suspects import Suspects
from tests.screens.driving import inside, ready, shown, text_of, until
from tests.screens.fake import FakeInvestigation, live

SIZES = [(80, 24), (120, 40), (200, 60)]


@pytest.mark.parametrize("size", SIZES)
async def test_every_place_fits_the_window(size: tuple[int, int]) -> None:
    async with WizardApp(live()).run_test(size=size, notifications=True) as pilot:
        app = await ready(pilot)
        for number, place in enumerate(PLACES):
            await pilot.press(KEYS[number])
            await shown(pilot, place.id)
            for widget in (
                app.frame.query_one("#top"),
                app.frame.query_one("#status"),
                app.frame.query_one(StepList),
                app.frame.query_one(Suspects),
                app.frame.query_one(Footer),
                app.frame.pane,
            ):
                assert inside(widget), f"{widget} is cut at {size} in {place.id}"
            for field in app.frame.pane.reachable:
                if not isinstance(field, Button | Input | Select):
                    continue
                assert inside(field), f"{field} is cut at {size} in {place.id}"


@pytest.mark.parametrize("size", SIZES)
async def test_the_screen_says_target_state_and_suspects(size: tuple[int, int]) -> None:
    async with WizardApp(live()).run_test(size=size) as pilot:
        app = await ready(pilot)
        lines = text_of(app).splitlines()
        assert "MariaDB 10.11.19  127.0.0.1:3306" in lines[0]
        assert lines[0].rstrip().endswith("connected")
        shown = "\n".join(lines)
        assert "CONFIRMED idle-timeout" in shown
        assert "server-restarted" in shown
        for vital in ("F5 analyse", "] next", "F1 keys", "q quit"):
            assert vital in lines[-1]
        await pilot.press("8")
        await until(pilot, lambda: "37 failures: 35 explained, 2 not explained" in text_of(app))
        assert "Enter go there" in text_of(app).splitlines()[-1], "each screen names its own keys"


async def test_suspects_show_their_reasons_only_where_there_is_room() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        suspects = app.frame.query_one(Suspects)
        assert suspects.region.y > app.frame.query_one(StepList).region.y
        assert "? how long idle lasts" not in text_of(app)
        await pilot.resize_terminal(160, 40)
        await until(pilot, lambda: "? how long idle lasts" in text_of(app))
        assert suspects.region.x > app.frame.pane.region.x


async def test_back_keeps_what_was_entered() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.focused, TextArea))
        await pilot.press(*"gone", "tab", "tab", *"app.log")
        await pilot.press("alt+right")
        await until(pilot, lambda: app.frame.current == "connection")
        await pilot.press("alt+left")
        await until(pilot, lambda: app.frame.current == "symptom")
        assert app.frame.query_one("#pasted", TextArea).text == "gone"
        assert app.frame.query_one("#app-log", Input).value == "app.log"


async def test_letters_are_typed_into_fields_and_obeyed_elsewhere() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.focused, TextArea))
        await pilot.press("q", "r", "]", "7")
        assert app.frame.query_one("#pasted", TextArea).text == "qr]7"
        assert app.frame.current == "symptom"
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is app.frame.query_one(StepList))
        await pilot.press("]")
        await until(pilot, lambda: app.frame.current == "connection")


@pytest.mark.parametrize("start", [place.id for place in PLACES if place.id != "symptom"])
async def test_enter_answers_after_a_jump_from_inside_any_place(start: str) -> None:
    made: list[FakeInvestigation] = []
    app = WizardApp(live(made))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await app.frame.go(start, enter=True)
        await pilot.pause()
        if is_field(app.focused):
            await pilot.press("escape")
        made[0].ran.clear()
        app.frame.action_go("symptom")
        await until(pilot, lambda: app.frame.current == "symptom")
        await pilot.press("enter")
        await until(pilot, lambda: is_field(app.focused))
        assert made[0].ran == []


async def test_no_jump_leaves_the_keys_on_a_button() -> None:
    """The next Enter would press it."""
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        for place in PLACES:
            app.frame.action_go("diagnosis")
            await until(pilot, lambda: app.frame.current == "diagnosis")
            await app.frame.go("diagnosis", enter=True)
            app.frame.action_go(place.id)
            await until(pilot, lambda: app.frame.current == place.id)  # noqa: B023
            await pilot.pause()
            assert not isinstance(app.focused, (Button, Select)), place.id


async def test_a_key_that_is_served_after_the_last_screen_finds_no_field() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
    assert not app.screen_stack
    assert not app.keys._in_field


async def test_the_list_is_walked_with_arrows_and_vi_keys() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("j", "down", "j", "k")
        await until(pilot, lambda: app.frame.current == PLACES[2].id)
        assert f">3 {PLACES[2].title}" in text_of(app)


async def test_hurried_keys_end_at_the_last_one() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        for key in "4726153":
            app.frame.action_go(PLACES[KEYS.index(key)].id)
        await until(pilot, lambda: app.frame.current == PLACES[2].id)
        for _ in range(5):
            await pilot.pause()
        assert app.frame.current == PLACES[2].id
        assert [p.place.id for p in app.frame.query(Pane) if p.display] == [PLACES[2].id]


async def test_a_small_window_says_what_it_needs_and_recovers() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("8")
        await until(pilot, lambda: app.frame.current == "diagnosis")
        for width, height in ((59, 24), (80, 15), (30, 8)):
            await pilot.resize_terminal(width, height)
            await until(pilot, lambda: "needs" in text_of(app))
            shown = " ".join(text_of(app).split())
            assert f"{width}x{height}" in shown
            assert "60x20" in shown
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "needs" not in text_of(app))
        assert app.frame.current == "diagnosis"
        assert inside(app.frame.pane)
        await pilot.press("1")
        await until(pilot, lambda: app.frame.current == "symptom")


@pytest.mark.parametrize("place", [place.id for place in PLACES])
async def test_no_place_breaks_in_a_window_of_any_size(place: str) -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        app.frame.action_go(place)
        await shown(pilot, place)
        for width, height in ((40, 10), (24, 20), (60, 20), (3, 2), (1, 1), (200, 60)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: inside(app.frame.pane))
    assert app.return_code is None


@pytest.mark.parametrize("width", range(-1, 5))
def test_text_is_folded_into_a_window_that_has_no_room(width: int) -> None:
    for text in ("wait_timeout is 3 s", "/var/log/mysql/error.log", "漢字漢字", "", " "):
        folded = "".join(wrapped(text, width, 2)).replace(" ", "")
        assert folded == text.replace(" ", "")


async def test_states_and_verdicts_are_words_without_colour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        assert app.no_color
        assert "found 1" in text_of(app)
        assert "CONFIRMED" in text_of(app)
        row = app.frame.query_one(StepList).region.y

        def told() -> bool:
            strip = app.screen._compositor.render_strips()[row]
            return any(segment.style is not None and segment.style.underline for segment in strip)

        # Without colour the highlighted row has to be told by an underline.
        await until(pilot, told)


async def test_every_button_works_with_the_keyboard() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        for key in ("1", "9", "0"):
            await pilot.press("escape", key)
            await shown(pilot, PLACES[KEYS.index(key)].id)
            missing = {b.id for b in app.frame.pane.query(Button) if not b.disabled}
            for _ in range(30):
                if not missing:
                    break
                await pilot.press("tab")
                if isinstance(app.focused, Button):
                    missing.discard(app.focused.id)
            assert not missing


WHY = (
    "10.0.0.17:3306 accepts the connection but sends nothing, so it is held, overloaded, or no"
    " MySQL server at all; a firewall may also answer in its place (end of the reason)"
)


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_why_the_server_does_not_answer_is_told_whole(width: int) -> None:
    app = WizardApp(live([]))
    async with app.run_test(size=(width, 24)) as pilot:
        await ready(pilot)
        app.state.link_is(False, WHY, "14:00:00")
        app.frame.show_status()
        await until(pilot, lambda: "(end of the reason)" in " ".join(text_of(app).split()))
        assert "F5 tries again: 10.0.0.17:3306" in text_of(app)
        assert "quit" in text_of(app).splitlines()[-1]
        app.state.link_is(False, "short", "14:00:01")
        app.frame.show_status()
        await until(pilot, lambda: "tries again: short" in text_of(app).splitlines()[-2])


async def test_no_step_is_pushed_out_of_sight_by_why_the_server_does_not_answer() -> None:
    """The list of steps has no scrollbar that would tell of more."""
    app = WizardApp(live([]))
    async with app.run_test(size=(60, 20)) as pilot:
        await ready(pilot)
        app.state.link_is(False, WHY, "14:00:00")
        app.frame.show_status()
        await until(pilot, lambda: "F5 tries again: 10.0.0.17:3306" in text_of(app))
        await pilot.pause()
        assert all(f" {place.title} " in text_of(app) for place in PLACES)
        assert "F5 tries again" in text_of(app).splitlines()[-2]
