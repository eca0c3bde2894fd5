"""What is sent to a host says the same in Python 3.6 as here, or is not sent at all."""

import ast
import re
import zlib
from datetime import datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

import pytest

from knowledge.load import signatures
from wizard.logs.application import read as app_read
from wizard.logs.error import in_place
from wizard.logs.general import read as general_read
from wizard.logs.slow import read as slow_read
from wizard.logs.source import older
from wizard.logs.source.converted import NotConvertible, converted
from wizard.logs.source.newer import newer_repeats
from wizard.logs.source.program import program

CASES = {
    "a name given in a condition, a loop and a comprehension": """
def f(numbers):
    found = []
    while numbers and (last := numbers.pop()) > 1:
        found.append(last)
    if (size := len(found)) and size > 1:
        last = size
    return last, [half for n in found if (half := n // 2)], half
value = f([1, 5, 6, 7])
""",
    "a name given beside arguments, functions and lambdas that have it too": """
def f(text):
    if (n := len(text)) > 2:
        g = lambda n: n + 1
        def h():
            return n * 10
        return g(1), h(), n
value = f("abc")
""",
    "texts with fields, braces, quotes and widths": """
width, at = 7, {"a": 1.5}
value = f"{{x}} {at['a']:>{width}.2f} {at!r} {width:03d}%\\""
""",
    "kinds that are alternatives": """
def f(x: int | str, /) -> int | None:
    return 1 if isinstance(x, int | str) else None
value = f(3), f("a"), f(None)
""",
    "records with defaults, order and equality": """
from dataclasses import dataclass, field, replace
@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 2
    names: list[str] = field(default_factory=list)
    aside: str = field(default="", compare=False)
one, other = Point(1), Point(1, aside="b")
value = one == other, replace(one, y=5).y, Point(1, 3) == one, one.names, hash(Point(1, 2, ())) > 0
""",
    "newer methods": """
from datetime import UTC, datetime, time
value = (
    "abc".removeprefix("a"), "abc".removesuffix("bc"), "abc".removesuffix(""), "aé".isascii(),
    b"a".isascii(), time.fromisoformat("12:34:56"),
    [datetime.fromisoformat(t) for t in (
        "2026-01-02", "2026-01-02T03:04:05", "2026-01-02 03:04:05.1234567+02:00",
        "2026-01-02T03:04:05,5Z", "2026-01-02T03:04:05-0330",
    )], datetime(2026, 1, 1, tzinfo=UTC),
)
""",
    "pairs of neighbours": """
from itertools import pairwise
value = list(pairwise("abc")), list(pairwise([1])), list(pairwise(iter([])))
""",
    "collections that are made with a type, and a product": """
from collections import Counter
from math import prod
made = {"a": [len]}
value = frozenset[str]().union("ab"), Counter[str]("aab"), prod([2, 3]), made["a"][0]("xyz")
""",
    "a field that is no argument": """
from dataclasses import dataclass, field
@dataclass
class Line:
    length: int
    double: int = field(init=False)
    def __post_init__(self):
        self.double = 2 * self.length
value = Line(3).double, Line(2) == Line(2)
""",
    "sums from a start, search by a key, pairs that must be equal": """
from itertools import accumulate
from bisect import bisect_left
value = (
    list(accumulate([1, 2], initial=5)), bisect_left([(1, 2), (3, 4)], 3, key=lambda p: p[0]),
    list(zip([1], [2], strict=True)),
)
""",
}


def _run(source: str) -> Any:
    room: dict[str, Any] = {"__name__": "made"}
    exec(compile(source, "made", "exec"), room)
    return room["value"]


@pytest.mark.parametrize("source", CASES.values(), ids=CASES)
def test_a_converted_module_does_the_same(source: str) -> None:
    turned = converted(source)
    ast.parse(turned, feature_version=(3, 6))
    assert _run(turned) == _run(source)


@pytest.mark.parametrize(
    "source",
    [
        "match 1:\n    case 1: pass",
        "try:\n    pass\nexcept* ValueError:\n    pass",
        "async def f(): pass",
        "def f(n):\n    if (n := 2): return n",
        "from functools import cached_property\nf = cached_property",
        "import math\ndef f(x): return math.prod(x)",
        "import os as system\nf = system.pidfd_open",
        "from tomllib import loads\nf = loads",
        "import re\nf = re.compile(r'[+*]+(?:a|b)*+c')",
        "import re\nf = re.compile(rb'[]*+]+a{2,3}+')",
        "import re\nf = re.compile('(?>a)')",
        "from typing import NamedTuple\nclass A(NamedTuple):\n    x: int",
    ],
)
def test_what_has_no_older_form_is_refused(source: str) -> None:
    with pytest.raises(NotConvertible, match="line"):
        converted(source)


@pytest.mark.parametrize(
    "text", [r"[*+?]+", r"\*+a", r"[^]*+]", r"a{2}b+", r"(?:a+)+", r"\1(?+)", r"[\]*+]"]
)
def test_a_pattern_that_older_pythons_know_is_let_through(text: str) -> None:

    assert list(newer_repeats(text)) == []


@pytest.mark.parametrize(
    "text", ["2026-13-02", "2026-01-02T25:00:00", "2026-01-02T03:04:05+99:00", "x"]
)
def test_a_time_that_is_none_is_refused_there_too(text: str) -> None:
    for read in (datetime.fromisoformat, partial(older.fromisoformat, datetime)):
        with pytest.raises(ValueError, match=r"."):
            read(text)


READERS = pytest.mark.parametrize(
    "reader", [in_place, general_read, slow_read, app_read], ids=lambda r: r.__name__
)


@READERS
def test_a_reader_is_sent_whole_and_small(reader: ModuleType) -> None:
    packed = program(reader.__name__)
    source = zlib.decompress(packed).decode()
    sent = [
        ast.literal_eval(call.args[1])
        for node in ast.parse(source).body
        if isinstance(node, ast.Expr) and isinstance(call := node.value, ast.Call)
        and isinstance(call.func, ast.Name) and call.func.id == "_module"
    ]  # fmt: skip
    for module in sent:
        ast.parse(module, feature_version=(3, 6))
    assert len(sent) > 30
    assert len(packed) < 120_000


@READERS
def test_of_a_case_only_the_plain_data_is_sent(reader: ModuleType) -> None:
    source = zlib.decompress(program(reader.__name__)).decode()
    judges = {"wizard.case.how_far", "wizard.case.facts", "wizard.case.moments"}
    sent = set(re.findall(r"^_module\('([\w.]+)'", source, re.M))
    assert "wizard.case.case" in sent
    assert not judges & sent


@READERS
def test_a_module_is_sent_as_it_was_converted(reader: ModuleType) -> None:
    source = zlib.decompress(program(reader.__name__)).decode()
    calls = [n.value for n in ast.parse(source).body if isinstance(n, ast.Expr)]
    sent = {
        ast.literal_eval(c.args[0]): ast.literal_eval(c.args[1])
        for c in calls
        if isinstance(c, ast.Call) and isinstance(c.func, ast.Name) and c.func.id == "_module"
    }
    own = converted(Path(str(reader.__file__)).read_text(encoding="utf-8"))
    assert ast.dump(ast.parse(sent[reader.__name__])) == ast.dump(ast.parse(own))
    assert "\n  return" in sent["wizard.logs.engine.stamps"]


@READERS
def test_what_is_sent_has_no_pattern_that_older_pythons_refuse(reader: ModuleType) -> None:
    """Possessive repetitions and atomic groups came with Python 3.11."""
    source = zlib.decompress(program(reader.__name__)).decode()
    names = set(re.findall(r"^_module\('([\w.]+)'", source, re.M)) - {"knowledge.load"}
    found = [
        value
        for name in names
        for value in vars(import_module(name)).values()
        if isinstance(value, re.Pattern)
    ]
    patterns = [(p.pattern, p.flags) for p in found]
    for kind in ("error-log", "client"):
        patterns += [(s.pattern, re.UNICODE) for s in signatures(kind)]
    assert len(found) > 10
    for pattern, flags in patterns:
        assert not _is_newer(parser.parse(pattern, flags & ~re.DEBUG)), pattern
    assert _is_newer(parser.parse("a(?:b*+)c"))


def _is_newer(parsed: Any) -> bool:
    if isinstance(parsed, tuple | list | parser.SubPattern):
        return any(map(_is_newer, parsed))
    return parsed is parser.POSSESSIVE_REPEAT or parsed is parser.ATOMIC_GROUP
