"""Cases of real servers, written with schema version 1: they stay readable, and tell the same."""

from pathlib import Path

import pytest

from wizard.case.case_file import load
from wizard.diagnosis.diagnose import diagnose
from wizard.report import FORMATS, render

CASES = Path(__file__).parents[2] / "data" / "cases"
CAUSES = {"idle-schema-1": "idle-timeout", "crash-schema-1": "server-crash"}


@pytest.mark.parametrize("name", CAUSES)
def test_a_recorded_case_names_its_cause_in_every_format(name: str) -> None:
    case = load(CASES / f"{name}.case.json")
    diagnosis = diagnose(case)
    for format_ in FORMATS:
        assert CAUSES[name] in render(case, diagnosis, format_)
    assert render(case, diagnosis, "text").startswith(f"CONFIRMED  {CAUSES[name]} - ")
