"""Each place at each size, as it was looked at: a change of the screens has to be meant.

`UPDATE_SNAPSHOTS=1 pytest tests/screens/test_snapshots.py` writes them anew; the diff is to be read
like a picture.
"""

import asyncio
import difflib
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.app import App

from screens import capture_jobs, leftover_captures
from screens.app import WizardApp
from screens.fleet.app import FleetApp, FleetView
from screens.panes.recorder import RecorderPane
from screens.places import KEYS, PLACES
from screens.plain_signs import CONSOLE, plain
from screens.textual_compat import KeysRead
from screens.windows.capture import CaptureWindow
from tests.screens.driving import LIMIT, ready, strips_of, text_of
from tests.screens.fake import NOW, FakeInvestigation, live, result
from tests.screens.recorded_windows import LEFT, Capturing, look, watched
from tests.unit.fleet.test_fleet import FLEET
from wizard.case.evidence import StepResult, Table
from wizard.steps.step import Step

SIZES = [(60, 20), (80, 23), (80, 24), (100, 30), (120, 40), (200, 50)]
KEPT = Path(__file__).with_name("snapshots")
LISTS_WHAT_IS_KNOWN = "knowledge"
"""What it shows grows with the knowledge base."""


@pytest.fixture(autouse=True)
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screens.text.status._read", lambda _state, _place: NOW)
    monkeypatch.setattr("screens.text.status.ago", lambda _read, _now: "2 min ago")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.fixture(autouse=True)
def zone_of_the_machine() -> Iterator[None]:
    """Comes back after `TZ` has."""
    yield
    time.tzset()


SETTINGS = Table(
    "Global variables",
    ("VARIABLE", "VALUE", "DEFAULT", "FROM", "NOTE"),
    (
        ("interactive_timeout", "8 h", "8 h (28800 s)", "built in", ""),
        ("idle_readonly_transaction_timeout", "0 s", "0 s", "built in", ""),
        ("max_allowed_packet", "16 MiB (16777216)", "16 MiB (16777216)", "/etc/my.cnf", ""),
        ("wait_timeout", "2 s", "8 h (28800 s)", "/etc/mysql/conf.d/app.cnf", "changed"),
    ),
)


def act(_fake: FakeInvestigation, step: Step) -> StepResult:
    """What every step finds; the settings are those of a server."""
    found = result(step.id)
    return replace(found, tables=(SETTINGS,)) if step.id == "settings" else found


async def drawn(app: App[None], shows: Callable[[], bool]) -> list[str]:
    """The rows, once `shows` holds and nothing moves any more."""
    end, last, same = time.monotonic() + LIMIT, "", 0
    while same < 3:
        assert time.monotonic() < end, f"it never showed: {last}"
        await asyncio.sleep(0.03)
        text = text_of(app)
        same = same + 1 if text == last and shows() else 0
        last = text
    return [line.rstrip() for line in last.splitlines()]


def press(app: App[None], *names: str) -> None:
    keys = (events.Key(name, name if len(name) == 1 else None) for name in names)
    app.post_message(KeysRead(tuple(keys)))


async def places(app: WizardApp) -> AsyncIterator[tuple[str, list[str]]]:
    for key, place in zip(KEYS, PLACES, strict=True):
        if place.id == LISTS_WHAT_IS_KNOWN:
            continue
        press(app, "escape", key)
        lines = await drawn(app, partial(is_at, app, place.id))
        assert any(line.startswith(" NEXT  ") for line in lines), "what to do next"
        assert any("! 31" in line for line in lines), "the error log proves the case"
        yield place.id, lines


def is_at(app: WizardApp, place: str) -> bool:
    is_whole = bool(text_of(app).splitlines()[-1].strip())
    return app.frame.current == place and not app.state.running and is_whole


async def recorder(app: WizardApp) -> AsyncIterator[tuple[str, list[str]]]:
    """What a recorder saw, held still."""
    press(app, "escape", "W")
    await drawn(app, partial(is_at, app, "recorder"))
    pane = app.frame.query_one(RecorderPane)
    pane._recorder = watched()  # type: ignore[assignment]
    pane._hold(NOW)
    pane._draw()
    yield "recorder that watches", await drawn(app, lambda: "aborted" in text_of(app))


async def captures(app: WizardApp) -> AsyncIterator[tuple[str, list[str]]]:
    """The window of a capture before it, meanwhile, and after; then what an earlier one left."""
    app.push_screen(CaptureWindow("slow"))
    yield "capture, to be agreed to", await drawn(app, lambda: "Type capture" in text_of(app))
    press(app, *"capture", "enter")
    yield "capture, going on", await drawn(app, lambda: "12 of 30 s" in text_of(app))
    CAPTURING[-1].over.set()
    yield "capture, over", await drawn(app, lambda: "Esc closes" in text_of(app))
    press(app, "escape")
    await drawn(app, partial(is_at, app, "recorder"))
    app._offer((leftover_captures.told(LEFT),))
    lines = await drawn(app, lambda: "Type restore" in text_of(app))
    yield "a capture that was left", only_the_window(lines)
    press(app, "escape")
    lines = await drawn(app, lambda: len(app.screen_stack) == 1)
    assert any("Left as it is" in line for line in lines)


def only_the_window(lines: list[str]) -> list[str]:
    """Without what is behind it, which may not have been drawn again yet."""
    top = next(line for line in lines if "┌" in line)
    left, right = top.index("┌"), top.index("┐")
    inside = (line[left : right + 1] for line in lines)
    boxed = (part if part[:1] in tuple("┌│└") else "" for part in inside)
    return [" " * left + part if part else "" for part in boxed]


CAPTURING: list[Capturing] = []


@pytest.fixture(autouse=True)
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    CAPTURING.append(Capturing())
    monkeypatch.setattr(capture_jobs, "look", look)
    monkeypatch.setattr(capture_jobs, "capture", CAPTURING[-1])


Scenes = Callable[[WizardApp], AsyncIterator[tuple[str, list[str]]]]


async def every_scene(
    size: tuple[int, int], *kinds: Scenes
) -> AsyncIterator[tuple[App[None], str, list[str]]]:
    app = WizardApp(live(act=act), heartbeat=600)
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        for scenes in kinds:
            async for name, lines in scenes(app):
                yield app, name, lines
    fleet = FleetApp(FLEET, FleetView())
    async with fleet.run_test(size=size):
        yield fleet, "fleet", await drawn(fleet, lambda: "Quit" in text_of(fleet))


def kept_as(name: str, drawn: list[str]) -> None:
    """Fails where what is drawn is not what was looked at."""
    path = KEPT / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        KEPT.mkdir(exist_ok=True)
        path.write_text("\n".join(drawn) + "\n", encoding="utf-8")
    kept = path.read_text(encoding="utf-8").splitlines()
    assert drawn == kept, "\n".join(difflib.unified_diff(kept, drawn, lineterm="", n=2))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_each_place_looks_as_it_was_looked_at(size: tuple[int, int]) -> None:
    told = []
    async for _app, name, lines in every_scene(size, places, recorder, captures):
        assert len(lines) == size[1]
        assert all(cell_len(line) <= size[0] for line in lines)
        told += [f"== {name}", *lines]
    kept_as(f"{size[0]}x{size[1]}", told)


async def test_without_colour_the_same_is_told_and_nothing_is_coloured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    told = []
    async for app, name, lines in every_scene((80, 24), recorder, captures):
        told += [f"== {name}", *lines]
        styles = (segment.style for strip in strips_of(app) for segment in strip)
        assert not any(map(is_coloured, styles)), name
    assert told == (KEPT / "80x24.txt").read_text(encoding="utf-8").splitlines()[-len(told) :]


def is_coloured(style: Style | None) -> bool:
    return style is not None and any(
        colour is not None and not colour.is_default for colour in (style.color, style.bgcolor)
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [("posix", plain), ("console", lambda text: text.translate(CONSOLE))],
    ids=["posix", "console"],
)
def test_a_terminal_that_lacks_signs_gets_others_that_are_as_broad(
    name: str, shown: Callable[[str], str]
) -> None:
    """The terminal's driver replaces them in what it writes: tests/pty/test_plain_terminals.py."""
    drawn = (KEPT / "80x24.txt").read_text(encoding="utf-8").splitlines()
    told = [shown(line) for line in drawn]
    assert [cell_len(line) for line in told] == [cell_len(line) for line in drawn]
    kept_as(f"80x24-{name}", told)
