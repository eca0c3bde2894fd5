"""Terminals that cannot show every sign: no locale with UTF-8, and the Linux console."""

import re

import pytest

from screens.plain_signs import CONSOLE, plain
from tests.pty.terminal import Terminal
from tests.pty.test_wizard import ALL_RUN, LIVE

pytestmark = pytest.mark.pty

POSIX = {"LC_ALL": "POSIX", "LANG": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def rows(output: bytes, encoding: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output.decode(encoding))


def drawn(environ: dict[str, str]) -> bytes:
    with Terminal(LIVE, environ) as terminal:
        terminal.until(ALL_RUN)
        terminal.answers("8", "not explained")
        terminal.keys("q")
        assert terminal.exit_code() == 0
        return terminal.output


def test_without_utf8_all_is_ascii_and_as_broad() -> None:
    told = rows(drawn(POSIX), "ascii")
    assert "\\u" not in told
    assert "\\x" not in told
    assert re.search(r"^ 2 Server +\S+ +\| ", told, re.MULTILINE), "the list's edge stands"


def test_the_linux_console_gets_only_signs_that_its_font_has() -> None:
    told = rows(drawn({"TERM": "linux"}), "utf-8")
    assert not set(told) & {chr(sign) for sign in CONSOLE}
    assert "│" in told


def test_a_sign_without_a_better_one_keeps_its_columns() -> None:
    assert plain("a│b…日本 ▅") == "a|b~???? ="


def test_no_color_means_none_and_the_words_and_marks_are_all_there() -> None:
    with Terminal(LIVE, {"NO_COLOR": "1"}) as terminal:
        terminal.until(ALL_RUN)
        for keys, shown in (("6", "Settings:"), ("8", "not explained"), ("s", "CONFIRMED")):
            terminal.answers(keys, shown)
        terminal.keys("q")
        assert terminal.exit_code() == 0
        said = terminal.output.decode()
    set_colours = {
        number
        for codes in re.findall(r"\x1b\[([\d;]*)m", said)
        for number in codes.split(";")
        if re.fullmatch(r"3[0-8]|4[0-8]|9\d|10[0-7]", number)
    }
    assert not set_colours, "39 and 49 alone, which are the terminal's own"
    told = rows(said.encode(), "utf-8")
    assert all(mark in told for mark in ("! 31", ">8 Diagnosis", "CONFIRMED", "ok"))
