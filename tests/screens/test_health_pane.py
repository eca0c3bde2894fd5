"""The Health pane looks at the machine while somebody reads it, and only then."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from textual.widgets import Static

from screens import messages
from screens.app import WizardApp
from screens.opening import Saved
from screens.panes import health
from tests.screens.driving import ready, shown, text_of, until
from tests.screens.fake import CASE, FakeInvestigation, live, result
from tests.screens.test_ask import FakeLinks
from tests.unit.health.fake_host import TableHost
from wizard.case.evidence import StepResult, StepStatus
from wizard.hosts.protocol import HostError, Prefetch
from wizard.steps.step import Step

FILES = {
    "/proc/stat": "cpu 100 0 100 700 50 0 0 0 0 0\ncpu0 1 0 1 1 0 0 0 0 0 0\n",
    "/proc/meminfo": "MemTotal: 16384 kB\nMemFree: 2048 kB\nMemAvailable: 8192 kB\n",
    "/proc/loadavg": "1.50 1.00 0.50 2/300 4711\n",
    "/proc/pressure/memory": "some avg10=7.00 avg60=3.00 avg300=1.00 total=1\n",
}


class Watched(TableHost):
    """Counts the looks; `trouble` is raised at the next one."""

    def __init__(self) -> None:
        super().__init__(files=FILES)
        self.looks = 0
        self.trouble = ""

    def bring(self, along: Prefetch) -> None:
        assert len(along.files) < 20
        self.looks += 1
        if self.trouble:
            raise HostError(self.trouble)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "EVERY", 0.05)


def done(_fake: FakeInvestigation, step: Step) -> StepResult:
    return result(step.id)


def app_on(host: Watched | None, **more: Any) -> WizardApp:
    return WizardApp(live(host=host, act=more.pop("act", done), **more))


async def test_the_numbers_come_while_it_is_shown_and_stop_when_it_is_not() -> None:
    host = Watched()
    app = app_on(host)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        assert host.looks == 0
        app.frame.post_message(messages.GoTo("health"))
        await until(pilot, lambda: "Memory free" in text_of(app))
        told = text_of(app)
        assert "8 MiB of 16 MiB" in told
        assert "7 % of 10 s waited" in told
        assert "2 running" in told
        assert "Running" not in told
        app.frame.post_message(messages.GoTo("settings"))
        await shown(pilot, "settings")
        await _settles(host)
        app.frame.post_message(messages.GoTo("health"))
        before = host.looks
        await until(pilot, lambda: host.looks > before)


async def test_a_window_above_it_pauses_it() -> None:
    host = Watched()
    app = app_on(host)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        app.frame.post_message(messages.GoTo("health"))
        await until(pilot, lambda: host.looks > 2)
        await pilot.press("f1")
        await until(pilot, lambda: len(app.screen_stack) > 1)
        await _settles(host)
        await pilot.press("escape")
        before = host.looks
        await until(pilot, lambda: host.looks > before)


async def _settles(host: Watched) -> None:
    """Wait until a second passes without a look: twenty would have come."""
    for _ in range(10):
        before = host.looks
        await asyncio.sleep(1.0)
        if host.looks == before:
            return
    raise AssertionError("it goes on looking")


async def test_a_lost_machine_stops_it_with_the_reason_until_it_runs_again() -> None:
    host = Watched()
    app = app_on(host)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        app.frame.post_message(messages.GoTo("health"))
        await until(pilot, lambda: "Memory free" in text_of(app))
        host.trouble = "the SSH connection to db1 is lost"
        await until(pilot, lambda: "Stopped, F5 looks again" in text_of(app))
        title = app.screen.query_one("#live-title", Static).content
        assert "the SSH connection to db1 is lost" in str(title)
        before = host.looks
        await asyncio.sleep(0.3)
        assert host.looks == before
        host.trouble = ""
        await pilot.press("f5")
        await until(pilot, lambda: host.looks > before + 1)
        await until(pilot, lambda: "Stopped" not in text_of(app))


async def test_a_saved_case_and_an_unseen_machine_have_no_live_numbers() -> None:
    case = CASE.with_step(result("health"))
    saved = WizardApp(Saved(case, "case.goneaway"))
    async with saved.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        saved.frame.post_message(messages.GoTo("health"))
        await until(pilot, lambda: "Sessions" in text_of(saved))
        assert not saved.screen.query("#live")

    def skipped(_fake: FakeInvestigation, step: Step) -> StepResult:
        if step.id != "health":
            return result(step.id)
        return StepResult("health", StepStatus.SKIPPED, reason="on another machine")

    unseen = app_on(None, act=skipped)
    async with unseen.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        unseen.frame.post_message(messages.GoTo("health"))
        await until(pilot, lambda: "another machine" in text_of(unseen))
        assert not unseen.screen.query("#live")


async def test_a_server_that_went_away_is_noticed_by_a_look() -> None:
    made: list[FakeInvestigation] = []
    host = Watched()
    app = app_on(host, made=made)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        app.frame.post_message(messages.GoTo("health"))
        await until(pilot, lambda: "2 running" in text_of(app))
        made[0].session.dead = True
        await until(pilot, lambda: app.state.up is False)
        await until(pilot, lambda: "running" not in text_of(app).partition("Memory free")[2])
        assert "Memory free" in text_of(app)


async def test_a_lost_ssh_connection_is_not_made_again_for_it() -> None:
    """That may ask for a password, and nobody asked for anything."""
    links, host = FakeLinks(), Watched()
    app = WizardApp(replace(live(links.made, host=host, act=done), links=links))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        app.frame.post_message(messages.GoTo("health"))
        await until(pilot, lambda: "Memory free" in text_of(app))
        links.lose()
        await until(pilot, lambda: "Stopped, F5 looks again" in text_of(app))
        before = host.looks
        assert links.lost
        await pilot.press("f5")
        await until(pilot, lambda: not links.lost)
        await until(pilot, lambda: host.looks > before and "Stopped" not in text_of(app))
