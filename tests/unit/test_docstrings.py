"""What a reader meets first in a package: what it is for, and its pipeline."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("knowledge", "wizard", "screens")
PACKAGES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("__init__.py"))


@pytest.mark.parametrize("path", PACKAGES, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_a_package_tells_what_it_is_for_and_names_modules_that_exist(path: Path) -> None:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    assert len(text.split()) > 3
    named = set(re.findall(r"(?<![\w/])([a-z_]+\.py)", text))
    assert not {name for name in named if not (path.parent / name).exists()}
