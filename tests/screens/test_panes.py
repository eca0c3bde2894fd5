"""What each pane does when it is asked: evidence, jumps, fixes, reports."""

import re
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Button, Input, Select, Static, TextArea

from knowledge.load import load as load_knowledge
from screens import fix_doing, fix_jobs
from screens.app import WizardApp
from screens.fix_doing import Done
from screens.fix_model import Offer, Preview, Undoable
from screens.opening import Saved
from screens.panes.fix import FixPane
from screens.state import FixKind
from screens.text.fix_path import FixStage
from screens.widgets.line import SteadyText
from screens.widgets.lists import PlainList
from screens.widgets.step_list import StepList
from screens.widgets.table import PlainTable
from screens.windows.capture import CaptureWindow
from screens.windows.confirm import Confirm
from screens.windows.text_window import TextModal, WholeText
from tests.screens.driving import inside, ready, text_of, until
from tests.screens.fake import FakeInvestigation, diagnosis, live
from wizard.case.case_file import load
from wizard.diagnosis.model import Finding, Reason, Verdict
from wizard.server.session import CannotConnect


async def open_place(pilot: Any, place: str) -> WizardApp:
    app = await ready(pilot)
    app.frame.action_go(place)
    await until(pilot, lambda: app.frame.current == place)
    return app


async def test_enter_on_a_fact_shows_its_lines_and_what_would_deny_it() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_place(pilot, "error-log")
        await pilot.press("enter", "enter")
        await until(pilot, lambda: isinstance(app.screen, TextModal))
        text = app.screen.query_one(TextArea).text
        assert "raw line" in text
        assert "/var/log/mysql/error.log, line 812" in text
        assert "against it would count" in text
        for part in (TextArea, "#hint", ".head"):
            assert inside(app.screen.query_one(part))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.frame)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_marked_setting_is_never_behind_what_is_told_of_it(size: tuple[int, int]) -> None:
    case = load(Path(__file__).parents[2] / "wizard/demo/recorded_cases/idle.json")
    app = WizardApp(Saved(case, "saved"))
    async with app.run_test(size=size) as pilot:
        await open_place(pilot, "settings")
        why = app.frame.pane.query(SteadyText).first()
        await pilot.press("enter")
        table = app.frame.pane.query(PlainTable).first()
        await until(pilot, lambda: table.has_focus)
        told = app.frame.pane.query_one("#setting")
        await pilot.press(*"8b")
        await until(pilot, lambda: app.frame.current == "settings")
        assert inside(why)

        def shown() -> bool:
            row = table.region.y + 1 + table.cursor_row - table.scroll_offset.y
            return max(table.region.y, app.frame.pane.region.y - 1) < row < told.region.y

        for row in (table.row_count - 2, 0, table.row_count // 2):
            table.move_cursor(row=row)
            await pilot.press("down")
            await until(pilot, shown)


async def test_the_keys_that_a_place_names_are_obeyed_from_the_list_of_steps() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_place(pilot, "report")
        assert isinstance(app.frame.focused, StepList)
        chosen = app.frame.pane.query_one("#format", Select)
        before = chosen.value
        await pilot.press("f")
        await until(pilot, lambda: chosen.value != before)
        await pilot.press("S", "a")
        await until(pilot, lambda: isinstance(app.screen, CaptureWindow))


async def test_a_suspect_opens_for_against_and_missing() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("s", "enter")
        await until(pilot, lambda: isinstance(app.screen, TextModal))
        text = app.screen.query_one(TextArea).text
        assert "CONFIRMED  idle-timeout" in text
        assert "31 sessions ended: timeout reading" in text
        assert "no sleepers seen" in text
        assert "how long idle lasts: run it" in text


async def test_copy_sends_osc52_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    app = WizardApp(live())
    sent: list[str] = []
    monkeypatch.setattr(WizardApp, "copy_to_clipboard", lambda _app, text: sent.append(text))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("s", "enter")
        await until(pilot, lambda: isinstance(app.screen, TextModal))
        await pilot.press("c")
        await until(pilot, lambda: "sent to the terminal's clipboard" in text_of(app))
        assert "CONFIRMED  idle-timeout" in sent[0]


async def test_a_reason_in_the_diagnosis_leads_to_its_step() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_place(pilot, "diagnosis")
        assert "not explained" in text_of(app)
        await pilot.press("enter", "down", "enter")
        await until(pilot, lambda: app.frame.current == "error-log")
        assert app.frame.pane.has_focus_within, "the keys go with it"


async def test_the_report_is_shown_and_saved_for_its_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = WizardApp(live())
    async with app.run_test(size=(120, 40)) as pilot:
        await open_place(pilot, "report")
        area = app.frame.query_one("#report-text", TextArea)
        await until(pilot, lambda: "idle-timeout" in area.text)
        app.frame.query_one("#format", Select).value = "json"
        await until(pilot, lambda: '"schema_version"' in area.text)
        app.frame.query_one("#path", Input).value = "out.json"
        app.frame.query_one("#save", Button).press()
        await until(pilot, lambda: bool(app.saved))
        assert app.saved == [tmp_path / "out.json"]
        assert stat.S_IMODE(Path("out.json").stat().st_mode) == 0o600
        assert '"schema_version"' in Path("out.json").read_text()
        assert f"Saved out.json in {tmp_path}"[:60] in text_of(app)
        app.frame.query_one("#path", Input).value = "out.json"
        app.frame.query_one("#save", Button).press()
        await until(pilot, lambda: "Save: " in text_of(app))
        assert app.saved == [tmp_path / "out.json"], "an existing file is not overwritten"


async def test_one_key_saves_and_one_copies_the_report_from_the_step_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sent: list[str] = []
    monkeypatch.setattr(WizardApp, "copy_to_clipboard", lambda _app, text: sent.append(text))
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_place(pilot, "report")
        assert app.focused is app.frame.query_one(StepList)
        await until(pilot, lambda: "idle-timeout" in report_area(app).text)
        for label in ("Copy (y)", "Save (w)"):
            assert label in text_of(app)
        await pilot.press("w")
        await until(pilot, lambda: bool(app.saved))
        assert app.saved[0].parent == tmp_path
        await pilot.press("y")
        await until(pilot, lambda: bool(sent))
        assert sent[0] == app.saved[0].read_text()
        assert max(map(len, sent[0].split("\n"))) > report_area(app).size.width, "all 80 columns"
        await pilot.press("1", "w")
        await until(pilot, lambda: "Nothing to save here" in text_of(app))
        assert len(app.saved) == 1


async def test_the_report_is_laid_out_for_its_pane_and_whole_in_the_window() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_place(pilot, "report")
        area = report_area(app)
        await until(pilot, lambda: "idle-timeout" in area.text)
        assert max(map(len, area.text.split("\n"))) <= area.wrap_width
        assert area.wrapped_document.height == area.document.line_count, "nothing is wrapped anew"
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, WholeText))
        whole = app.screen.query_one(TextArea)
        assert max(map(len, whole.text.split("\n"))) > area.wrap_width
        assert whole.region.width == 80
        assert whole.wrapped_document.height == whole.document.line_count


async def test_the_report_is_folded_once_in_the_smallest_terminal() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(60, 20)) as pilot:
        await open_place(pilot, "report")
        area = report_area(app)
        await until(pilot, lambda: "idle-timeout" in area.text)
        lines = area.text.split("\n")
        axis = next(line for line in lines if re.match(r" +\d\d:\d\d:?\d* *\d\d:\d\d", line))
        assert [line for line in lines if len(line) > area.wrap_width] in ([], [axis])


def report_area(app: WizardApp) -> TextArea:
    return app.frame.query_one("#report-text", TextArea)


async def test_a_case_is_saved_and_can_be_reopened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = WizardApp(live())
    async with app.run_test(size=(120, 40)) as pilot:
        await open_place(pilot, "report")
        app.frame.query_one("#save-case", Button).press()
        await until(pilot, lambda: bool(app.saved))
        monkeypatch.setattr(WizardApp, "typed_alone", False)
        await pilot.press("a")
        await until(pilot, lambda: "Not saved: a came together" in text_of(app))
        monkeypatch.setattr(WizardApp, "typed_alone", True)
        await pilot.press("a")
        await until(pilot, lambda: len(app.saved) == 2)
        for width in (80, 60):
            await pilot.resize_terminal(width, 20)
            name = app.saved[1].name
            await until(pilot, lambda: f"Saved {name}" in text_of(app))  # noqa: B023
            assert name.endswith("-2.case.json")
    from wizard.case.case_file import load

    assert len(list(tmp_path.iterdir())) == 2
    for path in app.saved:
        assert load(path).step("error-log") is not None


class FixScript:
    """Stands in for the thread's side of a fix, and notes what was asked of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        monkeypatch.setattr(fix_jobs, "preview", self.preview)
        monkeypatch.setattr(fix_doing, "carry_out", self.apply)
        monkeypatch.setattr(fix_jobs, "undoable", self.undoable)
        monkeypatch.setattr(fix_jobs, "undo_now", self.undo)

    def preview(self, _engine: object, offer: Offer, values: Any, persist: bool) -> Preview:
        self.calls.append(f"preview {offer.remedy.id} {dict(values)} {persist}")
        plan: Any = object()
        told = ("SET GLOBAL wait_timeout = 600", "sessions keep theirs")
        return Preview(offer, told, plan, FixKind.CHANGE)

    def apply(self, _engine: object, _shown: Preview, _width: int, say: Any) -> Done:
        say("making the change")
        self.calls.append("apply")
        return Done(("APPLIED: PROVEN", "  wait_timeout: 5 -> 600"))

    def undoable(self, _engine: object) -> Undoable:
        entry: Any = object()
        return Undoable(entry, ("wait_timeout: 5 -> 600",), False)

    def undo(self, _engine: object, _what: Undoable) -> tuple[str, ...]:
        self.calls.append("undo")
        return ("UNDONE",)


def preview_text(app: WizardApp) -> str:
    return str(app.frame.query_one("#preview", Static).render())


async def test_a_fix_is_previewed_confirmed_applied_and_undone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script = FixScript(monkeypatch)
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_place(pilot, "fix")
        apply = app.frame.query_one("#apply", Button)
        assert apply.disabled, "nothing is applied that was not previewed"
        app.frame.query_one("#wanted", Input).value = "wait_timeout=10m"
        await pilot.press("enter", "enter")
        await until(pilot, lambda: "SET GLOBAL" in preview_text(app))
        assert "{'wait_timeout': '10m'} False" in script.calls[0]
        assert not apply.disabled

        apply.press()
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("enter")
        await pilot.press(*"yes", "enter")
        await until(pilot, lambda: "That is not apply" in text_of(app))
        await pilot.press("escape")
        await until(pilot, lambda: "Nothing was changed" in preview_text(app))
        assert "apply" not in script.calls

        apply.press()
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press(*"apply", "enter")
        await until(pilot, lambda: "APPLIED: PROVEN" in preview_text(app))
        assert "wait_timeout: 5 -> 600" in preview_text(app)
        assert apply.disabled, "the preview is used up"

        app.frame.query_one("#undo", Button).press()
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press(*"undo", "enter")
        await until(pilot, lambda: "UNDONE" in preview_text(app))
        assert script.calls[-1] == "undo"


async def test_the_diagnosis_begins_with_the_server_that_is_down() -> None:
    """The list below it has the keys, and came whole into sight: what stands first went out."""
    met = Reason("state.refused", "nothing listens at db1:3306", "connect", "connection")
    gone = Finding("server-unreachable", "No server answers", Verdict.CONFIRMED, 0.9, 0, (met,), (),
                   (), ("start-server",))  # fmt: skip
    found = replace(diagnosis(), findings=(*diagnosis().findings, gone))
    app = WizardApp(live(found=found))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_place(pilot, "diagnosis")
        findings = app.frame.query_one("#findings", PlainList)
        await pilot.press("enter")
        await until(pilot, lambda: findings.has_focus)
        await pilot.pause()
        assert "DOWN   nothing listens at db1:3306" in text_of(app)
        assert "CONFIRMED  idle-timeout" in text_of(app)
        await pilot.press("down")
        around = app.frame.pane.scrollable_content_region
        await until(pilot, lambda: around.contains_region(findings.region))


async def test_a_changed_wish_makes_the_preview_void(monkeypatch: pytest.MonkeyPatch) -> None:
    FixScript(monkeypatch)
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_place(pilot, "fix")
        await pilot.press("enter", "enter")
        apply = app.frame.query_one("#apply", Button)
        await until(pilot, lambda: not apply.disabled)
        app.frame.query_one("#wanted", Input).value = "wait_timeout=1h"
        await until(pilot, lambda: apply.disabled)
        assert "out of date" in preview_text(app)


async def test_after_a_failure_enter_previews_again_and_u_leads_back_to_the_remedies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else the next step names u for ever, and Enter, named below, does nothing."""
    script = FixScript(monkeypatch)

    def refused(*_told: object) -> Done:
        raise CannotConnect("nothing listens at db1:3306")

    monkeypatch.setattr(fix_doing, "carry_out", refused)
    monkeypatch.setattr(fix_jobs, "undoable", lambda _engine: None)
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_place(pilot, "fix")
        for _ in range(2):
            await pilot.press("enter")
            await until(pilot, lambda: "SET GLOBAL" in preview_text(app))
            await pilot.press("a")
            await until(pilot, lambda: isinstance(app.screen, Confirm))
            await pilot.press(*"apply", "enter")
            await until(pilot, lambda: "nothing listens" in preview_text(app))
        assert len(script.calls) == 2
        await pilot.press("u")
        await until(pilot, lambda: "There is no change to undo" in preview_text(app))
        assert app.frame.query_one("#remedies").has_focus
        assert "u  see whether something was left" not in text_of(app)


async def test_what_is_previewed_stays_meant_when_the_remedies_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another remedy at the top of the list is not what p and Enter show then."""
    script = FixScript(monkeypatch)
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_place(pilot, "fix")
        await pilot.press("enter")
        await until(pilot, lambda: "SET GLOBAL" in preview_text(app))
        pane, (first,) = app.frame.query_one(FixPane), script.calls
        offered, given = pane.news(pane.state) or ([], [])
        newer = replace(offered[0], remedy=load_knowledge().remedies["start-server"])
        await pane.draw(([newer, *offered], given))
        await until(pilot, lambda: "Enter shows the new one" in preview_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "SET GLOBAL" in preview_text(app))
        assert script.calls == [first, first]
        await pilot.press("escape", "g", "enter")
        await until(pilot, lambda: len(script.calls) == 3)
        assert "start-server" in script.calls[-1]
        await until(pilot, lambda: app.state.fix_stage == FixStage.PREVIEW)
        await pane.draw((offered, given))
        await until(pilot, lambda: "Nothing asks any more" in preview_text(app))
        assert app.frame.query_one("#remedies").has_focus
        assert app.frame.query_one("#apply", Button).disabled


async def test_a_wish_that_cannot_be_read_stays_on_the_screen() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await open_place(pilot, "fix")
        app.frame.query_one("#wanted", Input).value = "wait_timeout"
        app.frame.query_one("#show", Button).press()
        await until(pilot, lambda: "give VARIABLE=VALUE, not 'wait_timeout'" in preview_text(app))


async def test_analyse_reads_what_the_form_holds() -> None:
    made: list[FakeInvestigation] = []
    app = WizardApp(live(made))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        app.frame.query_one("#pasted", TextArea).text = "2006 gone away"
        app.frame.query_one("#app-log", Input).value = "/a.log, /b.log"
        made[0].ran.clear()
        app.frame.query_one("#analyse", Button).press()
        await until(pilot, lambda: "symptom" in made[0].ran)
        assert made[0].sources.pasted == "2006 gone away"
        assert made[0].sources.app_logs == (Path("/a.log"), Path("/b.log"))


async def test_help_and_palette() -> None:
    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, TextModal))
        assert "KEYS" in text_of(app)
        await pilot.press("escape")
        titles = [command.title for command in app.get_system_commands(app.frame)]
        assert "Screenshot" not in titles
        assert "Diagnosis" in titles
        assert "Run again" in titles
