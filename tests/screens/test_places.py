"""The step list and the steps are one list; starting imports no driver and no step."""

import subprocess
import sys

from screens.places import PLACES
from wizard.steps.order import STEPS

LATE = (
    "pymysql",
    "paramiko",
    "psutil",
    "wizard.steps.order",
    "wizard.investigation.run",
    "knowledge",
)


def test_every_step_has_its_place_in_order() -> None:
    assert [(p.id, p.title) for p in PLACES if p.step] == [(s.id, s.title) for s in STEPS]


def test_the_first_paint_imports_nothing_heavy() -> None:
    code = f"import sys, screens.app; print([m for m in {LATE!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
