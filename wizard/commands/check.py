"""`goneaway-wizard check`: all passive steps, then the diagnosis, without a screen."""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wizard.case.case import Case
from wizard.case.evidence import StepStatus
from wizard.commands import exit_codes
from wizard.commands.probe_flags import ProbeRequest, add_probe_arguments, asked
from wizard.commands.terminal import ask_password, ask_question, choose_server, print_answer, remark
from wizard.diagnosis.model import Diagnosis
from wizard.investigation.begin import Beginning, begin_with
from wizard.report import FORMATS, render
from wizard.safety.private_file import CannotWriteError, require_new
from wizard.steps import names
from wizard.target.flags import (
    TargetParser,
    add_target_arguments,
    given_path,
    target_arguments,
)
from wizard.target.model import Sources

TELLING = ("symptom", "error-log", "health", "diagnosis")
"""Steps whose evidence comes from a log."""

NONE = ProbeRequest()


def register(subparsers: "argparse._SubParsersAction[TargetParser]") -> None:
    parser = subparsers.add_parser(
        "check",
        help="look at everything and print the answer",
        description="Runs all passive steps and the probes that are named, changes nothing, and "
        "prints the diagnosis. "
        "Exit code: 0 nothing found, 1 a cause is confirmed or likely, 2 wrong usage, or nothing "
        "found and a log that was named is none, "
        "3 the server could not be reached and no log told why, 70 something in the wizard "
        "itself failed and the rest stands, 130 interrupted.",
    )
    add_target_arguments(parser)
    add_probe_arguments(parser)
    parser.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    parser.add_argument(
        "--output", type=given_path, metavar="FILE", help="write it there, mode 0600"
    )
    parser.add_argument("--save-case", type=given_path, metavar="FILE", help="also keep the case")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    arguments = target_arguments(args)
    for warning in arguments.warnings:
        remark(warning)
    for named in (args.output, args.save_case):
        require_free(named)
    beginning = begin_with(arguments, ask_password(), remark, choose_server, ask_question())
    wanted = asked(args)
    for probe in wanted.probes():
        remark(f"{probe.id}: {probe.opens(wanted.limits)}")
    answer = investigate(beginning, progress_line(), wanted)
    case, diagnosis = answer.case, answer.diagnosis
    for defect in answer.defects:
        remark(defect)
    deliver(render(case, diagnosis, args.format), args.output)
    if args.save_case is not None:
        from wizard.case.case_file import save

        remark(f"case saved in {save(case, args.save_case)}")
    for reason in not_read(case, beginning.sources):
        remark(reason)
    if answer.defects:
        return exit_codes.INTERNAL
    return exit_code(case, diagnosis, beginning.sources)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found; `defects` are what failed in the wizard itself, one line each."""

    case: Case
    diagnosis: Diagnosis
    defects: tuple[str, ...] = ()


def investigate(
    beginning: Beginning,
    listen: Callable[[Any], None] = lambda _event: None,
    wanted: ProbeRequest = NONE,
) -> Answer:
    """Run every passive step and the probes that are wanted. The server is left with COM_QUIT
    also when interrupted."""
    from wizard.steps.order import STEPS

    investigation = beginning.begin(listen)
    investigation.use_limits(wanted.limits)
    try:
        diagnosis = investigation.run((*STEPS, *(probe.step for probe in wanted.probes())))
    finally:
        investigation.close()
    return Answer(investigation.case, diagnosis, investigation.defects)


def require_free(path: Path | None) -> None:
    """Say before anything is looked at that the answer could not be kept there. Raises
    CannotWriteError."""
    if path is not None:
        require_new(path)


def deliver(text: str, output: Path | None) -> None:
    """To the file, or to stdout where none is named or the file cannot be written.

    What was asked of a server that may be another by now is not lost. Raises CannotWriteError.
    """
    if output is None:
        print_answer(text)
        return
    from wizard.report.write import write_report

    try:
        written = write_report(text, output)
    except CannotWriteError:
        print_answer(text)
        raise
    remark(f"written to {written}")


def progress_line() -> Callable[[Any], None]:
    """Narration on a terminal's stderr; silence elsewhere."""
    if not sys.stderr.isatty():
        return lambda _event: None
    from wizard.investigation.run import StepProgress

    def listen(event: Any) -> None:
        if isinstance(event, StepProgress):
            remark(f"{event.step}: {event.text}")

    return listen


def exit_code(case: Case, diagnosis: Diagnosis, named: Sources) -> int:
    """The contract of `check`. That the server cannot be reached is no explanation by itself.

    A log that was named and is none was not looked at: that nothing was found means nothing then.
    """
    if case.target.reachable is not True and not _told_why(diagnosis):
        return exit_codes.UNREACHABLE
    if diagnosis.accused:
        return exit_codes.CAUSE_FOUND
    connection = case.step(names.CONNECTION.id)
    if connection is not None and connection.status is StepStatus.FAILED:
        return exit_codes.UNREACHABLE  # it answers, but nobody was let in to look
    return exit_codes.USAGE if any(not_read(case, named)) else exit_codes.DONE


def not_read(case: Case, named: Sources) -> Iterator[str]:
    """Why logs that were named tell nothing."""
    logs = (
        (names.SYMPTOM, named.app_logs),
        (names.ERROR_LOG, named.error_log),
        (names.GENERAL_LOG, named.general_log),
        (names.SLOW_LOG, named.slow_log),
    )
    for step, log in logs:
        result = case.step(step.id) if log else None
        if result is not None and result.reason:
            yield result.reason


def _told_why(diagnosis: Diagnosis) -> bool:
    """Whether a log says why the server is gone; a failing connect and refused clients do not."""
    return any(
        reason.signal == "derived.stopped"
        if finding.cause == "server-unreachable"
        else reason.step in TELLING
        for finding in diagnosis.accused
        for reason in finding.supports
    )
