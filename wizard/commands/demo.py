"""`goneaway-wizard demo [FAULT]`: a real fault on a private server, for the wizard to find."""

import argparse
import sys
from datetime import datetime, timedelta
from pathlib import Path

from wizard.case.case import Case, Window
from wizard.commands import exit_codes
from wizard.commands.check import deliver, investigate, progress_line
from wizard.commands.endings import unwinding_on_signals
from wizard.commands.front import Front
from wizard.commands.terminal import remark
from wizard.demo.binaries import NoServerInstalled, find_server
from wizard.demo.faults import Fault, Staged, server_settings, stage
from wizard.demo.private_server import PrivateServer
from wizard.demo.recorded import recorded_case
from wizard.diagnosis.diagnose import diagnose
from wizard.diagnosis.model import Diagnosis
from wizard.investigation.begin import Beginning
from wizard.report import FORMATS, render
from wizard.target.flags import TargetParser, given_path

_BEFORE = timedelta(minutes=1)


def register(subparsers: "argparse._SubParsersAction[TargetParser]") -> None:
    parser = subparsers.add_parser(
        "demo",
        help="a real fault on a private server, found by the wizard",
        description="Starts a private MariaDB or MySQL server on 127.0.0.1, lets an application "
        "run into a fault on it, and opens the wizard on the two. Everything is removed "
        "afterwards. Where no server is installed, a recorded case is shown. "
        "Exit code without a terminal: 0 the cause was found, 1 it was not.",
    )
    parser.add_argument(
        "fault",
        nargs="?",
        choices=[str(fault) for fault in Fault],
        default=str(Fault.IDLE),
        metavar="FAULT",
        help=f"{', '.join(Fault)} (default: {Fault.IDLE})",
    )
    parser.add_argument("--headless", action="store_true", help="print the report, show no screen")
    parser.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    parser.add_argument("--save-case", type=given_path, metavar="FILE", help="also keep the case")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    fault = Fault(args.fault)
    front: Front | None = None if args.headless or not _on_terminal() else args.front
    try:
        with unwinding_on_signals():
            return _real(fault, front, args.format, args.save_case)
    except NoServerInstalled as reason:
        remark(f"{reason}; showing a recorded case of the same fault instead")
        return _recorded(fault, front, args.format)


def _on_terminal() -> bool:
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def _real(fault: Fault, front: Front | None, style: str, save_case: Path | None) -> int:
    binary = find_server()
    began = datetime.now().astimezone()
    remark(f"starting a private server ({binary.path}); it is removed afterwards")
    with PrivateServer(binary, server_settings(fault)) as server:
        staged = stage(fault, server, remark)
        window = Window(began - _BEFORE, datetime.now().astimezone(), asked=True, open=True)
        beginning = Beginning(staged.target, staged.sources, window)
        if front is not None:
            return front.live(beginning)
        remark("looking for the cause")
        answer = investigate(beginning, progress_line())
        case, diagnosis = answer.case, answer.diagnosis
        if save_case is not None:
            from wizard.case.case_file import save

            remark(f"case saved in {save(case, save_case)}")
        deliver(render(case, diagnosis, style), None)
        return _judge(diagnosis, staged)


def _judge(diagnosis: Diagnosis, staged: Staged) -> int:
    if any(finding.cause == staged.expected_cause for finding in diagnosis.accused):
        return exit_codes.DONE
    remark(f"the cause was {staged.expected_cause} ({staged.story}), which was not found")
    return exit_codes.NOT_DONE


def _recorded(fault: Fault, front: Front | None, style: str) -> int:
    case: Case = recorded_case(fault)
    if front is not None:
        return front.saved(case, f"recorded case: {fault}")
    deliver(render(case, diagnose(case), style), None)
    return exit_codes.DONE
