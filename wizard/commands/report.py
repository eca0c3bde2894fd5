"""`goneaway-wizard report CASE`: a saved case as a report."""

import argparse
import sys
from pathlib import Path
from typing import Any

EXIT_DONE = 0
EXIT_USAGE = 2


def register(subparsers: "argparse._SubParsersAction[Any]") -> None:
    parser = subparsers.add_parser(
        "report", help="a saved case as a report", description="Write a saved case as a report."
    )
    parser.add_argument("case", type=Path, metavar="CASE", help="a case file (*.case.json)")
    parser.add_argument(
        "--format",
        choices=("text", "json", "md", "html", "jira"),
        default="text",
        help="what to write (text)",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write to this file, mode 0600, not to stdout"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace FILE where it exists already"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print or write the report. 0, or 2 with one line on stderr."""
    from wizard.case.case_file import CaseFileError, load
    from wizard.diagnosis.diagnose import diagnose
    from wizard.report import SUFFIXES, render
    from wizard.report.write import write_report
    from wizard.safety.private_file import CannotWriteError

    try:
        case = load(args.case)
        text = render(case, diagnose(case), args.format)
        if args.output is None:
            print_report(text)
        else:
            path = write_report(text, args.output, SUFFIXES[args.format], args.overwrite)
            print(f"goneaway-wizard: report written to {path}", file=sys.stderr)
    except (CaseFileError, CannotWriteError) as error:
        print(f"goneaway-wizard: {error}", file=sys.stderr)
        return EXIT_USAGE
    return EXIT_DONE


def print_report(text: str) -> None:
    """`text` on stdout; what its encoding lacks becomes `?` and is no error (LANG=C)."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
    sys.stdout.flush()
