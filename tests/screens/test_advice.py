"""What the application's owner can paste, from a real recorded case."""

import pytest
from textual.widgets import Static

from screens.app import WizardApp
from screens.opening import Saved
from screens.text.advice import advice, advice_lines
from screens.widgets.lists import PlainList
from screens.windows.text_window import TextModal
from tests.screens.driving import ready, shown, until
from wizard.case import facts
from wizard.case.case import Case
from wizard.demo.faults import Fault
from wizard.demo.recorded import recorded_case
from wizard.diagnosis.diagnose import diagnose


@pytest.fixture(scope="module")
def packet() -> Case:
    return recorded_case(Fault("packet"))


def test_the_snippets_fit_the_cause_and_hold_the_measured_figures(packet: Case) -> None:
    given = advice(packet, diagnose(packet))
    assert given
    limit = packet.fact(facts.MAX_ALLOWED_PACKET)
    assert isinstance(limit, int)
    assert str(limit // 2) in given[0].filled.text
    assert all("packet-too-large" in a.filled.snippet.purpose.causes for a in given)
    lines = list(advice_lines(given[0], 50))
    own = given[0].filled.text.rstrip("\n").split("\n")
    assert [line for line in lines if line in own] == own, "a snippet keeps its own lines"
    assert all(len(line) <= 50 for line in lines if line not in own)


def test_without_a_case_there_is_no_advice(packet: Case) -> None:
    assert advice(None, diagnose(packet)) == []


async def test_a_snippet_is_shown_and_copied(packet: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(WizardApp, "copy_to_clipboard", lambda _app, text: sent.append(text))
    given = advice(packet, diagnose(packet))
    app = WizardApp(Saved(packet, "packet.json"))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("x")
        await shown(pilot, "fix")
        rows = app.frame.query_one("#remedies", PlainList)
        ids = [rows.get_option_at_index(n).id for n in range(rows.option_count)]
        assert given[0].id in ids
        rows.highlighted = ids.index(given[0].id)
        await pilot.press("enter")
        preview = app.frame.query_one("#preview", Static)
        await until(pilot, lambda: given[0].filled.snippet.title in str(preview.render()))
        assert app.frame.query_one("#apply").disabled, "it is not for the wizard to do"
        await pilot.press("c")
        await until(pilot, lambda: bool(sent))
        assert sent == [given[0].filled.text]
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, TextModal))
        await pilot.press("c")
        await until(pilot, lambda: len(sent) > 1)
        assert given[0].filled.text.rstrip("\n") in sent[1], "the window's copy is pasted, too"
