"""The knowledge browser: found by typing, read in full, opened from what is suspected."""

import pytest
from textual.widgets import Input, TextArea

from screens.app import WizardApp
from screens.opening import Saved, Unknown
from screens.widgets.knowledge_browser import Browser
from screens.widgets.lists import PlainList
from screens.windows.connect import ConnectWindow
from screens.windows.knowledge import KnowledgeWindow
from screens.windows.knowledge_page import PageModal
from tests.screens.driving import inside, ready, shown, text_of, until
from tests.screens.fake import CASE, live, result
from wizard.explain import explain, lines


def page(app: WizardApp) -> str:
    return app.screen.query_one("#page", TextArea).text


async def open_browser(pilot: object, app: WizardApp) -> Browser:
    await ready(pilot)  # type: ignore[arg-type]
    await pilot.press("K")  # type: ignore[attr-defined]
    await shown(pilot, "knowledge")  # type: ignore[arg-type]
    await pilot.press("slash")  # type: ignore[attr-defined]
    await until(pilot, lambda: isinstance(app.focused, Input))  # type: ignore[arg-type]
    return app.frame.query_one(Browser)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_number_is_found_by_typing_and_read_in_full(size: tuple[int, int]) -> None:
    app = WizardApp(Saved(CASE.with_step(result("error-log")), "old"))
    async with app.run_test(size=size) as pilot:
        browser = await open_browser(pilot, app)
        for part in ("#search", "#topics", "#page"):
            assert inside(browser.query_one(part)), part
        await pilot.press(*"4031")
        await until(pilot, lambda: "Error 4031" in page(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PageModal))
        width = app.screen.query_one("#page", TextArea).scrollable_content_region.width
        printed = " ".join(" ".join(lines(explain("4031"))).split())
        assert " ".join(page(app).split()) == printed, "the words that the command prints"
        assert all(len(line) < width for line in page(app).split("\n") if "https" not in line)
        for part in ("#page", "#see-also", "#hint"):
            assert inside(app.screen.query_one(part)), part
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.frame)


async def test_no_line_of_a_page_is_wrapped_twice() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        browser = await open_browser(pilot, app)
        browser.query_one("#search", Input).value = "idle-timeout"
        await until(pilot, lambda: page(app).startswith("idle-timeout"))
        width = browser.query_one("#page", TextArea).wrap_width
        wide = [line for line in page(app).split("\n") if len(line) > width]
        assert [line for line in wide if "https://" not in line] == []


async def test_a_page_leads_on_and_back() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_browser(pilot, app)
        await pilot.press(*"2006", "enter")
        await until(pilot, lambda: isinstance(app.screen, PageModal))
        links = app.screen.query_one("#see-also", PlainList)
        assert "idle-timeout" in str(links.get_option_at_index(0).prompt)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: page(app).startswith("idle-timeout"))
        await pilot.press("escape")
        await until(pilot, lambda: page(app).startswith("Error 2006"))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.frame)


async def test_the_list_is_walked_and_the_page_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(WizardApp, "copy_to_clipboard", lambda _app, text: sent.append(text))
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        browser = await open_browser(pilot, app)
        await pilot.press(*"myths", "down", "j")
        await until(pilot, lambda: browser.query_one("#topics", PlainList).highlighted == 1)
        topic = browser.topic
        assert topic is not None
        assert topic.kind == "myth"
        await until(pilot, lambda: topic.id in page(app))
        await pilot.press("c")
        await until(pilot, lambda: "sent to the terminal's clipboard" in text_of(app))
        assert sent == ["\n".join(lines(explain(topic.id)))]
        await pilot.press("slash", "x")
        assert browser.query_one("#search", Input).value == "x", "a new search replaces the old"


async def test_words_of_which_nothing_is_known() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        browser = await open_browser(pilot, app)
        browser.query_one("#search", Input).value = "[/x] zzzz"
        await until(pilot, lambda: "Nothing is known about these words" in text_of(app))
        assert page(app) == ""
        await pilot.press("enter", "down", "enter", "c")
        assert app.screen is app.frame


async def test_a_suspect_a_cause_and_a_remedy_open_their_pages() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        for keys, begin in (
            (("s", "question_mark"), "idle-timeout: "),
            (("d", "i"), "idle-timeout: "),
            (("x", "question_mark"), "raise-wait-timeout: "),
        ):
            await pilot.press("escape", keys[0])
            await pilot.pause()
            await pilot.press(keys[1])
            await until(pilot, lambda: isinstance(app.screen, PageModal))
            assert page(app).startswith(begin)
            await until(pilot, lambda: page(app).partition("\n")[0] in text_of(app))
            await pilot.press("q")
            await until(pilot, lambda: app.screen is app.frame)
        await pilot.press("escape", "1", "question_mark")
        await until(pilot, lambda: "Nothing to explain here" in text_of(app))


async def test_it_is_there_before_any_server_is_known() -> None:
    app = WizardApp(Unknown(lambda: (), lambda _answers, _prompt: live()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ConnectWindow))
        assert inside(app.screen.query_one("#knowledge"))
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, KnowledgeWindow))
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*"1040", "enter")
        await until(pilot, lambda: isinstance(app.screen, PageModal))
        assert page(app).startswith("Error 1040")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, KnowledgeWindow))
        for part in ("#search", "#topics", "#page", "#hint"):
            assert inside(app.screen.query_one(part)), part
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ConnectWindow))
