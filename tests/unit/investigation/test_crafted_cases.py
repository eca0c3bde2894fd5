"""A case file that somebody has tampered with: read or refused, and never the end of the report."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wizard.case.case_file import CaseFileError, load
from wizard.diagnosis.diagnose import diagnose
from wizard.report import render

RECORDED = Path(__file__).parents[3] / "wizard" / "demo" / "recorded_cases" / "crash.json"

ODD: tuple[Any, ...] = (
    None, True, -1, 0, 2**62, 1e300, -1e300, 1e-300, "", "x", "nan", "9" * 5000, "١٢", "-5,x,7",
    "2026-08-05T15:00:00", "1970-01-01T00:00:00+23:59", "2199-12-31T23:59:59-23:59", "%s{}[b]",
)  # fmt: skip
NUMBERS = ("value", "count", "seconds", "size", "idle_seconds", "connection_id", "number", "errno")


def _dicts(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        yield data
    for item in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _dicts(item)


def _facts(case: dict[str, Any], odd: object) -> None:
    for step in case["steps"]:
        step["facts"] = dict.fromkeys(step.get("facts", {}), odd)


def _numbers(case: dict[str, Any], odd: object) -> None:
    for one in _dicts(case):
        one.update((name, odd) for name in NUMBERS if one.get(name) is not None)


@pytest.mark.parametrize("tamper", [_facts, _numbers])
def test_a_crafted_case_is_reported_or_refused(
    tamper: Callable[[dict[str, Any], object], None], tmp_path: Path
) -> None:
    whole = RECORDED.read_bytes()
    read = 0
    for odd in ODD:
        data = json.loads(whole)
        tamper(data["case"], odd)
        crafted = tmp_path / "crafted.case.json"
        crafted.write_text(json.dumps(data))
        try:
            case = load(crafted)
        except CaseFileError:
            continue
        read += 1
        diagnosis = diagnose(case)
        for style in ("text", "json", "html"):
            assert render(case, diagnosis, style)
    assert read >= 3
