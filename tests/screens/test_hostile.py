"""Text from outside is shown as it is: no markup, no actions, no escape sequences."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from screens import fix_jobs
from screens.app import WizardApp
from screens.fix_model import Offer
from screens.opening import Answers, Candidate, Live, Saved, Unknown
from screens.places import KEYS, PLACES
from screens.windows import confirm
from screens.windows.text_window import TextModal
from tests.screens.driving import ready, shown, text_of, until
from tests.screens.fake import CASE, FACTS, FakeInvestigation, diagnosis, live, result
from wizard.case.case import Change
from wizard.case.evidence import StepResult
from wizard.hosts.ssh.prompt import Prompt
from wizard.server.session import CannotConnect
from wizard.steps.step import Step

HOSTILE = "[/x] [ERROR] [@click=app.quit]q[/] \x1b]52;c;eA==\x1b\\"
SHOWN = "[/x] [ERROR] [@click=app.quit]q[/] ]52;c;eA=="
SOURCES = Path(__file__).parents[2] / "screens"


def no_escape(app: WizardApp) -> bool:
    return "\x1b" not in text_of(app) and "\x9b" not in text_of(app)


async def test_every_place_shows_hostile_text_literally(monkeypatch: pytest.MonkeyPatch) -> None:
    case = replace(
        CASE,
        target=replace(FACTS, label=HOSTILE, version=HOSTILE),
        changes=(Change("1", HOSTILE, CASE.created, HOSTILE, HOSTILE),),
    )

    def act(fake: FakeInvestigation, step: Step) -> StepResult:
        fake.progress(step, HOSTILE)
        done = result(step.id, HOSTILE)
        return step.skipped(HOSTILE) if step.id == "counters" else done

    def offers(_diagnosis: object) -> list[Offer]:
        from knowledge.model import Remedy

        return [Offer(Remedy("r", HOSTILE, "advice", HOSTILE), HOSTILE, HOSTILE)]

    monkeypatch.setattr(fix_jobs, "offers", offers)
    app = WizardApp(live(act=act, case=case, found=diagnosis(HOSTILE)))
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        await ready(pilot)
        for number, place in enumerate(PLACES):
            await pilot.press("escape", KEYS[number])
            await shown(pilot, place.id)
            if place.id == "fix":
                await pilot.press("enter", "enter")
                await until(pilot, lambda: "it is for you to do" in text_of(app))
            await until(pilot, lambda: "[ERROR]" in text_of(app))
            assert no_escape(app)
            await pilot.press("escape", "e")
            await pilot.pause()
            if isinstance(app.screen, TextModal):
                # Fix tells what was done of late, which is none of the hostile ones' words.
                assert place.id == "fix" or "[ERROR]" in text_of(app)
                assert no_escape(app)
                await pilot.press("escape")
        app.frame.say(HOSTILE)
        app.push_screen(confirm.Confirm(HOSTILE, HOSTILE, "apply"))
        await until(pilot, lambda: isinstance(app.screen, confirm.Confirm))
        assert text_of(app).count(SHOWN) >= 2
        assert no_escape(app)


async def test_hostile_errors_and_names_on_the_connect_form() -> None:
    def refuse(_answers: Answers, _prompt: Prompt) -> Live:
        raise CannotConnect(HOSTILE)

    found = (Candidate(HOSTILE, note=HOSTILE),)
    app = WizardApp(Unknown(lambda: found, refuse))
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: SHOWN in text_of(app))
        await pilot.press("4", "enter")
        await until(pilot, lambda: text_of(app).count("[ERROR]") == 2)
        assert no_escape(app)


async def test_a_pasted_escape_sequence_never_reaches_the_terminal() -> None:
    from textual.events import Paste

    app = WizardApp(live())
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("enter")
        area = app.frame.query_one("#pasted")
        area.post_message(Paste("2006 gone\x1b]52;c;eA==\x07 away\nnext"))
        await until(pilot, lambda: "gone]52" in text_of(app))
        assert no_escape(app)
        field = app.frame.query_one("#app-log", Input)
        field.focus()
        await pilot.pause()
        field.post_message(Paste("/var/log\x1b[2J/app"))
        await until(pilot, lambda: "/var/log" in text_of(app))
        assert no_escape(app)


async def test_a_hostile_saved_case() -> None:
    case = replace(CASE, steps=(result("error-log", HOSTILE),))
    app = WizardApp(Saved(case, f"/tmp/{HOSTILE}"))
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        await pilot.press("4")
        await until(pilot, lambda: SHOWN in text_of(app))
        assert no_escape(app)


RULES = {
    "an f-string in a widget that parses markup": (
        r"\b(Static|Label|Button|Option|Checkbox|RadioButton|Collapsible|TabPane)\(\s*f[\"']"
    ),
    "notify() parses markup": r"\.notify\(",
    "border titles and tooltips parse markup": r"\b(border_title|border_subtitle|tooltip)\b\s*=",
    "from_markup() is never needed here": r"\bfrom_markup\b",
    "markup is never turned on": r"markup=True",
    "escape() does not help (it knows lower-case tags only)": r"\bimport escape\b|markup\.escape",
    "a loading cover repaints the pane without end": r"\bLoadingIndicator\b|\.loading\s*=",
}


@pytest.mark.parametrize("why", RULES)
def test_no_source_feeds_a_markup_sink(why: str) -> None:
    for source in SOURCES.glob("*.py"):
        for number, line in enumerate(source.read_text().splitlines(), 1):
            assert not re.search(RULES[why], line), f"{source.name}:{number}: {why}"


def test_every_static_is_plain_and_every_field_is_ours() -> None:
    for source in SOURCES.glob("*.py"):
        text = source.read_text()
        for call in re.finditer(r"\bStatic\(", text):
            arguments = _arguments(text, call.end())
            assert "markup=False" in arguments, f"{source.name}: Static({arguments})"
        if source.name != "fields.py":
            bare = re.search(r"(?<!isinstance)(?<!query_one)\b(Input|TextArea)\((?!Widget)", text)
            assert bare is None, f"{source.name}: {bare} takes pasted escape sequences as they are"


def _arguments(text: str, start: int) -> str:
    depth, end = 1, start
    while depth:
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        end += 1
    return text[start : end - 1]
