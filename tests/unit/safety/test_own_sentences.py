"""What the wizard says itself is no secret, and is said as it stands: only values are masked."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wizard.safety.redact import mask_secrets

ROOT = Path(__file__).parents[3]
FILES = [
    path
    for room in ("wizard", "screens")
    for path in sorted((ROOT / room).rglob("*.py"))
    if path.parent.name != "safety"
]
NO_SENTENCE = ("IDENTIFIED BY", "(?", "\\b")
"""A statement that sets a password, a pattern."""


def sentences(tree: ast.AST) -> Iterator[str]:
    """Texts of several words; a place for a value holds a word."""
    parts = {
        id(v) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for v in node.values
    }
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = ""
        if isinstance(node, ast.JoinedStr):
            values = (v.value if isinstance(v, ast.Constant) else "some" for v in node.values)
            text = "".join(str(value) for value in values)
        elif isinstance(node, ast.Constant) and not {id(node)} & (parts | said):
            text = node.value if isinstance(node.value, str) else ""
        if " " in text and not any(word in text for word in NO_SENTENCE):
            yield text


def known(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    parts = value.values() if isinstance(value, dict) else value
    for part in parts if isinstance(value, dict | list) else ():
        yield from known(part)


def test_the_sentences_of_the_program_are_no_secrets() -> None:
    found = [text for file in FILES for text in sentences(ast.parse(file.read_text()))]
    assert len(found) > 4000
    # A question, or a sentence that a value ends.
    asked = {text for text in found if text.rstrip().endswith((":", ": some"))}
    assert [t for t in found if t not in asked and mask_secrets(t).text != t] == []


def test_what_is_known_of_errors_and_causes_is_no_secret() -> None:
    place = ROOT / "knowledge"
    files = [place / "errors.toml", *sorted((place / "causes").glob("*.toml"))]
    found = [text for file in files for text in known(tomllib.loads(file.read_text()))]
    assert len(found) > 500
    assert [text for text in found if mask_secrets(text).text != text] == []
