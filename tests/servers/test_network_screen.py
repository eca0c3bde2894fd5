"""The Network screen with real probes on a real server."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot

from screens.app import WizardApp
from screens.opening import Live, Saved
from tests.screens.driving import ready, shown, text_of
from tests.servers.conftest import StartServer
from tests.servers.harness.server import ServerUnderTest
from wizard.case.case_file import load, save
from wizard.case.evidence import StepStatus
from wizard.case.window import parse_window
from wizard.investigation.begin import Beginning
from wizard.target.model import Secret, Sources, Target

pytestmark = pytest.mark.servers

LIMIT = 180.0


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "TMUX", "TEXTUAL_THEME", "TEXTUAL_COLOR_SYSTEM"):
        monkeypatch.delenv(name, raising=False)


def live(server: ServerUnderTest) -> Live:
    password = Secret(server.passwords["admin"])
    target = Target(host=server.host, port=server.port, user="admin", password=password)
    window = parse_window(None, None, datetime.now().astimezone())
    beginning = Beginning(target, Sources(error_log=server.error_log), window)
    return Live(target, beginning.sources, beginning.begin)


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, "the condition never came true"
        await asyncio.sleep(0.05)
    await pilot.pause()


async def at_probe(pilot: Pilot[None], app: WizardApp, probe: str) -> None:
    await until(pilot, lambda: app.state.settled)
    await pilot.press("7")
    await shown(pilot, "network")
    await until(pilot, lambda: app.focused is app.frame.pane.first_focus())
    app.frame.pane.point(probe)
    await pilot.pause()


def picture(app: WizardApp) -> str:
    return str(app.frame.query_one("#picture").render())


async def test_a_measured_picture_is_the_same_in_the_saved_case(
    mariadb: ServerUnderTest, tmp_path: Path
) -> None:
    app = WizardApp(live(mariadb))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_probe(pilot, app, "latency")
        await pilot.press("enter")
        await until(
            pilot, lambda: app.state.case is not None and bool(app.state.case.step("latency"))
        )
        await until(pilot, lambda: "Latency from here" in picture(app))
        measured, case = picture(app), app.state.case
    assert "median" in measured
    assert "▁" in measured
    assert case is not None
    again = WizardApp(Saved(load(save(case, tmp_path / "a.case.json")), "a.case.json"))
    async with again.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await at_probe(pilot, again, "latency")
        await until(pilot, lambda: picture(again) == measured)


async def test_a_cancelled_ladder_leaves_nothing_open_and_an_earlier_result_stays(
    start_server: StartServer,
) -> None:
    server = start_server("mariadb", wait_timeout=1)
    app = WizardApp(live(server))
    async with app.run_test(size=(80, 24)) as pilot:
        await at_probe(pilot, app, "idle")
        await pilot.press("enter")
        await until(pilot, lambda: "idle" in app.state.partial)
        await until(pilot, lambda: "alive" in picture(app) or "opening" in picture(app))
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not app.state.running)
        cancelled = app.state.case.step("idle") if app.state.case is not None else None
        assert cancelled is not None
        assert (cancelled.status, cancelled.evidence) == (StepStatus.SKIPPED, ())
        mine = "SELECT COUNT(*) AS n FROM information_schema.processlist WHERE user = 'admin'"
        await until(pilot, lambda: server.sql(mine) == [{"n": 1}])

        app.frame.pane.query_one("#idle_seconds").value = "2s"  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: "found 1" in text_of(app).split("Idle ladder")[1][:20])
        await pilot.press("enter")
        await until(pilot, lambda: app.state.running == "idle")
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not app.state.running)
        kept = app.state.case.step("idle") if app.state.case is not None else None
        assert kept is not None
        assert [fact.signal for fact in kept.evidence] == ["probe.idle-server"]
        await until(pilot, lambda: "connected" in text_of(app).splitlines()[0])
