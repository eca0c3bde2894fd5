"""Odd answers of a server are told as such, and are no defect of the wizard."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import wizard
from wizard.logs.general.table_rows import entries_of_rows
from wizard.logs.slow.table_rows import rows_of_table
from wizard.server.answers import (
    AnswerRow,
    AnswerRows,
    OddAnswer,
    amount_of,
    life_of,
    number_of,
    pairs_of,
    start_by,
    time_of,
)
from wizard.server.clock_zone import zone_of
from wizard.server.session import QueryFailed
from wizard.server.variables import whole

LOGGED: dict[str, Any] = {
    "event_time": None, "thread_id": 7, "command_type": "Query", "query_time": None,
    "rows_affected": None, "db": None, "user_host": "app", "lock_time": None, "rows_sent": 0,
    "rows_examined": 0, "start_time": None,
}  # fmt: skip
"""A row of either log's table, without its text."""


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


@pytest.mark.parametrize("value", [None, "", "x", "nan", "9" * 5_000, b"\xff", [1]])
def test_an_amount_is_taken_and_what_is_none_is_an_odd_answer(value: object) -> None:
    assert amount_of("0.500000") == amount_of(Decimal("0.5")) == 0.5
    with pytest.raises(OddAnswer):
        amount_of(value)


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("-1", -1), ("18446744073709551615", 2**64 - 1), ("", None), ("AUTO", None),
     ("--5", None), ("1.5", None), ("9" * 5_000, None), (None, None)],
)  # fmt: skip
def test_a_whole_number_of_a_variable(text: str | None, number: int | None) -> None:
    assert whole(text) == number


@pytest.mark.parametrize("text", [None, 9, b"\xff", "\udcff", "x"])
def test_rows_of_the_log_tables_with_any_text_are_read(text: object) -> None:
    seen = LOGGED | {"argument": text, "sql_text": text}
    (said,) = entries_of_rows([seen])
    ((slow,),) = rows_of_table([seen])
    assert said.text == slow[-1]
    assert said.text == {None: b"", 9: b"9", "x": b"x"}.get(text, b"\xff")  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("uptime", "life"), [(0, 0), (60, 60), (2**64 - 7200, None), (2**32 - 7200, None), (-5, None)]
)
def test_a_clock_that_was_put_back_leaves_no_uptime(uptime: int, life: int | None) -> None:
    assert life_of(uptime) == life


@pytest.mark.parametrize("value", [None, "noon", float("nan"), 1 << 60, -(1 << 60)])
def test_a_moment_that_no_calendar_has_is_an_odd_answer(value: object) -> None:
    with pytest.raises(OddAnswer):
        time_of(value)
    assert time_of(Decimal("1796048697.5")) == datetime(2026, 11, 30, 14, 24, 57, 500_000, UTC)


def test_a_start_stays_where_it_is_by_a_clock_that_was_put_back() -> None:
    start = 1_800_000_000
    assert start_by(start + 60, 60) == start
    assert start_by(start - 7200, 2**64 - 7200) == start


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


def _bare_numbers(source: str) -> Iterator[int]:
    """Lines in which `int` is made of a cell of an answer."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "int":
            for part in node.args:
                of_cell = (
                    isinstance(part, ast.Subscript)
                    and ast.unparse(part.value) in _ROWS
                    and isinstance(part.slice, ast.Constant)
                    and isinstance(part.slice.value, str)
                )
                asked = isinstance(part, ast.Call) and ast.unparse(part.func).endswith(_ASKED)
                if of_cell or asked:
                    yield node.lineno


_ROWS = ("row", "r", "who", "rows[0]")
_ASKED = ("server.value", "session.value")


def test_no_number_of_an_answer_is_taken_for_one_unseen() -> None:
    assert list(_bare_numbers("int(row['a']) + int(self._session.value('x')) + int(text)")) == [
        1,
        1,
    ]
    root = Path(wizard.__file__).parent
    found = [
        f"{path.relative_to(root)}:{line}"
        for path in root.rglob("*.py")
        for line in _bare_numbers(path.read_text(encoding="utf-8"))
    ]
    assert not found
