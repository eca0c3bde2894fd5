"""One way to say a size, a duration and a moment, and to read them back."""

import pytest

from wizard.units import amount, duration, parse_duration, parse_size, size

MIB = 1 << 20


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1536 * MIB, "1.5 GiB"),
        (-1000 * MIB, "-1000 MiB"),
        (None, "unknown"),
    ],
)
def test_sizes(amount: float | None, words: str) -> None:
    assert size(amount) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.0123, "12 ms"),
        (0.05, "0.1 s"),
        (2.46, "2.5 s"),
        (3.0, "3 s"),
        (119.6, "2 min"),
        (350, "5 min 50 s"),
        (600, "10 min"),
        (725, "12 min 5 s"),
        (7200, "2 h"),
        (7205, "2 h"),
        (28800, "8 h"),
        (90000, "1 d 1 h"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("text", "value"),
    [("6 min 32 s", 392), ("1 d 1 h", 90000), ("12 ms", 0.012), ("1.5 GiB", 1536 * MIB),
     ("812", None), ("4 connections", None), ("-", None), ("", None)],
)  # fmt: skip
def test_what_is_told_is_an_amount_again(text: str, value: float | None) -> None:
    assert amount(text) == value


@pytest.mark.parametrize(
    ("text", "seconds"), [("30", 30), ("30s", 30), ("5m", 300), ("1.5 h", 5400), ("2d", 172800)]
)
def test_durations_are_read_back(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "count"),
    [("65536", 65536), ("64K", 65536), ("16M", 16 * MIB), ("16MiB", 16 * MIB), ("1 G", 1024 * MIB)],
)
def test_sizes_are_read_back(text: str, count: int) -> None:
    assert parse_size(text) == count


@pytest.mark.parametrize("text", ["", "x", "-1", "5 parsecs", "1e9", "1" * 40])
def test_what_is_neither_says_what_would_be(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration such as"):
        parse_duration(text)
    with pytest.raises(ValueError, match="is not a size such as"):
        parse_size(text)
