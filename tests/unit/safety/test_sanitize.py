"""The gate for text from outside."""

import pytest

from wizard.safety.sanitize import MAX_LINE, decode, sanitize, sanitize_block

HOSTILE = "\x1b]52;c;eA==\x1b\\ \x1b[2J \x9b31m \x07\x08 a\u202eb \ufeff \udcff [/x] [ERROR]"


def test_nothing_that_a_terminal_obeys_survives() -> None:
    clean = sanitize(HOSTILE)
    assert clean.isprintable()
    assert clean.encode("utf-8")
    assert "[/x] [ERROR]" in clean, "plain text must stay as it is"


@pytest.mark.parametrize("length", [MAX_LINE - 1, MAX_LINE, MAX_LINE + 1, MAX_LINE * 50])
def test_a_line_is_bounded_and_the_cut_is_shown(length: int) -> None:
    clean = sanitize("x" * length)
    assert len(clean) <= MAX_LINE
    assert clean.endswith("…") == (length > MAX_LINE)


def test_one_line_stays_one_line() -> None:
    assert sanitize("a\r\nb\nc\td") == "a b c d"


def test_a_block_says_how_much_it_left_out() -> None:
    block = sanitize_block("\n".join(str(n) for n in range(100)), lines=10)
    assert block.splitlines()[-1] == "… 90 more lines"


def test_bytes_that_are_no_text_do_not_hurt() -> None:
    assert decode(b"\xff\xfe ok \x00") == "\ufffd\ufffd ok "
