"""`goneaway-wizard open CASE|DIR`: a case, a recording or a fleet, without its server."""

import argparse
import sys
from pathlib import Path

from wizard.commands.front import Front
from wizard.investigation.saved import load_saved
from wizard.safety.errors import UsageError
from wizard.target.flags import TargetParser, given_path


def register(subparsers: "argparse._SubParsersAction[TargetParser]") -> None:
    parser = subparsers.add_parser(
        "open",
        help="show a saved case, a recording or a fleet, offline",
        description="Shows a saved case in the wizard, or the directory that a recorder wrote "
        "(watch --dir), or the table of a fleet (fleet --dir). No server is asked.",
    )
    parser.add_argument("case", type=given_path, metavar="CASE|DIR")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    front: Front = args.front
    if is_fleet(args.case):
        return _fleet(front, args.case)
    case = load_saved(args.case)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("the wizard needs a terminal; use 'goneaway-wizard report' without one")
    return front.saved(case, str(args.case))


def is_fleet(path: Path) -> bool:
    """Whether a fleet has left its results there."""
    from wizard.fleet.results import ResultDirectory

    return ResultDirectory(path).holds_any


def _fleet(front: Front, path: Path) -> int:
    from wizard.fleet.results import ResultDirectory
    from wizard.fleet.table import fleet_of

    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("the table needs a terminal; 'goneaway-wizard fleet' prints it")
    return front.fleet(fleet_of(ResultDirectory(path).results()), path)
