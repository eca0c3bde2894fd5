"""The command line. Dispatches to `wizard.commands`, and starts the screens by a late import."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from wizard import __version__
from wizard.case.case import Case
from wizard.commands import exit_codes
from wizard.investigation.begin import Beginning, begin_with, find_servers
from wizard.safety.errors import UsageError
from wizard.safety.operator_line import operator_line
from wizard.safety.standard_streams import open_closed_streams
from wizard.target.flags import (
    TargetArguments,
    TargetParser,
    add_target_arguments,
    target_arguments,
)
from wizard.target.resolve import says_where
from wizard.units import DAY

if TYPE_CHECKING:
    from wizard.fleet.table import Fleet

COMMANDS = {
    "check": "check",
    "open": "open_case",
    "report": "report",
    "logs": "logs",
    "capture": "capture",
    "fix": "fix",
    "undo": "undo",
    "watch": "watch",
    "fleet": "fleet",
    "explain": "explain",
    "demo": "demo",
    "schema": "schema",
    "mcp": "mcp",
}

DESCRIPTION = "Finds out why MySQL or MariaDB connections go away, and proves the fix."

REMINDING = ("check", "fix", "watch")
"""Commands that look at a server, and so offer what a capture or a change left on one."""

CAPTURES = "captures.jsonl"
CHANGES = "journal.jsonl"

_REMINDERS = 3
"""Captures that one command reminds of, the newest ones."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns the exit code. No traceback reaches a user."""
    words = list(sys.argv[1:] if argv is None else argv)
    open_closed_streams()
    try:
        return _dispatch(words)
    except KeyboardInterrupt:
        return exit_codes.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exit_codes.DONE
    except Exception as error:  # noqa: BLE001 - the last gate: one line for the operator
        print(f"goneaway-wizard: {operator_line(error)}", file=sys.stderr)
        return exit_codes.code_of(error)


def _dispatch(words: list[str]) -> int:
    if abs(time.localtime().tm_gmtoff) >= DAY:
        raise UsageError("the zone in TZ is a day or more from UTC: set another, such as TZ=UTC")
    if words and words[0] in COMMANDS:
        module = _command(words[0])
        parser = TargetParser(prog="goneaway-wizard")
        module.register(parser.add_subparsers(parser_class=TargetParser))
        args = parser.parse_args(words)
        args.front = LateFront()
        args.given = words[1:]
        if words[0] in REMINDING:
            _remind()
        return int(args.run(args))
    if words and (meant := _mistyped(words[0])):
        raise UsageError(f"'{words[0]}' is no command: did you mean '{meant}'?")
    return _wizard(words)


def _mistyped(word: str) -> str:
    """The command that a word is close to; empty for an option, a URL, and what is like none."""
    if word.startswith("-") or "://" in word:
        return ""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word.lower(), COMMANDS, 1)), "")


def _remind() -> None:
    """Offer what an earlier run left behind; nothing is imported where there was none."""
    from wizard.safety.state_directory import state_file

    # Where the home is another account's, nobody may tell; Path.exists() would raise that.
    if os.path.exists(state_file(CAPTURES)):  # noqa: PTH110
        _remind_of_captures()
    if os.path.exists(state_file(CHANGES)):  # noqa: PTH110
        _remind_of_changes()


def _remind_of_changes() -> None:
    from wizard.commands.terminal import remark
    from wizard.remedies.interrupted import interrupted_lines
    from wizard.remedies.journal import Journal, JournalError

    try:
        for line in interrupted_lines(Journal.default()):
            remark(line)
    except JournalError as error:
        remark(str(error))


def _remind_of_captures() -> None:
    from wizard.capture.journal import (
        CaptureJournal,
        CaptureJournalError,
        left_over_line,
        leftovers,
    )
    from wizard.commands.terminal import remark

    try:
        left = leftovers(CaptureJournal.default())
    except CaptureJournalError as error:
        remark(str(error))
        return
    for entry in left[-_REMINDERS:]:
        remark(left_over_line(entry))
    if len(left) > _REMINDERS:
        remark(f"and {len(left) - _REMINDERS} earlier captures in the same state")


def _command(name: str) -> ModuleType:
    return importlib.import_module(f"wizard.commands.{COMMANDS[name]}")


def whole_parser() -> TargetParser:
    """Every command in one parser, as the man page and the shells' completions need it."""
    parser = TargetParser(prog="goneaway-wizard", description=DESCRIPTION)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=TargetParser)
    for name in COMMANDS:
        _command(name).register(commands)
    _add_wizard_arguments(parser)
    return parser


def _wizard(words: list[str]) -> int:
    parser = TargetParser(
        prog="goneaway-wizard",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=f"{DESCRIPTION}\n"
        f"Commands: {', '.join(COMMANDS)} (each has --help). Without one, the wizard opens.",
    )
    _add_wizard_arguments(parser)
    args = parser.parse_args(words)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("the wizard needs a terminal; use 'goneaway-wizard check' without one")
    arguments = target_arguments(args)
    from wizard.commands.terminal import ask_password, ask_question, remark

    for warning in arguments.warnings:
        remark(warning)
    front = LateFront(mouse=not args.no_mouse)
    if not says_where(arguments, say=remark) and len(find_servers()) != 1:
        return front.ask(arguments)
    beginning = begin_with(
        arguments, ask_password(), remark, lambda servers: servers[0], ask_question()
    )
    return front.live(beginning)


def _add_wizard_arguments(parser: TargetParser) -> None:
    parser.add_argument("--version", action="version", version=f"goneaway-wizard {__version__}")
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    add_target_arguments(parser)


class LateFront:
    """The Textual screens, imported when the first one is shown."""

    def __init__(self, mouse: bool = True) -> None:
        self._mouse = mouse

    def live(self, beginning: Beginning) -> int:
        from screens.launch import show_live

        return show_live(beginning, self._mouse)

    def saved(self, case: Case, path: str) -> int:
        from screens.launch import show_saved

        return show_saved(case, path, self._mouse)

    def fleet(self, fleet: Fleet, directory: Path) -> int:
        from screens.fleet.run import run_fleet

        return run_fleet(fleet, directory, self.saved, self._mouse)

    def ask(self, arguments: TargetArguments) -> int:
        from screens.launch import show_form

        return show_form(arguments, self._mouse)


if __name__ == "__main__":
    sys.exit(main())
