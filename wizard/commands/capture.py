"""`goneaway-wizard capture general|slow`: a log switched on for a bounded time.

It is put back, and what it held is shown. `capture restore` puts back what an earlier capture could
not.

Exit codes: 0 captured, or shown what would be; 1 not captured; 2 wrong usage; 3 the server could
not be reached; 130 interrupted (the log is put back, and what it held is shown).
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

from wizard import units
from wizard.commands import exit_codes
from wizard.commands.positional import add_words, own_word
from wizard.commands.probe_flags import checked
from wizard.commands.terminal import ask_password, choose_server, print_lines, remark
from wizard.investigation.begin import Beginning, begin_with
from wizard.safety.errors import UsageError
from wizard.server.resting import resting
from wizard.steps.limits import duration, size
from wizard.target.flags import TargetParser, add_target_arguments, target_arguments

if TYPE_CHECKING:
    from wizard.capture.source import CapturedLog
    from wizard.server.pymysql_session import PyMySqlConnector

WORDS = ("general", "slow", "restore")


def register(subparsers: argparse._SubParsersAction[TargetParser]) -> None:
    parser = subparsers.add_parser(
        "capture",
        help="turn the general or slow log on for a bounded time, put it back, show what it held",
        usage="%(prog)s general|slow|restore [TARGET] [--for 30s] [--max 64M] [--dry-run]",
        description="Switches the log on, waits, puts it back as it was whatever happens, and "
        "shows what it held. It says first what it costs and what it will set; --dry-run ends "
        "there.",
    )
    add_words(parser, "LOG", "general, slow, or restore (put back what was left)")
    add_target_arguments(parser)
    add = parser.add_argument_group("capture").add_argument
    add("--for", dest="seconds", type=checked(duration), default=30.0, metavar="TIME",
        help="how long (default 30s)")  # fmt: skip
    add("--max", dest="max_bytes", type=checked(size), default=64 << 20, metavar="SIZE",
        help="how large the log may grow (default 64M)")  # fmt: skip
    add("--long", type=_seconds, metavar="SECONDS",
        help="slow log: log what takes longer (sets long_query_time meanwhile)")  # fmt: skip
    add("--format", choices=("text", "json"), default="text")
    add("--dry-run", action="store_true", help="only show what it costs and what would be set")
    parser.set_defaults(run=lambda args: run(args, own_word(parser, args)))


def run(args: argparse.Namespace, word: str | None) -> int:
    if word not in WORDS:
        raise UsageError(f"say what to capture: {', '.join(WORDS)}")
    if args.long is not None and word != "slow":
        raise UsageError("--long is for the slow log: goneaway-wizard capture slow --long 0.5")
    arguments = target_arguments(args)
    for warning in arguments.warnings:
        remark(warning)
    beginning = begin_with(arguments, ask_password(), remark, choose_server)
    return _restore(beginning) if word == "restore" else _capture(args, word, beginning)


def _restore(beginning: Beginning) -> int:
    from wizard.capture.journal import CaptureJournal, leftovers
    from wizard.capture.leftovers import restore
    from wizard.capture.logging_state import CaptureKind, read_logging_state

    journal = CaptureJournal.default()
    host, _reason = beginning.host()
    session = resting(connector_of(beginning).connect())
    try:
        identity = read_logging_state(session, CaptureKind.GENERAL).identity
        left = leftovers(journal, identity)
        if not left:
            print_lines((f"no capture was left on {beginning.target.label}",))
        for entry in left:
            told = restore(entry, session, journal, host)
            print_lines((f"{entry.id}  {entry.kind} log of {entry.label}: {told}",))
    finally:
        session.close()
    return exit_codes.DONE


def _capture(args: argparse.Namespace, word: str, beginning: Beginning) -> int:
    from wizard.capture.logging_state import CaptureKind
    from wizard.capture.plan import CannotCapture
    from wizard.capture.prepare import SMALLER, Place, Wanted, prepare

    connector = connector_of(beginning)
    host, _reason = beginning.host()
    place = Place(beginning.target, connector, host, beginning.reached is not None)
    wanted = Wanted(CaptureKind(word), int(args.seconds), args.max_bytes, args.long)
    session = resting(connector.connect())
    try:
        prepared = prepare(place, wanted, session, remark)
        for line in prepared.costs:
            remark(line)
        for statement in (*prepared.setup, *prepared.back):
            print(f"    {statement};", file=sys.stderr)
        if args.dry_run:
            return exit_codes.DONE
        if prepared.no_room:
            by = " (--max)" if prepared.no_room.endswith(SMALLER) else ""
            raise CannotCapture(f"{prepared.no_room}{by}")
        return _record(args, prepared.open(session), session.info.connection_id)
    finally:
        session.close()


def connector_of(beginning: Beginning) -> PyMySqlConnector:
    from wizard.server.pymysql_session import PyMySqlConnector

    if beginning.reached is not None:
        return beginning.reached.connector(beginning.target)
    return PyMySqlConnector(beginning.target)


def _record(args: argparse.Namespace, recording: CapturedLog, ours: int) -> int:
    from wizard.capture.answer import Answer, answer_of
    from wizard.capture.people import connected, connected_at_start
    from wizard.commands.answer_lines import answer_lines

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    interrupted = False
    try:
        recording.begin()
        began = datetime.now().astimezone()
        before = connected_at_start(recording.session, (ours,))
        interrupted = _wait(recording)
        how = recording.end()
        remark(f"{recording.ended_by}: {how}")
        after = connected(recording.session(), (ours,))
        answer: Answer = answer_of(recording, before, after, began, how)
    finally:
        recording.close()
    if args.format == "json":
        import json

        json.dump(answer.as_json(), sys.stdout, indent=1)
        print()
    else:
        print_lines(answer_lines(answer))
    return exit_codes.INTERRUPTED if interrupted else exit_codes.DONE


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _wait(recording: CapturedLog) -> bool:
    """Until the capture ends; whether the operator ended it."""
    try:
        for line in _bars(recording):
            if sys.stderr.isatty():
                print(f"\r{line}\033[K", end="", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        recording.ended_by = "interrupted"
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    return recording.ended_by == "interrupted"


def _bars(recording: CapturedLog) -> Iterator[str]:
    for progress in recording.progress():
        share = min(1.0, progress.seconds / recording.seconds)
        bar = "#" * int(share * 20)
        yield (
            f"{recording.kind} log is on [{bar:<20}] {progress.seconds:.0f} of "
            f"{units.duration(recording.seconds)}, "
            f"{units.size(progress.size)} of {units.size(recording.max_bytes)}; Ctrl-C ends it"
        )


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 3600:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is no time: give 0 to 3600 seconds")
    return value
