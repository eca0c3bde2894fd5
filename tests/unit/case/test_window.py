"""--since and --until."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from wizard.case.case import Case, TargetFacts
from wizard.case.window import parse_window
from wizard.investigation.run import looking_now

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "until", "start", "end", "asked"),
    [
        (None, None, NOW - timedelta(hours=2), NOW, False),
        ("2h", None, NOW - timedelta(hours=2), NOW, True),
        ("30m", "10m", NOW - timedelta(minutes=30), NOW - timedelta(minutes=10), True),
        (" 1 D ", None, NOW - timedelta(days=1), NOW, True),
        ("2w", None, NOW - timedelta(weeks=2), NOW, True),
        ("2026-03-01T08:00Z", None, NOW.replace(hour=8), NOW, True),
        ("2026-03-01 08:00:00+02:00", None, NOW.replace(hour=6), NOW, True),
        (None, "2026-03-01T08:00Z", NOW.replace(hour=6), NOW.replace(hour=8), False),
    ],
)
def test_a_window(
    since: str | None, until: str | None, start: datetime, end: datetime, asked: bool
) -> None:
    window = parse_window(since, until, NOW)
    assert (window.since, window.until, window.asked) == (start, end, asked)


def test_a_time_without_an_offset_is_this_machines() -> None:
    window = parse_window("2026-02-01T08:00", None, NOW)
    assert window.since == datetime(2026, 2, 1, 8).astimezone()
    assert window.since.tzinfo is not None


@pytest.mark.parametrize("bad", ["", "h", "2y", "-2h", "yesterday", "2026-13-01", "²h", "9" * 30])
def test_what_is_no_time_is_refused_in_one_line(bad: str) -> None:
    with pytest.raises(ValueError, match=r"^--since .*") as caught:
        parse_window(bad, None, NOW)
    assert "\n" not in str(caught.value)


def test_a_span_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(ValueError, match="too long ago"):
        parse_window("999999w", None, NOW)


@pytest.mark.parametrize(("since", "until"), [("1h", "2h"), ("2030-01-01", None), ("0s", None)])
def test_an_empty_window_is_refused(since: str, until: str | None) -> None:
    with pytest.raises(ValueError, match="the window is empty"):
        parse_window(since, until, NOW.astimezone(timezone(timedelta(hours=5))))


def test_a_window_without_an_end_moves_with_the_clock() -> None:
    window = parse_window("2h", None, NOW)
    assert window.open
    case = Case(NOW, window, TargetFacts("db1"))
    moved = looking_now(case).window
    assert moved.until > window.until
    assert moved.since == window.since


def test_a_window_whose_end_was_asked_for_stays() -> None:
    case = Case(NOW, parse_window("2h", "1h", NOW), TargetFacts("db1"))
    assert looking_now(case) == case


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [("2026-10-25", 0, 1), ("2026-03-29", 0, 1)],
    ids=["an hour twice", "an hour never"],
)
def test_an_hour_that_a_clock_changes_in_is_all_in_the_window(
    day: str, first: int, last: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    try:
        with monkeypatch.context() as patched:
            patched.setenv("TZ", "Europe/Berlin")
            time.tzset()
            window = parse_window(f"{day}T02:30", f"{day}T02:30", now)
    finally:
        time.tzset()
    midnight = datetime.fromisoformat(day).replace(tzinfo=UTC)
    assert window.since == midnight + timedelta(hours=first, minutes=30)
    assert window.until == midnight + timedelta(hours=last, minutes=30)
