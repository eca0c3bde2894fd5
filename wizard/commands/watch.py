"""`goneaway-wizard watch`: records which session is lost to what, as it happens."""

from __future__ import annotations

import argparse
import errno
import sys
from pathlib import Path

from wizard.commands import exit_codes
from wizard.commands.terminal import (
    ask_password,
    ask_question,
    choose_server,
    print_answer,
    remark,
)
from wizard.investigation.begin import begin_with
from wizard.safety.errors import UsageError
from wizard.safety.sanitize import sanitize
from wizard.target.flags import (
    TargetParser,
    add_target_arguments,
    given_path,
    target_arguments,
)
from wizard.units import parse_duration


def register(subparsers: argparse._SubParsersAction[TargetParser]) -> None:
    parser = subparsers.add_parser(
        "watch",
        help="record which session is lost to what, as it happens",
        description="Looks at the server once a second over one connection, follows its error "
        "log, and prints an event for each session that ends without COM_QUIT, each failed "
        "login, and each outage, with its cause. Changes nothing. Ctrl-C ends it, SIGHUP opens "
        "its files anew. Exit code: 0 the time is over or it was stopped, 2 wrong usage, 3 the "
        "server could not be reached.",
    )
    add_target_arguments(parser)
    parser.add_argument("--for", dest="seconds", type=_duration, metavar="TIME",
                        help="stop after this time, e.g. 10m (default: when stopped)")  # fmt: skip
    parser.add_argument("--format", choices=("text", "json"), default="text",
                        help="json is one event a line (default: text)")  # fmt: skip
    parser.add_argument("--dir", type=given_path, metavar="DIR",
                        help="also keep the events there; check and report find them by "
                        "themselves, open DIR shows them")  # fmt: skip
    parser.add_argument("--metrics", type=given_path, metavar="FILE",
                        help="totals for node_exporter's textfile collector")  # fmt: skip
    parser.add_argument("--exec", dest="command", metavar="CMD",
                        help="run CMD on an event, at most once a minute, with the event as JSON "
                        "on its standard input; no shell reads it, sh -c '...' is one")  # fmt: skip
    parser.add_argument("--print-unit", action="store_true",
                        help="print a systemd unit that runs this command, and end")  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.print_unit:
        return _print_unit(args)
    from wizard.commands.watch_run import Outlets, stopped_by_signals
    from wizard.recorder.watch import watch

    arguments = target_arguments(args)
    for warning in arguments.warnings:
        remark(warning)
    _require_place(args.metrics)
    outlets = Outlets(args.format, args.dir, args.metrics, args.command)
    beginning = begin_with(arguments, ask_password(), remark, choose_server, ask_question())
    investigation = beginning.begin()
    try:
        with stopped_by_signals(args.seconds, outlets.reopen) as stop:
            outlets.begin(investigation)
            for event in watch(investigation, stop, sampled=outlets.sampled):
                outlets.tell(event)
    finally:
        investigation.close()
        outlets.close()
    return exit_codes.DONE


def _require_place(metrics: Path | None) -> None:
    """A place that can never be written is a mistake; a disk that is full for a while is not."""
    if metrics is None:
        return
    try:
        metrics.lstat()
    except OSError as error:
        # What is not there yet is made; a name that is too long for the system never is.
        if error.errno == errno.ENAMETOOLONG:
            told = f"--metrics: {sanitize(str(metrics), 60)} is too long a name; give another"
            raise UsageError(told) from None
    if metrics.is_dir():
        raise UsageError(f"--metrics: {sanitize(str(metrics))} is a directory; name a file in it")
    if metrics.is_symlink() or (metrics.exists() and not metrics.is_file()):
        raise UsageError(
            f"--metrics: {sanitize(str(metrics))} is no regular file; give another name"
        )
    if not metrics.absolute().parent.is_dir():
        raise UsageError(
            f"--metrics: {sanitize(str(metrics))} cannot be written: there is no such directory;"
            " create it first"
        )


def _print_unit(args: argparse.Namespace) -> int:
    from wizard.recorder.unit_file import unit_text

    words = [word for word in sys.argv[1:] if word != "--print-unit"]
    writable = [str(path.absolute()) for path in (args.dir,) if path is not None]
    if args.metrics is not None:
        writable.append(str(args.metrics.absolute().parent))
    print_answer(unit_text(str(Path(sys.argv[0]).absolute()), words, writable, str(Path.cwd())))
    return exit_codes.DONE


def _duration(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
