"""What the screen tests share: waiting for a condition, and reading the screen."""

import asyncio
import time
from collections.abc import Callable

from textual.app import App
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

from screens.app import WizardApp

LIMIT = 180.0


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Let the app work until `condition` holds; fails after LIMIT seconds.

    Pilot's pause takes up to a second while a thread computes, so it comes only at the end.
    """
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, "the condition never came true"
        await asyncio.sleep(0.02)
    await pilot.pause()


def strips_of(app: App[None]) -> list[Strip]:
    """The rows of the visible screen, as they are written."""
    return app.screen._compositor.render_strips()[: app.size.height]


def text_of(app: App[None]) -> str:
    """The visible screen as plain text, a line a row."""
    return "\n".join(strip.text[: app.size.width] for strip in strips_of(app))


async def ready(pilot: Pilot[None]) -> WizardApp:
    """The app once all steps have ended."""
    app = pilot.app
    assert isinstance(app, WizardApp)
    await until(pilot, lambda: app.state.settled and app.state.diagnosis is not None)
    return app


def inside(widget: Widget) -> bool:
    """Whether all of the widget is in the window."""
    return widget.region.area > 0 and widget.screen.region.contains_region(widget.region)


async def shown(pilot: Pilot[None], place: str) -> None:
    """Wait until the frame shows `place`."""
    app = pilot.app
    assert isinstance(app, WizardApp)
    frame = app.frame
    await until(pilot, lambda: frame.current == place)
