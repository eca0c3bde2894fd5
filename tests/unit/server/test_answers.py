"""Odd answers of a server are told as such, and are no defect of the wizard."""

from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest

from wizard.server.answers import AnswerRow, AnswerRows, OddAnswer, number_of, pairs_of
from wizard.server.clock_zone import zone_of
from wizard.server.session import QueryFailed


@pytest.mark.parametrize(
    ("value", "number"), [(7, 7), ("7", 7), ("-7", -7), (Decimal("7.0"), 7), (2**64, 2**64)]
)
def test_a_number_is_taken(value: object, number: int) -> None:
    assert number_of(value) == number


@pytest.mark.parametrize(
    "value",
    [None, "", "x", "nan", float("nan"), float("inf"), Decimal("NaN"), "1e3", 2**65, b"\xff",
     "9" * 5_000],
)  # fmt: skip
def test_what_is_no_number_is_an_odd_answer(value: object) -> None:
    with pytest.raises(OddAnswer, match=r"the server's answer has (no|a) number"):
        number_of(value)


def test_a_column_that_is_missing_is_told_by_its_name() -> None:
    row = AnswerRow(a=1)
    assert row["a"] == 1
    assert row.get("b") is None
    with pytest.raises(QueryFailed, match="no column 'b' that was asked for"):
        row["b"]


def test_a_row_that_is_missing_is_told() -> None:
    assert AnswerRows([{"a": 1}])[0] == {"a": 1}
    with pytest.raises(QueryFailed, match="no row"):
        AnswerRows()[0]


@pytest.mark.parametrize("row", [{}, {"a": 1}, {"a": 1, "b": 2, "c": 3}])
def test_names_and_values_are_two_columns(row: dict[str, int]) -> None:
    assert pairs_of([{"x": "a", "y": 1}]) == [("a", "1")]
    with pytest.raises(OddAnswer, match="two columns"):
        pairs_of([row])


class _Says:
    def __init__(self, value: object) -> None:
        self._value = value

    def value(self, _sql: str) -> Any:
        return self._value


@pytest.mark.parametrize("seconds", [None, 86_400, -86_400, 2**60, 0])
def test_a_zone_is_less_than_a_day_off(seconds: object) -> None:
    assert zone_of(_Says(seconds)) == UTC  # type: ignore[arg-type]
