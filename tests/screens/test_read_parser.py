"""Bytes of a terminal, as they come in reads, become keys and pastes and nothing else."""

import pytest
from textual import _parser, events

from screens import textual_compat
from screens.textual_compat import KeysRead, ReadParser

RED = "\x1b[31mred\x1b[0m and a text that is longer than any escape sequence"


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(_parser, "get_time", lambda: self.now)
        monkeypatch.setattr(textual_compat, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def told(clock: Clock, *reads: str, gap: float = 0.11) -> list[str]:
    """Names of keys, and texts of pastes; the driver looks for what is late every 0.1 s."""
    parser, found = ReadParser(), []
    for read in reads:
        messages = list(parser.feed(read))
        clock.now += gap
        found += [*messages, *parser.tick()]
    clock.now += 1.0
    found += parser.tick()
    every = [event for message in found if isinstance(message, KeysRead) for event in message.keys]
    return [f"<{e.text}>" if isinstance(e, events.Paste) else e.key for e in every]


@pytest.mark.parametrize(
    ("read", "keys"),
    [
        ("\x1b4", ["escape", "4"]),
        ("\x1b-", ["escape", "minus"]),
        ("\x1bb", ["escape", "b"]),
        ("\x1bG", ["escape", "G"]),
        ("\x1b/", ["escape", "slash"]),
        ("\x1b\r", ["escape", "enter"]),
        ("\x1b\t", ["escape", "tab"]),
        ("\x1b\x7f", ["escape", "backspace"]),
        ("\x1bq8", ["escape", "q", "8"]),
        ("\x1b]8", ["escape", "right_square_bracket", "8"]),
        ("\x1b[", ["escape", "left_square_bracket"]),
        ("\x1b[\x1b", ["escape", "left_square_bracket", "escape"]),
        ("\x1b\x1b4", ["escape", "escape", "4"]),
        ("j\x1bj\x1b[B", ["j", "escape", "j", "down"]),
        ("\x1b[1;3D", ["alt+left"]),
        ("\x1bOP", ["f1"]),
    ],
)
def test_esc_and_what_follows_in_one_read_are_two_keys(
    read: str, keys: list[str], clock: Clock
) -> None:
    assert told(clock, read) == keys


@pytest.mark.parametrize("text", ["abc", "x\x1b4y", RED, "\x1b", "\x1b[20", "[201~"])
def test_a_paste_is_a_paste_whatever_it_holds(text: str, clock: Clock) -> None:
    whole = f"k\x1b[200~{text}\x1b[201~q"
    for size in (1, 2, 3, 5, 7, len(whole)):
        reads = [whole[n : n + size] for n in range(0, len(whole), size)]
        assert told(clock, *reads, gap=0.001) == ["k", f"<{text}>", "q"], size


def test_a_paste_ends_though_its_end_comes_in_two_parts(clock: Clock) -> None:
    assert told(clock, "\x1b[200~abc\x1b", "[201~", "k", gap=5.0) == ["<abc>", "k"]


def test_a_line_that_parts_the_bytes_of_a_key_is_found_out(clock: Clock) -> None:
    """Its first Esc cannot be told from the key; every key after that is whole."""
    keys = told(clock, *"\x1b[A\x1b[Bq\x1b[5~", gap=0.2)
    assert keys == ["escape", "up", "down", "q", "pageup"]


def test_a_key_that_only_looks_like_the_rest_of_another_is_itself(clock: Clock) -> None:
    assert told(clock, "\x1b", "[", gap=0.15) == ["escape", "left_square_bracket"]
    assert told(clock, "\x1b", "[", gap=0.5) == ["escape", "left_square_bracket"]
    assert told(clock, "\x1b", "O", "k", gap=0.4) == ["escape", "O", "k"]
