"""`goneaway-wizard open CASE`: a saved case or a recording, without its server."""

import argparse
import sys
from pathlib import Path

from wizard.commands.front import Front
from wizard.investigation.saved import load_saved
from wizard.safety.errors import UsageError
from wizard.target.flags import TargetParser


def register(subparsers: "argparse._SubParsersAction[TargetParser]") -> None:
    parser = subparsers.add_parser(
        "open",
        help="show a saved case or a recording, offline",
        description="Shows a saved case in the wizard, or the directory that a recorder wrote "
        "(watch --dir). No server is asked.",
    )
    parser.add_argument("case", type=Path, metavar="CASE|DIR")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    case = load_saved(args.case)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("the wizard needs a terminal; use 'goneaway-wizard report' without one")
    front: Front = args.front
    return front.saved(case, str(args.case))
