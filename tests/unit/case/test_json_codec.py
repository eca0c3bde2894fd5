"""The codec: what it writes it reads back, and what does not fit it names."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.report.samples import HOSTILE, full_case
from wizard.case.case import Case
from wizard.case.evidence import Evidence, Failure, StepResult, StepStatus
from wizard.case.json_codec import CodecError, decode, encode, map_text


def data() -> dict[str, Any]:
    encoded = encode(full_case())
    assert isinstance(encoded, dict)
    return encoded


def test_a_rich_case_comes_back_equal() -> None:
    assert decode(Case, encode(full_case())) == full_case()


@pytest.mark.parametrize("value", ["text", "600", 600, 0.5, True, False, None, -1, 1.0])
def test_a_fact_keeps_its_kind(value: Any) -> None:
    step = StepResult("x", StepStatus.DONE, facts={"f": value})
    back = decode(StepResult, encode(step)).facts["f"]
    assert back == value
    assert type(back) is type(value)


def test_a_number_that_is_not_finite_becomes_null() -> None:
    evidence = Evidence("s", "t", "x", value=float("inf"))
    assert decode(Evidence, encode(evidence)).value is None


def test_unknown_keys_are_ignored_and_absent_ones_take_the_default() -> None:
    made = decode(Failure, {"signal": "a", "text": "b", "source": "c", "later": {"x": 1}})
    assert made == Failure("a", "b", "c")


BROKEN: list[tuple[tuple[str | int, ...], Any]] = [
    (("created",), None),
    (("created",), "yesterday"),
    (("created",), "2026-08-05T13:00:00"),
    (("created",), "0001-01-01T00:00:00+00:00"),
    (("created",), "9999-12-31T23:59:59-23:59"),
    (("window", "since"), 5),
    (("window", "asked"), 1),
    (("target", "port"), "3306"),
    (("target", "port"), True),
    (("target", "port"), 3306.5),
    (("target", "uptime_seconds"), 10**30),
    (("steps",), {}),
    (("steps", 0), "x"),
    (("steps", 0, "status"), "gone"),
    (("steps", 0, "status"), []),
    (("steps", 0, "seconds"), "1"),
    (("steps", 0, "seconds"), float("nan")),
    (("steps", 0, "seconds"), 10**400),
    (("steps", 0, "facts"), []),
    (("steps", 0, "facts"), {"a": [1]}),
    (("steps", 3, "evidence", 0, "occurrences", 0, "size"), "big"),
    (("steps", 3, "tables", 0, "rows", 0), "31"),
]


@pytest.mark.parametrize(("path", "value"), BROKEN)
def test_a_value_that_does_not_fit_is_named(path: tuple[str | int, ...], value: Any) -> None:
    broken = data()
    place: Any = broken
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(CodecError) as caught:
        decode(Case, broken)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("case.")


def test_a_missing_field_is_named() -> None:
    broken = data()
    del broken["window"]["until"]
    with pytest.raises(CodecError, match=r"case\.window\.until is missing"):
        decode(Case, broken)


def test_map_text_reaches_every_text_and_nothing_else() -> None:
    seen: list[str] = []

    def change(name: str, text: str) -> str:
        seen.append(name)
        return text + HOSTILE

    changed = map_text(full_case(), change)
    assert changed.steps[3].evidence[0].excerpt.endswith(HOSTILE)
    assert changed.steps[3].tables[0].rows[0][1] == "aborted" + HOSTILE
    assert changed.steps[4].facts["wait_timeout" + HOSTILE] == 600
    assert changed.steps[0].status is StepStatus.DONE
    assert {"Evidence.excerpt", "TargetFacts.label", "Change.summary", "Table.rows"} <= set(seen)


def test_a_naive_time_is_written_with_an_offset() -> None:
    written = encode(datetime(2026, 8, 5, 13, 0))
    assert isinstance(written, str)
    assert datetime.fromisoformat(written).tzinfo is not None
    assert encode(datetime(2026, 8, 5, tzinfo=UTC)) == "2026-08-05T00:00:00+00:00"
