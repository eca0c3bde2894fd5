"""Each place at each size, as it was looked at: a change of the screens has to be meant.

`UPDATE_SNAPSHOTS=1 pytest tests/screens/test_snapshots.py` writes them anew; the diff is to be read
like a picture.
"""

import difflib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from screens.app import WizardApp
from screens.places import KEYS, PLACES
from tests.screens.driving import ready, shown, text_of, until
from tests.screens.fake import FakeInvestigation, live, result
from wizard.case.evidence import StepResult, Table
from wizard.steps.step import Step

SIZES = [(60, 20), (80, 23), (80, 24), (100, 30), (120, 40), (200, 50)]
KEPT = Path(__file__).with_name("snapshots")
LISTS_WHAT_IS_KNOWN = "knowledge"
"""What it shows grows with the knowledge base."""


@pytest.fixture(autouse=True)
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "screens.text.words._age", lambda _state, _place, _now: "read 15:00:00 (2 min ago)"
    )


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


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_each_place_looks_as_it_was_looked_at(size: tuple[int, int]) -> None:
    drawn = []
    app = WizardApp(live(act=act), heartbeat=600)
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        for key, place in zip(KEYS, PLACES, strict=True):
            if place.id == LISTS_WHAT_IS_KNOWN:
                continue
            await pilot.press("escape", key)
            await shown(pilot, place.id)
            await until(pilot, lambda: not app.state.running)
            await pilot.pause()
            lines = [line.rstrip() for line in text_of(app).splitlines()]
            assert len(lines) == size[1]
            assert all(len(line) <= size[0] for line in lines)
            assert any(line.startswith(" NEXT  ") for line in lines), "what to do next"
            assert any("! 31" in line for line in lines), "the error log proves the case"
            drawn += [f"== {place.id}", *lines]
    path = KEPT / f"{size[0]}x{size[1]}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        KEPT.mkdir(exist_ok=True)
        path.write_text("\n".join(drawn) + "\n", encoding="utf-8")
    kept = path.read_text(encoding="utf-8").splitlines()
    assert drawn == kept, "\n".join(difflib.unified_diff(kept, drawn, lineterm="", n=2))
