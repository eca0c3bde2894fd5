"""What the version step says of a release's support, from the calendar alone."""

from datetime import date

import pytest

from knowledge.load import supported_until
from wizard.steps.version import _support

TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("series", "said"),
    [
        ("mysql-9.7", "corrections until 2034-04-21"),
        ("mysql-8.0", "no corrections since 2026-04-30"),
        ("mysql-9.2", "no corrections any more: a short or old series, and mysql-9.7 is out"),
        ("mariadb-11.6", "no corrections any more: a short or old series, and mariadb-11.8 is out"),
        ("mariadb-10.1", "no corrections any more: a short or old series, and mariadb-11.8 is out"),
        ("mariadb-12.3", "its series is newer than the calendar, which knows mariadb-11.8"),
    ],
)
def test_each_series_is_told_as_it_is(series: str, said: str) -> None:
    assert _support(series, supported_until(series), TODAY) == said
