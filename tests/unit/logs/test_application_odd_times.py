"""Times that no clock shows, at the head of an application's lines: read as far as can be."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.unit.logs.test_application_stamps import FORMS, LOST
from wizard.logs.application.read import scan_text
from wizard.logs.application.stamp_parts import offset_of
from wizard.logs.application.stamps import StampReader

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
ODD = ("0", "00", "0000", "13", "24", "60", "99", "9999", "9" * 30, "9" * 5_000, "١٢", "²", "")
WRITTEN = (
    *FORMS,
    "2026-03-07T15:04:05-23:59 x",
    "9999-12-31T23:59:59-23:59 x",
    "0001-01-01T00:00:00+23:59 x",
    '{"time":"2026-03-07T15:04:05+01:00","msg":"x"}',
    '{"ts":1772895845.5,"msg":"x"}',
    "1772895845.123 x",
)


def _odd(written: str) -> Iterator[str]:
    """`written` with each of its numbers replaced by others."""
    for number in re.finditer(r"\d+", written):
        others = (*ODD, "9" * len(number[0]), "0" * len(number[0]))
        for other in others:
            yield written[: number.start()] + other + written[number.end() :]


@pytest.mark.parametrize("written", WRITTEN)
def test_no_number_in_a_time_ends_the_reading(written: str) -> None:
    lines = list(_odd(written))
    for line in lines:
        at = StampReader(UTC, NOW).moment(line)
        assert at is None or at.utcoffset() is not None
    odd = "".join(f"{line} {LOST}\n" for line in lines)
    found = scan_text(f"{odd}2026-03-07 15:04:05 {LOST}\n")
    assert found.failures


@pytest.mark.parametrize("name", ["+99:99", "-24:00", "+2400", "+23:60", "-9999", "+24"])
def test_an_offset_of_a_day_or_more_is_none(name: str) -> None:
    assert offset_of(name) is None


@pytest.mark.parametrize("name", ["+23:59", "-2359", "+0545", "+14", "Z"])
def test_an_offset_of_less_is_one(name: str) -> None:
    assert offset_of(name) is not None
