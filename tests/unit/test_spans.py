"""A span on the way, of a proxy, a probe or SSH, is told in minutes from two minutes on."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

WIZARD = Path(__file__).parents[2] / "wizard"
PLACES = (
    "probes/path", "probes/idle", "hosts", "health/network_counters.py", "server/refusals.py",
    "logs/application/haproxy.py", "recipes/values.py", "remedies/trials.py",
)  # fmt: skip

SECONDS = re.compile(r"^ s(?![\w])")

SERVERS_OWN = ("change.old",)
"""Values of the server's variables, which are told as it gives them."""


def bare(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.JoinedStr):
            continue
        for value, after in zip(node.values, node.values[1:], strict=False):
            if not isinstance(value, ast.FormattedValue) or not isinstance(after, ast.Constant):
                continue
            told = ast.unparse(value.value)
            if SECONDS.match(str(after.value)) and told not in SERVERS_OWN and not told.isupper():
                yield f"{path.name}: {told}"


@pytest.mark.parametrize("place", PLACES)
def test_no_span_is_told_in_bare_seconds(place: str) -> None:
    where = WIZARD / place
    files = sorted(where.rglob("*.py")) if where.is_dir() else [where]
    assert [found for path in files for found in bare(path)] == []
