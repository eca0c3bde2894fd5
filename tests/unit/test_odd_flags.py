"""Every flag of every command, given what no flag means: one line that says so, exit code 2.

The flags are argparse's own, so that a new one is tried as it is added.
"""

import argparse
import re
from collections.abc import Iterator
from contextlib import suppress

import pytest

from wizard.cli import main, whole_parser
from wizard.target.flags import TargetParser
from wizard.units import whole_number

ODD = (
    "nan", "inf", "-inf", "-1", "0", "1e999", "1" + "0" * 400, "9" * 5_000, "0x10", "١٢", "²", "",
    " ", "\n", "a\nb", "\x1b[2J", "\udcff\udcfe", "x" * 50_000, "1_000", "1.5", "9" * 20 + "G",
    "9999999999999d", "1e308d", "-2h", "~nosuch/x", "/" + "b" * 5_000, "%s", "{}", "=", "a=",
    "mysql://[::1", "mysql://a@h:99999/", "u@", "@h", "h:0", "h:" + "9" * 5_000, "[::1", "\u202ex",
    "--", "2026-01-01T00:00:00+99:99", "0000-00-00", "9999-12-31T23:59:59-23:59",
)  # fmt: skip
RAW = re.compile(
    r"Traceback|Errno|Error\b|embedded null|codec|has no attribute|invalid _?\w+ value|Exceeds the"
    r"|NoneType|int\(\)|float\(\)|<function|object at 0x|surrogates"
)
"""What Python says to a programmer."""


def _commands() -> dict[str, argparse.ArgumentParser]:
    actions = whole_parser()._actions
    found = next(a for a in actions if isinstance(a, argparse._SubParsersAction))
    return dict(found.choices)


def _flags() -> Iterator[tuple[str, str]]:
    for name, parser in _commands().items():
        for action in parser._actions:
            if action.option_strings and action.nargs != 0:
                yield name, action.option_strings[-1]


def _told(parser: argparse.ArgumentParser, words: list[str]) -> int | None:
    """The exit code of a refusal; None where the words are taken."""
    with suppress(SystemExit):
        parser.parse_known_args(words)
        return None
    return 2


@pytest.mark.parametrize(("command", "flag"), list(_flags()))
def test_no_value_of_a_flag_is_met_with_python_s_words(
    command: str, flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = _commands()[command]
    for value in ODD:
        refused = _told(parser, [f"{flag}={value}"])
        said = capsys.readouterr().err
        assert refused is None or said.startswith("goneaway-wizard"), value[:40]
        assert not RAW.search(said), said
        assert said.count("\n") <= 1, said
        assert len(said) < 500, said
        assert "\x1b" not in said, said
        assert "\u202e" not in said, said
        if refused and len(value) > 1000:
            assert said.endswith("--help tells what there is\n"), said


def test_every_flag_that_takes_a_file_refuses_an_empty_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What `--output "$UNSET"` of a script means would else be the folder that it runs in."""
    tried = 0
    for parser in _commands().values():
        for action in parser._actions:
            words = str(action.metavar or "").split("|")
            if {"FILE", "DIR", "INVENTORY"} & set(words) and action.option_strings:
                tried += 1
                assert _told(parser, [f"{action.option_strings[-1]}="]) == 2, action
                assert "leave the flag out" in capsys.readouterr().err
    assert tried > 20


@pytest.mark.parametrize("command", ["open", "report"])
def test_an_empty_word_is_no_case(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([command, ""])
    assert left.value.code == 2
    assert "it names no file" in capsys.readouterr().err


def test_a_long_value_does_not_hide_what_would_be_right(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["report", "x", f"--format={'y' * 5_000}"])
    told = capsys.readouterr().err
    assert "argument --format" in told
    assert "'jira'" in told


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0), ("00", 0), ("0042", 42), ("65535", 65535), ("65536", None), ("", None),
        ("-1", None), ("+1", None), ("1_0", None), ("١٢", None), ("²", None), ("9" * 5_000, None),
        ("0" * 5_000 + "7", 7),
    ],
)  # fmt: skip
def test_a_whole_number_is_ascii_digits_up_to_a_limit(text: str, number: int | None) -> None:
    assert whole_number(text, 65535) == number


def test_a_parser_s_refusal_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        TargetParser(prog="goneaway-wizard").error("a\nb\x1b[2J" + "z" * 9_000)
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("word", ["--host=--", "--password=--", "-p--", "-P--", "--error-log=--"])
def test_two_dashes_are_no_value(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["check", word])
    assert left.value.code == 2
    assert "'--' is no value" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["x" * 400, "/" + "b" * 5_000, "a/" * 2_500 + "b"])
def test_a_name_that_no_system_takes_is_told(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "-h", "127.0.0.1", "-P", "1", "--for", "1s", "--metrics", name]) == 2
    assert "--metrics:" in (told := capsys.readouterr().err)
    assert "too long a name" in told
