"""`goneaway-wizard report CASE`: a saved case as a report."""

import argparse
from typing import Any

from wizard.commands import exit_codes
from wizard.commands.terminal import print_answer, remark
from wizard.target.flags import given_path


def register(subparsers: "argparse._SubParsersAction[Any]") -> None:
    parser = subparsers.add_parser(
        "report", help="a saved case as a report", description="Write a saved case as a report."
    )
    parser.add_argument(
        "case",
        type=given_path,
        metavar="CASE",
        help="a case file (*.case.json), or a recorder's directory",
    )
    parser.add_argument(
        "--format",
        choices=("text", "json", "md", "html", "jira"),
        default="text",
        help="what to write (text)",
    )
    parser.add_argument(
        "--output",
        type=given_path,
        metavar="FILE",
        help="write to this file, mode 0600, not to stdout",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace FILE where it exists already"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print or write the report. Raises CaseFileError, CannotWriteError."""
    from wizard.diagnosis.diagnose import diagnose
    from wizard.investigation.saved import load_saved
    from wizard.report import SUFFIXES, render
    from wizard.report.write import write_report

    case = load_saved(args.case)
    text = render(case, diagnose(case), args.format)
    if args.output is None:
        print_answer(text)
    else:
        path = write_report(text, args.output, SUFFIXES[args.format], args.overwrite)
        remark(f"report written to {path}")
    return exit_codes.DONE
