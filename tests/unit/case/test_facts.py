"""Every fact that is read is written by its step: a typo would be "unknown" and nothing else."""

import ast
from pathlib import Path

import pytest

from wizard.case import facts
from wizard.case.facts import Fact

ROOT = Path(__file__).parents[3]
WRITERS = {
    "connection": "wizard/steps/connection*.py",
    "counters": "wizard/steps/counters*.py",
    "error-log": "wizard/steps/error_log*.py",
    "health": "wizard/steps/health*.py",
    "idle": "wizard/probes/idle/*.py",
    "packet": "wizard/probes/packet/*.py",
    "path": "wizard/probes/path/*.py",
    "settings": "wizard/steps/settings*.py",
    "symptom": "wizard/steps/symptom*.py",
}
COPIED = {
    "counters": "wizard/server/status.py",
    "settings": "knowledge/variables/*.toml",
    "connection": "wizard/server/*.py",
}
"""Where the names stand that a step takes over as they are."""

FACTS = [fact for fact in vars(facts).values() if isinstance(fact, Fact)]


def written_by(step: str) -> str:
    patterns = [WRITERS[step], *([COPIED[step]] if step in COPIED else [])]
    return "\n".join(path.read_text() for pattern in patterns for path in ROOT.glob(pattern))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{fact.step}.{fact.name}")
def test_a_fact_is_written_by_its_step(fact: Fact) -> None:
    text = written_by(fact.step).lower()
    stem = fact.name.removesuffix("_changed_at").removesuffix("_changed")
    assert f'"{stem}"' in text or f'"{stem.upper()}"'.lower() in text


@pytest.mark.parametrize("room", ["wizard", "screens"])
def test_no_fact_is_read_by_a_literal(room: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                read = node.func.attr == "fact" and node.args
                assert not (read and isinstance(node.args[0], ast.Constant)), path
