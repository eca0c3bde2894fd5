"""A text on a screen names keys; what no key does is named as an option of the start."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.load import load
from screens.text.in_keys import in_keys

WIZARD = Path(__file__).parents[2] / "wizard"
ROOMS = ("steps", "probes", "logs", "remedies", "diagnosis", "server", "capture", "recorder")
"""Whose sentences reach a screen."""

OF_OTHER_PROGRAMS = ("managed.py", "unit_file.py")

COMMANDS = "check|capture|fix|undo|logs|watch|open|explain|fleet"

OPTION = re.compile(rf"(?<![\w-])--[a-z][a-z-]+|goneaway-wizard (?:{COMMANDS})")

NOT_OURS = (
    "journalctl", "systemctl", "mysqld", "mysql_config_editor", "aws ", "az ", "gcloud", "dmesg",
    "--no-pager", "--property=", "--defaults-file=", "--validate-config", "--help", "--no-defaults",
    "--no-trunc", "--format", "--time-format", "--user=", "--parameters", "--server-name",
    "--database-flags", "--max-allowed-packet", "--ctime",
)  # fmt: skip
"""Of other programs, or words of commands that are run."""

NO_KEY = (
    "--ssl-", "--server-public-key-path", "--get-server-public-key", "--ssh", "fix --follow",
    "(start with --since)", "a start with a shorter --since", "`logs --by", "--exec", "--dir",
    "--print-unit", "run goneaway-wizard undo there", "goneaway-wizard capture restore",
)  # fmt: skip
"""What only a start of the program does, or another command later."""


def sentences(room: str) -> Iterator[tuple[str, str]]:
    """The texts of a room's code as they are told; a word stands for what is put in."""
    for path in sorted((WIZARD / room).rglob("*.py")):
        if path.name in OF_OTHER_PROGRAMS:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        parts = {id(c) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for c in n.values}
        notes = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
        for node in ast.walk(tree):
            text = ""
            if isinstance(node, ast.JoinedStr):
                text = "".join(
                    str(v.value) if isinstance(v, ast.Constant) else "7" for v in node.values
                )
            elif isinstance(node, ast.Constant) and id(node) not in parts | notes:
                text = str(node.value)
            if " " in text.strip():
                yield path.name, text.replace("wizard capture 7", "wizard capture slow")


def left_of(text: str) -> str:
    said = in_keys(text)
    for allowed in (*NO_KEY, *NOT_OURS):
        said = said.replace(allowed, "")
    found = OPTION.search(said)
    return f"{found[0]!r} in {said!r}" if found else ""


@pytest.mark.parametrize("room", ROOMS)
def test_no_sentence_of_the_engine_names_an_option_that_has_a_key(room: str) -> None:
    left = [f"{name}: {why}" for name, text in sentences(room) if (why := left_of(text))]
    assert not left, "\n".join(left)


def test_what_the_knowledge_says_of_how_to_look_names_keys() -> None:
    known = load()
    texts = [signal.how for signal in known.signals.values()]
    texts += [remedy.title for remedy in known.remedies.values()]
    left = [why for text in texts if (why := left_of(text))]
    assert not left, "\n".join(left)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("the application's log (--app-log)", "the application's log (1, App log)"),
        ("check --probe idle, or the Network screen", "7 Network, Idle ladder"),
        (
            "an idle ladder of 35 s (check --probe idle --idle-limit 35s, or the Network screen)",
            "an idle ladder of 35 s (7 Network, Idle ladder, with Idle 35)",
        ),
        (
            "a slow log (--slow-log), or goneaway-wizard capture slow",
            "a slow log (Log, on the first screen), or S Slow log, a",
        ),
        ("cert (--ssl-ca)", "cert (--ssl-ca)"),
        (
            "[Note] mariadbd --socket=/run/x with --socket",
            "[Note] mariadbd --socket=/run/x with --socket",
        ),
        *(
            (line, line)
            for line in (
                "ExecStart=/usr/bin/goneaway-wizard watch --dir /var/lib/seen",
                "root CMD (/opt/bin/goneaway-wizard capture general --for 30s)",
                "/opt/bin/goneaway-wizard check --probe idle --idle-limit 35s: 2006",
                "goneaway-wizard watch --dir /var/lib/seen: 2006",
                "balancer --probe path failed: 2013",
            )
        ),
    ],
)
def test_only_the_way_to_do_it_differs(said: str, wanted: str) -> None:
    assert in_keys(said) == wanted


def test_what_was_told_in_keys_stays_when_it_is_drawn_again() -> None:
    texts = [text for room in ROOMS for _, text in sentences(room)]
    texts += [signal.how for signal in load().signals.values()]
    told = {in_keys(text) for text in texts}
    assert [text for text in sorted(told) if in_keys(text) != text] == []
