"""Every signal that code or data names is in the knowledge, and every signal has a producer."""

import ast
import re
from pathlib import Path

import pytest

from knowledge.load import load, signatures

ROOT = Path(__file__).parents[3]
SIGNAL = re.compile(
    r"(?:client|log|state|host|kernel|count|setting|probe|derived|general|slow|version|recorder)"
    r"\.[a-z0-9]+(?:-[a-z0-9]+)*"
)


NOT_SIGNALS = frozenset({"log.level"})
"""Keys of JSON logs (Elastic Common Schema) that look like one."""


def looks_like_a_signal(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and SIGNAL.fullmatch(node.value) is not None
        and node.value not in NOT_SIGNALS
    )


def literals() -> dict[str, str]:
    """Each string literal that looks like a signal, with a file that holds it."""
    return {
        str(node.value): str(path.relative_to(ROOT))
        for room in ("wizard", "screens")
        for path in sorted((ROOT / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and looks_like_a_signal(node)
    }


KINDS = ("error-log", "client", "kernel")
LITERALS = literals()


@pytest.mark.parametrize("name", sorted(LITERALS))
def test_a_signal_in_the_code_is_in_the_knowledge(name: str) -> None:
    assert name in load().signals, LITERALS[name]


@pytest.mark.parametrize("name", sorted(load().signals))
def test_a_signal_has_a_producer(name: str) -> None:
    assert name in LITERALS or name in {s.signal for kind in KINDS for s in signatures(kind)}
