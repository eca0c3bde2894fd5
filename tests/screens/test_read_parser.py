"""Bytes of a terminal, as they come in reads, become keys and pastes and nothing else."""

import pytest
from textual import _parser, events

from screens import textual_compat
from screens.textual_compat import ASK, KeysRead, ReadParser

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


QUICK = "\x1b[?2026;2$y"
"""How a terminal answers at the start: in one piece on a quick line."""


@pytest.mark.parametrize("gap", [0.05, 0.11, 0.2, 0.4, 0.55])
def test_a_line_that_parts_the_bytes_of_a_key_brings_no_esc_with_it(
    gap: float, clock: Clock
) -> None:
    keys = told(clock, *"\x1b[A\x1b[Bq\x1bOP\x1b[5~4", gap=gap)
    assert keys == ["up", "down", "q", "f1", "pageup", "4"]
    keys = told(clock, *QUICK, *"\x1b[A\x1b[B", gap=gap)
    assert keys == ["up", "down"]


@pytest.mark.parametrize("gap", [0.7, 1.2])
def test_the_rest_of_a_key_is_no_text_on_the_slowest_line(gap: float, clock: Clock) -> None:
    """Its first Esc cannot be told from the key; every key after that is whole."""
    keys = told(clock, *"\x1b[A\x1b[Bq\x1b[5~", gap=gap)
    assert [key for key in keys if key != "escape"] == ["up", "down", "q", "pageup"]
    assert keys.count("escape") <= 2


def test_a_quick_line_that_becomes_slow_is_found_out(clock: Clock) -> None:
    """Where the terminal answers no question."""
    keys = told(clock, QUICK, *"\x1b[A\x1b[Bq\x1b[5~", gap=0.2)
    assert keys == ["escape", "up", "down", "q", "pageup"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the terminal was asked."""
    questions: list[str] = []
    monkeypatch.setattr(ReadParser, "ask", staticmethod(lambda: questions.append(ASK)))
    return questions


@pytest.mark.parametrize("gap", [0.11, 0.2, 0.5, 0.9])
def test_the_first_key_of_a_line_that_becomes_slow_is_no_esc(
    gap: float, clock: Clock, asked: list[str]
) -> None:
    """The terminal answers behind the key, which it had sent when it was asked."""
    keys = told(clock, QUICK, *"\x1b[A", *QUICK, *"\x1b[B", gap=gap)
    assert keys == ["up", "down"]
    assert len(asked) == 1


def test_esc_is_told_with_the_answer_and_the_line_stays_quick(
    clock: Clock, asked: list[str]
) -> None:
    parser = ReadParser()
    list(parser.feed(QUICK))
    for n in range(1, 4):
        assert not list(parser.feed("\x1b"))
        clock.now += 0.11
        assert not list(parser.tick())
        assert len(asked) == n
        clock.now += 0.05
        first = next(iter(parser.feed(QUICK)))
        assert isinstance(first, KeysRead)
        assert [key.key for key in first.keys if isinstance(key, events.Key)] == ["escape"]
        clock.now += 1.0
    assert told(clock, QUICK, "\x1b", "[", QUICK) == ["escape", "left_square_bracket"]


def test_a_terminal_that_gives_no_answer_is_asked_once(clock: Clock, asked: list[str]) -> None:
    parser = ReadParser()
    list(parser.feed(QUICK))
    for waits in (1.11, 0.11, 0.11):
        began = clock.now
        list(parser.feed("\x1b"))
        found: list[object] = []
        while not found:
            clock.now += 0.01
            found += parser.tick()
        assert clock.now - began == pytest.approx(waits, abs=0.03)
        clock.now += 2.0
    assert len(asked) == 1


def test_one_that_never_answered_is_not_asked(clock: Clock, asked: list[str]) -> None:
    assert told(clock, "\x1b[A", "\x1b") == ["up", "escape"]
    assert asked == []


def test_esc_alone_is_told_soon_where_the_line_is_quick(clock: Clock) -> None:
    parser = ReadParser()
    for first, wait in (("", 0.61), (QUICK, 0.11), ("\x1b[B", 0.11)):
        list(parser.feed(first))
        list(parser.feed("\x1b"))
        clock.now += wait - 0.02
        assert not list(parser.tick()), first
        clock.now += 0.02
        (read,) = parser.tick()
        assert isinstance(read, KeysRead)
        assert [key.key for key in read.keys if isinstance(key, events.Key)] == ["escape"]
        clock.now += 5.0


def test_a_key_that_only_looks_like_the_rest_of_another_is_itself(clock: Clock) -> None:
    for gap in (0.15, 0.5):
        keys = ["escape", "left_square_bracket"]
        assert told(clock, QUICK, "\x1b", "[", gap=gap) == keys
        assert told(clock, "\x1b", "[", gap=gap) == keys
    assert told(clock, QUICK, "\x1b", "O", "k", gap=0.4) == ["escape", "O", "k"]
