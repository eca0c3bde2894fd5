"""`goneaway-wizard schema COMMAND`: the JSON Schema of what a command prints as JSON."""

import argparse

from wizard.commands import exit_codes
from wizard.commands.terminal import print_answer, print_lines
from wizard.schema.find import SCHEMAS, schema_text
from wizard.target.flags import TargetParser


def register(subparsers: "argparse._SubParsersAction[TargetParser]") -> None:
    parser = subparsers.add_parser(
        "schema",
        help="the JSON Schema of what a command prints",
        description="Prints the JSON Schema (draft 2020-12) that a command's --format json "
        "follows. `watch` prints one such value a line. Without a command it lists those that "
        "have one.",
    )
    parser.add_argument("command", nargs="?", choices=sorted(SCHEMAS), metavar="COMMAND")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.command is None:
        print_lines(sorted(SCHEMAS))
    else:
        print_answer(schema_text(args.command))
    return exit_codes.DONE
