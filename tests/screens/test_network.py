"""The Network pane: nothing starts unasked, and what is going on is seen."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from screens.app import WizardApp
from screens.opening import Saved
from screens.panes import network
from screens.widgets.lists import PlainList
from screens.widgets.suspects import Suspects
from screens.windows.text_window import TextModal, WholeText
from tests.screens.driving import inside, ready, shown, text_of, until
from tests.screens.fake import CASE, FakeInvestigation, diagnosis, live, result
from tests.screens.probes import IDS, found, know_probes, ladder
from wizard.case.evidence import StepResult, StepStatus
from wizard.diagnosis.model import Missing
from wizard.server.session import ConnectionLost
from wizard.steps.step import Step

SIZES = [(80, 24), (120, 40)]
HOSTILE = "[/x] [ERROR] [@click=app.quit]q[/] \x1b]52;c;eA==\x1b\\"


@pytest.fixture(autouse=True)
def _probes(monkeypatch: pytest.MonkeyPatch) -> None:
    know_probes(monkeypatch)
    monkeypatch.setattr(network, "LIVE_SECONDS", 0.05)


class Script:
    """The probes' side: each waits for its turn to end, unless it is stopped."""

    def __init__(self, partial: Callable[[str], StepResult] | None = None) -> None:
        self.turns = threading.Semaphore(0)
        self.partial = partial
        self.end: Callable[[str], StepResult] = found

    def __call__(self, fake: FakeInvestigation, step: Step) -> StepResult:
        if step.id not in IDS:
            return result(step.id)
        fake.progress(step, f"{step.id} at work")
        if self.partial is not None:
            fake.knows(self.partial(step.id))
        while not self.turns.acquire(timeout=0.02):
            if fake.stop.is_set():
                return step.skipped("cancelled")
        return self.end(step.id)


def at_once(_fake: FakeInvestigation, step: Step) -> StepResult:
    return found(step.id) if step.id in IDS else result(step.id)


async def at_network(pilot: Pilot[None]) -> WizardApp:
    app = await ready(pilot)
    await pilot.press("7")
    await shown(pilot, "network")
    await until(pilot, lambda: app.focused is rows(app))
    return app


def rows(app: WizardApp) -> PlainList:
    return app.frame.query_one("#probes", PlainList)


def words(app: WizardApp) -> list[str]:
    return [str(option.prompt) for option in rows(app).options]


def picture(app: WizardApp) -> str:
    return str(app.frame.query_one("#picture").render())


async def test_nothing_starts_before_it_was_announced_and_asked_for() -> None:
    made: list[FakeInvestigation] = []
    app = WizardApp(live(made, act=at_once))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_network(pilot)
        assert not set(made[0].ran) & set(IDS)
        assert all(word.endswith("not run") for word in words(app))
        assert "What latency would tell" in text_of(app)
        assert "Enter starts it, a starts all. Cost: opens 8" in text_of(app)
        assert "for 30 s at most." in text_of(app)
        await pilot.press("down", "enter")
        await until(pilot, lambda: "found 1" in words(app)[1])
        assert [step for step in made[0].ran if step in IDS] == ["packet"]
        await pilot.press("f5")
        await until(pilot, lambda: made[0].ran.count("packet") == 2)
        assert rows(app).highlighted == 1


@pytest.mark.parametrize("size", SIZES)
async def test_the_live_picture_fills_and_the_result_takes_its_place(
    size: tuple[int, int],
) -> None:
    script = Script(lambda probe: StepResult(
        probe, StepStatus.RUNNING, tables=(ladder(("10 s", "alive"), ("20 s", "waits")),)
    ))  # fmt: skip
    app = WizardApp(live(act=script))
    async with app.run_test(size=size) as pilot:
        await at_network(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "waits" in picture(app))
        assert words(app)[0].split()[1] == "running"
        assert "latency at work" in text_of(app)
        assert "found" not in words(app)[0]
        script.turns.release()
        await until(pilot, lambda: "no answer" in picture(app))
        assert "Something between forgets" in text_of(app)
        assert "forgotten after 20 s" in text_of(app)
        for widget in app.frame.pane.query("#probes, #limits, #probe, Input"):
            assert inside(widget), widget
        probe = app.frame.query_one("#probe")
        assert probe.virtual_size.width <= probe.size.width, "nothing runs off the right edge"
        assert all(len(line) <= probe.size.width for line in picture(app).splitlines())


async def test_a_cancelled_probe_is_not_done_and_tells_what_it_saw() -> None:
    script = Script(lambda probe: StepResult(
        probe, StepStatus.RUNNING, tables=(ladder(("10 s", "alive")),)
    ))  # fmt: skip
    app = WizardApp(live(act=script))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_network(pilot)
        await pilot.press("a")
        await until(pilot, lambda: "alive" in picture(app))
        assert [word.split()[1] for word in words(app)[1:]] == ["waiting"] * 4
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "skipped: cancelled" in words(app)[0])
        await until(pilot, lambda: words(app)[1].endswith("not run"))
        assert "Seen before it ended; no part of the diagnosis" in picture(app)
        case = app.state.case
        assert case is not None
        kept = case.step("latency")
        assert kept is not None
        assert (kept.status, kept.tables) == (StepStatus.SKIPPED, ())


async def test_all_run_one_after_the_other_and_the_highlight_goes_along() -> None:
    made: list[FakeInvestigation] = []
    script = Script()
    app = WizardApp(live(made, act=script))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_network(pilot)
        await pilot.press("down", "down", "a")
        await until(pilot, lambda: app.state.running == "latency")
        for number in range(len(IDS)):
            await until(pilot, lambda: rows(app).highlighted_id == app.state.running)
            assert rows(app).highlighted == number
            script.turns.release()
            await until(pilot, lambda n=number: "found 1" in words(app)[n])  # type: ignore[misc]
        assert tuple(step for step in made[0].ran if step in IDS) == IDS
        assert "7 Network     found 5" in text_of(app)


async def test_the_highlight_stays_where_the_operator_moved_it() -> None:
    script = Script()
    app = WizardApp(live(act=script))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_network(pilot)
        await pilot.press("a")
        await until(pilot, lambda: app.state.running == "latency")
        await until(pilot, lambda: words(app)[0].split()[1] == "running")
        await pilot.press("down", "down")
        script.turns.release(len(IDS))
        await until(pilot, lambda: "found 1" in words(app)[4])
        assert rows(app).highlighted == 2


async def test_limits_are_checked_and_kept_and_used() -> None:
    made: list[FakeInvestigation] = []
    app = WizardApp(live(made, act=at_once))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_network(pilot)
        await pilot.press("l")
        field = app.frame.query_one("#idle_seconds", Input)
        await until(pilot, lambda: field.has_focus)
        field.value = "soon"
        await until(pilot, lambda: "limit idle: 'soon' is not a duration" in text_of(app))
        await pilot.press("enter", "enter")
        await until(pilot, lambda: text_of(app).count("limit idle: 'soon'") == 2)
        assert not set(made[0].ran) & set(IDS)
        field.value = "5m"
        app.frame.query_one("#packet_bytes", Input).value = "16M"
        await until(pilot, lambda: "for 300 s" in text_of(app))
        await pilot.press("1")
        await shown(pilot, "symptom")
        await pilot.press("escape", "7")
        await shown(pilot, "network")
        assert field.value == "5m"
        await pilot.press("enter")
        await until(pilot, lambda: "latency" in made[0].ran)
        assert made[0].limits.idle_seconds == 300
        assert made[0].limits.packet_bytes == 16 << 20


async def test_a_saved_case_shows_its_probes_and_starts_none() -> None:
    case = replace(CASE, steps=(result("connection"), found("idle")))
    app = WizardApp(Saved(case, "/tmp/old.case.json"))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_network(pilot)
        assert "It was not run." in text_of(app)
        assert not app.frame.query_one("#limits").display
        await pilot.press("enter")
        await until(pilot, lambda: "No probe can run: a saved case" in text_of(app))
        await pilot.press("j", "j")
        await until(pilot, lambda: "no answer" in picture(app))
        figures = "401 values, min 0.2, median 0.3, max 12.5 ms"
        assert figures in " ".join(picture(app).split())
        assert "Enter" not in text_of(app).split("NEXT")[0].split("Idle")[-1]


async def test_the_whole_picture_and_a_fact_open_in_windows() -> None:
    app = WizardApp(live(act=at_once))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_network(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "no answer" in picture(app))
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, WholeText))
        for part in ("forgotten after 20 s", "20 s  no answer", "2 connections could not"):
            assert part in app.screen.query_one(TextArea).text
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.frame)
        app.frame.pane.query_one(".evidence").focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TextModal))
        assert "probe.idle-silent" in app.screen.query_one(TextArea).text


@pytest.mark.parametrize(("size", "beside"), [((80, 24), False), ((120, 40), True)])
async def test_both_ways_stand_beside_each_other_where_they_fit(
    size: tuple[int, int], beside: bool
) -> None:
    rungs = (("20 s", "no answer when asked, server: Sleep"),)
    tables = tuple(ladder(*rungs, way=way) for way in ("from here", "from the application (app1)"))
    case = replace(CASE, steps=(replace(found("latency"), tables=tables),))
    app = WizardApp(Saved(case, "/tmp/old.case.json"))
    async with app.run_test(size=size) as pilot:
        await at_network(pilot)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, WholeText))
        lines = app.screen.query_one(TextArea).text.splitlines()
        assert any(line.count("server: Sleep") == 2 for line in lines) is beside
        assert sum(line.count("server: Sleep") for line in lines) == 2
        assert all(len(line) <= size[0] for line in lines)


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_text_is_shown_as_it_is(size: tuple[int, int]) -> None:
    script = Script(lambda probe: replace(found(probe, HOSTILE), status=StepStatus.RUNNING))
    script.end = lambda probe: found(probe, HOSTILE)
    app = WizardApp(live(act=script))
    async with app.run_test(size=size, notifications=True) as pilot:
        await at_network(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "[@click=app.quit]" in picture(app))
        script.turns.release()
        await until(pilot, lambda: "found 1" in words(app)[0])
        assert "[@click=app.quit]" in text_of(app)
        assert "\x1b" not in text_of(app) + picture(app)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, WholeText))
        assert "\x1b" not in text_of(app)


async def test_a_server_that_is_lost_meanwhile_is_one_lasting_line() -> None:
    made: list[FakeInvestigation] = []

    def act(fake: FakeInvestigation, step: Step) -> StepResult:
        if step.id in IDS:
            fake.lose_server(ConnectionLost("server closed the connection (2013)"))
            return step.failed("the server went away: server closed the connection (2013)")
        return result(step.id)

    app = WizardApp(live(made, act=act))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await at_network(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "SERVER LOST" in text_of(app).splitlines()[0])
        assert text_of(app).count("SERVER LOST") == 1
        assert "failed: the server went away" in words(app)[0]
        assert len(app._notifications) == 0
        await pilot.press("enter")
        await until(pilot, lambda: made[0].ran[-2:] == ["connection", "latency"])


async def test_new_findings_are_announced_and_not_pushed_in() -> None:
    made: list[FakeInvestigation] = []
    script = Script()
    app = WizardApp(live(made, act=script))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_network(pilot)
        made[0].found = replace(made[0].found, findings=made[0].found.findings[1:])
        await pilot.press("enter")
        await until(pilot, lambda: app.state.running == "latency")
        await pilot.press("s")
        await until(pilot, lambda: app.frame.query_one(Suspects).rows.has_focus)
        script.turns.release()
        await until(pilot, lambda: "Suspects changed" in text_of(app))
        assert "CONFIRMED idle-timeout" in text_of(app)


def asking_for(probe: str) -> Any:
    """A diagnosis whose first suspect a probe would decide on."""
    told = diagnosis()
    missing = (Missing("probe.idle-silent", probe, "connections forgotten", "check --probe idle"),)
    return replace(told, findings=(replace(told.findings[0], missing=missing), told.findings[1]))


async def test_a_suspect_leads_to_the_probe_that_would_decide() -> None:
    app = WizardApp(live(found=asking_for("idle")))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("s", "t")
        await shown(pilot, "network")
        await until(pilot, lambda: rows(app).highlighted_id == "idle" and rows(app).has_focus)
        await pilot.press("s", "down", "t")
        await until(pilot, lambda: "No probe would tell more" in text_of(app))
        await pilot.press("escape", "1", "t")
        await until(pilot, lambda: app.frame.current == "network")
        assert rows(app).highlighted_id == "idle"


async def test_a_missing_line_of_the_diagnosis_leads_to_its_probe() -> None:
    app = WizardApp(live(found=asking_for("statement")))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("8")
        await shown(pilot, "diagnosis")
        await pilot.press("enter")
        await until(pilot, lambda: app.frame.query_one("#findings").has_focus)
        await pilot.press("down", "down", "down", "enter")
        await until(pilot, lambda: app.frame.current == "network")
        await until(pilot, lambda: rows(app).highlighted_id == "statement")
        assert rows(app).has_focus
