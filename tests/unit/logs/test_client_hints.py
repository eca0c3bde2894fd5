"""Idle times and sizes in an application's own words."""

import pytest

from wizard.logs.application.client_error import recognise
from wizard.logs.application.client_hints import idle_hint, size_hint


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("the connection had been idle for 2.5 s", 2.5),
        ("connection idle for 3 minutes", 180),
        ("idle: 28,801 seconds", 28801),
        ("idle time 350123 ms", 350.123),
        ("idle for 2 h", 7200),
        ("was idle since yesterday", None),
        ("idled 5 times", None),
        ("middle of 4 s", None),
    ],
)
def test_idle(text: str, seconds: float | None) -> None:
    assert idle_hint(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("upload of 2097152 bytes failed", 2097152),
        ("packet of 17 MB", 17 << 20),
        ("query size: 1,048,577 bytes", 1048577),
        ("order 17 failed after 20 bytes", None),
        ("statement 4711 took 3 s", None),
    ],
)
def test_size(text: str, size: int | None) -> None:
    assert size_hint(text) == size


def test_the_hints_reach_the_failure() -> None:
    line = 'ERROR upload of 2097152 bytes: (2006, "MySQL server has gone away"); idle for 4 s'
    told = recognise(line)
    assert told is not None
    assert (told.size, told.idle_seconds) == (2097152, 4)
