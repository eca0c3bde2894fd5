"""What a reader meets first: a sentence that says what a thing is, and a package's pipeline."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("knowledge", "wizard", "screens")
LONGEST = 90
PACKAGES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("__init__.py"))
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def docstrings(path: Path) -> Iterator[tuple[str, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in [tree, *ast.walk(tree)]:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield getattr(node, "name", "module"), text


def first_sentence(text: str) -> str:
    paragraph = " ".join(text.split("\n\n")[0].split())
    return re.split(r"(?<=[.;:!?])\s(?=[A-Z`])", paragraph)[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_first_sentence_is_short(path: Path) -> None:
    long = [
        (name, first_sentence(text))
        for name, text in docstrings(path)
        if len(first_sentence(text)) > LONGEST
    ]
    assert not long


@pytest.mark.parametrize("path", PACKAGES, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_a_package_tells_what_it_is_for_and_names_modules_that_exist(path: Path) -> None:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    assert len(text.split()) > 3
    named = set(re.findall(r"(?<![\w/])([a-z_]+\.py)", text))
    assert not {name for name in named if not (path.parent / name).exists()}
