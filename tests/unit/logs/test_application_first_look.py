"""What is passed over at a glance tells nothing: a reading without the glance says the same."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.load import signatures
from wizard.logs.application.first_look import FirstLook
from wizard.logs.application.read import AppLogScan, scan_text
from wizard.logs.application.successes import may_have_gone_well, went_well
from wizard.logs.application.triggers import tells
from wizard.logs.engine import fast
from wizard.logs.engine.dull_shapes import DullShapes
from wizard.logs.engine.required import required_texts

BEGIN = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)
WHOLE = "MySQL server has gone away"

heads = st.sampled_from(
    (
        "{at:%Y-%m-%d %H:%M:%S},003 INFO shop.web ",
        "{at:%Y-%m-%dT%H:%M:%S}Z ERROR [main] ",
        "{at:%b %d %H:%M:%S} host app[12]: ",
        "web-1  | {at:%H:%M:%S} ",
        "I{at:%m%d %H:%M:%S}.000000 7 a.go:1] ",
        "",
        "    ",
    )
)
texts = st.one_of(
    st.sampled_from([t for s in signatures("client") for t in s.matches[:2] if "\n" not in t]),
    st.sampled_from(
        (
            "GET /a/7 200 in 12 ms",
            "took 0x1f at 10:00",
            "Traceback (most recent call last):",
            '  File "/srv/a.py", line 3, in go',
            "Caused by: java.io.EOFException",
            "at a.B.c(D.java:12)",
            "connect to 10.0.0.7:3306 is slow",
            "the database is odd",
            "order 7 saved, status=200",
            "-> redis:6379",
            "{",
            '"msg": "x", "time": "2026-10-20T08:00:00Z"',
            "}",
            "(2006, 'gone')",
            "",
            ">>> é 7 \ud800",
        )
    ),
    st.text("0123456789 abcx:{}[]()<>|#.'\"", max_size=30),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(heads, texts, st.integers(0, 3)), max_size=12))
def test_a_reading_without_the_glance_says_the_same(lines: list[tuple[str, str, int]]) -> None:
    at, told = BEGIN, []
    for head, text, seconds in lines:
        at += timedelta(seconds=seconds)
        told.append(head.format(at=at) + text)
    assert scan_text("\n".join(told)) == _without_a_glance("\n".join(told))


def _without_a_glance(text: str) -> AppLogScan:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FirstLook, "is_dull", lambda _self, _line: False)
        return scan_text(text)


def test_no_line_that_tells_anything_is_dull() -> None:
    look = FirstLook()
    for signature in signatures("client"):
        for text in signature.matches:
            for line in (text, f"2026-11-23 10:00:00 ERROR {text}"):
                assert not (tells(line.encode()) and look.is_dull(line)), line
    assert look.is_dull("2026-11-23 10:00:00,120 INFO shop GET /a/7 200 in 12 ms")


@given(st.lists(st.text("ab7 0\x00é", max_size=8).filter(lambda t: "\n" not in t), max_size=30))
def test_a_block_is_judged_as_its_lines_are(lines: list[str]) -> None:
    def speaks(shape: bytes) -> bool:
        return b"a0" in shape or shape.endswith(b"b")

    raw = [line.encode() for line in lines]
    block = DullShapes(speaks).telling(b"\n".join(raw))
    one = DullShapes(speaks)
    assert list(block) == [n for n, line in enumerate(raw) if not one.is_dull(line)]
    for number, line in enumerate(raw):
        assert number in block or not speaks(line)


@pytest.fixture(params=["pure", "fast"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "fast":
        pytest.importorskip("hyperscan")
    else:
        monkeypatch.setattr(fast, "_hyperscan", lambda: None)
    return str(request.param)


@pytest.mark.usefixtures("way")
def test_all_work_that_went_well_is_met_in_bulk() -> None:
    words = ("done", "ok", "Success", "SUCCESSFULLY", "re-connected", "served", "o\u212a")
    ends = ("", ".", " 12 ms", '","a":1}', "\\n", "é")
    lines = [f"{head}{word}{end}" for word in words for head in ("", "7", "x ") for end in ends]
    lines += [f"x {status}{at}" for status in ("status=20", 'HTTP/1.1" 20') for at in range(10)]
    lines += ["connection opened", "added connection", "nothing", "token", ""]
    block = "\n".join(lines).encode()
    found = may_have_gone_well()(block)
    assert [n for n, line in enumerate(lines) if went_well(line) and n not in found] == []
    assert lines.index("nothing") not in found
    assert lines.index("token") not in found


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    "told", ["x\\tdone", "\\u0064one", 'HTTP\\/1.1\\" 200', "o\\u212a", 'status\\": \\"204\\"']
)
def test_work_that_went_well_is_met_as_json_writes_it(told: str) -> None:
    assert list(may_have_gone_well()(b'{"msg": "a"}\n{"msg": "' + told.encode() + b'"}')) == [1]


def test_what_a_pattern_requires_goes_over_its_branches() -> None:
    found = required_texts(r"(?:Inter(?:nal|face)|Operational)[Ee]rror\b.*[xy]z+", len_of)
    assert frozenset({"internalerror", "interfaceerror", "operationalerror"}) in found
    assert required_texts(r"a?b|c", len_of) == [frozenset({"b", "c"})]
    assert required_texts(r"(?:|a)b", len_of) == [frozenset({"b", "ab"})]


def len_of(texts: object) -> tuple[float, int]:
    return 0.0, len(list(texts)) if isinstance(texts, frozenset) else 0
