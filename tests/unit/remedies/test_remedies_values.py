"""Values as operators write them."""

import pytest

from knowledge.load import load
from wizard.server.values import BadValue, in_words, parse, same

VARIABLES = load().variables


@pytest.mark.parametrize(
    ("name", "wish", "value"),
    [
        ("max_allowed_packet", "64M", "67108864"),
        ("max_allowed_packet", "64m", "67108864"),
        ("max_allowed_packet", "1G", "1073741824"),
        ("max_allowed_packet", "16 MiB", "16777216"),
        ("max_allowed_packet", "512K", "524288"),
        ("max_allowed_packet", "67108864", "67108864"),
        ("wait_timeout", "10m", "600"),
        ("wait_timeout", "8h", "28800"),
        ("wait_timeout", " 600 ", "600"),
        ("max_connections", "500", "500"),
        ("max_execution_time", "5s", "5000"),
        ("offline_mode", "off", "OFF"),
        ("offline_mode", "1", "ON"),
    ],
)
def test_units_are_understood(name: str, wish: str, value: str) -> None:
    parsed = parse(VARIABLES[name], wish)
    assert (parsed.text, parsed.notes) == (value, ())


@pytest.mark.parametrize(
    ("name", "wish"),
    [
        ("max_allowed_packet", "64MM"),
        ("max_allowed_packet", "-1"),
        ("max_allowed_packet", ""),
        ("max_allowed_packet", "1; DROP TABLE x"),
        ("wait_timeout", "64M1"),
        ("wait_timeout", "1.5"),
        ("wait_timeout", "5w"),
        ("max_connections", "1K"),
        ("offline_mode", "maybe"),
        ("init_connect", "SET NAMES utf8"),
    ],
)
def test_nonsense_is_refused(name: str, wish: str) -> None:
    with pytest.raises(BadValue):
        parse(VARIABLES[name], wish)


@pytest.mark.parametrize(
    ("name", "wish", "value", "word"),
    [
        ("max_allowed_packet", "2G", "1073741824", "largest"),
        ("max_allowed_packet", "1500000", "1499136", "multiple of 1024"),
        ("max_allowed_packet", "1", "1024", "smallest"),
        ("wait_timeout", "0", "1", "does not switch"),
        ("wait_timeout", "9999d", "31536000", "largest"),
        ("connect_timeout", "1", "2", "smallest"),
        ("log_error_verbosity", "9", "3", "largest"),
    ],
)
def test_a_value_is_never_moved_in_silence(name: str, wish: str, value: str, word: str) -> None:
    parsed = parse(VARIABLES[name], wish)
    assert parsed.text == value
    assert word in " ".join(parsed.notes)


def test_values_that_mean_the_same() -> None:
    assert same("0.000000", "0")
    assert same("on", "ON")
    assert same("1", "ON")
    assert not same("ON", "OFF")
    assert not same("600", "60")
    assert same(None, None)
    assert not same(None, "0")


def test_values_in_words() -> None:
    assert in_words(VARIABLES["max_allowed_packet"], "67108864") == "64 MiB (67108864)"
    assert in_words(VARIABLES["max_allowed_packet"], "1000") == "1000 B"
    assert in_words(VARIABLES["wait_timeout"], "28800") == "8 h (28800 s)"
    assert in_words(VARIABLES["wait_timeout"], "20") == "20 s"
    assert in_words(VARIABLES["max_connections"], "151") == "151"
    assert in_words(VARIABLES["skip_name_resolve"], "OFF") == "OFF"
