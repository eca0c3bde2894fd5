"""Questions on the terminal, as they are laid out there."""

import getpass
import sys

import pytest

from wizard.commands.terminal import ask_password, in_columns, in_whole_words
from wizard.safety.errors import UsageError


def test_a_fingerprint_is_never_broken_and_the_answer_keeps_its_distance() -> None:
    print_of_key = "SHA256:BWQ0sqyPq7d6BD1UeTzBszwIyVxFb5GRaAm8XFoUv7I"
    text = f"The host key of [127.0.0.1]:33429 is not known. It shows {print_of_key}. Trust it? "
    lines = in_whole_words(text, 40).split("\n")
    assert any(print_of_key in line for line in lines)
    assert all(len(line) <= 40 for line in lines if print_of_key not in line)
    assert lines[-1].endswith("Trust it? ")


def test_sentences_of_a_fix_fit_the_terminal_and_what_is_copied_stays_whole() -> None:
    statement = "  SET GLOBAL max_allowed_packet = 1073741824;"
    long = "- a sentence of many words that goes on for longer than forty columns"
    change = "  wait_timeout: 2 s -> 60 s   (the longest pause before a failure was 40 s)"
    shown = list(in_columns(("Title", statement, long, change, ""), 40))
    assert statement in shown
    assert all(len(line) <= 40 for line in shown if line != statement)
    bullet = next(n for n, line in enumerate(shown) if line.startswith("- "))
    assert shown[bullet + 1].startswith("  ")
    assert list(in_columns((long,), None)) == [long]


def test_ctrl_d_is_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ended the command as an error of the wizard's own (70)."""

    def left(_prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr(getpass, "getpass", left)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    ask = ask_password()
    assert ask is not None
    with pytest.raises(UsageError, match="no password was given"):
        ask("Password of admin: ")
