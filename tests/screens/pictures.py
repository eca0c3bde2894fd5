"""`make pictures`: the README's pictures, drawn by the wizard itself on a recorded demo run."""

import asyncio
from pathlib import Path

from screens.app import WizardApp
from screens.opening import Saved
from tests.screens.driving import ready, shown
from wizard.case.case_file import load

ROOT = Path(__file__).parents[2]
CASE = ROOT / "wizard/demo/recorded_cases/idle.json"
SMALL, WIDE = (80, 24), (120, 40)
PICTURES = {
    "diagnosis": ("8", SMALL),
    "error-log": ("4", SMALL),
    "settings": ("6", WIDE),
}
"""The place that each shows, its key, and the terminal's size."""


async def drawn(place: str, key: str, size: tuple[int, int]) -> str:
    app = WizardApp(Saved(load(CASE), "the demo's recorded case"))
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        await pilot.press(key)
        await shown(pilot, place)
        await pilot.pause(0.3)
        return app.export_screenshot(title="goneaway-wizard")


def main() -> None:
    directory = ROOT / "screens" / "pictures"
    directory.mkdir(parents=True, exist_ok=True)
    for place, (key, size) in PICTURES.items():
        path = directory / f"{place}.svg"
        path.write_text(asyncio.run(drawn(place, key, size)), encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
