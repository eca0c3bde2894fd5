"""One thing is told as one: `1 failure`, and no text that an operator reads says `1 failures`."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wizard.case.evidence import Evidence
from wizard.steps.error_log import _headline
from wizard.units import many

ROOT = Path(__file__).parents[2]
NEVER_ALONE = (" failures", " more kinds", " more rows", " more shapes", " entries", " values, ")
"""What is told of any number, one among them, where nothing else decides on the word."""


def test_many() -> None:
    assert many(1, "failure") == "1 failure"
    assert many(0, "failure") == "0 failures"
    assert many(2, "entry", "entries") == "2 entries"


def test_several_ends_of_a_server_are_no_single_one() -> None:
    at = datetime(2026, 3, 1, 12, 10, tzinfo=UTC)
    told = [Evidence("log.shutdown", "t", "s", count, last=at) for count in (1, 2)]
    assert _headline((told[0],)) == "1 orderly shutdown at 12:10 UTC"
    assert _headline((told[1],)) == "2 x orderly shutdown, last at 12:10 UTC"


def bare_plurals(path: Path) -> list[str]:
    """F-strings in which a value stands before one of these words, and no `one if ... else` is
    around them."""
    tree = ast.parse(path.read_text())
    chosen = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.IfExp)
        for inner in ast.walk(node)
    }
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.JoinedStr) or id(node) in chosen:
            continue
        for i, (value, word) in enumerate(zip(node.values, node.values[1:], strict=False)):
            text = str(word.value) if isinstance(word, ast.Constant) else ""
            before = node.values[i - 1] if i else None
            of = isinstance(before, ast.Constant) and str(before.value).endswith(" of ")
            if isinstance(value, ast.FormattedValue) and not of and text.startswith(NEVER_ALONE):
                found.append(f"{path.name}:{node.lineno}: {text}")
    return found


@pytest.mark.parametrize("room", ["wizard", "screens"])
def test_no_text_tells_one_as_many(room: str) -> None:
    found = [told for path in (ROOT / room).rglob("*.py") for told in bare_plurals(path)]
    assert not found
