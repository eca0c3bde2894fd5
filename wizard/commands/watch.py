"""`goneaway-wizard watch`: records which session is lost to what, as it happens."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from wizard.commands import exit_codes
from wizard.commands.terminal import (
    ask_password,
    ask_question,
    choose_server,
    print_lines,
    remark,
)
from wizard.investigation.begin import begin_with
from wizard.target.flags import TargetParser, add_target_arguments, target_arguments
from wizard.units import parse_duration

if TYPE_CHECKING:
    from wizard.recorder.event import RecorderEvent
    from wizard.recorder.recording import Recording
    from wizard.recorder.sample import Sample


def register(subparsers: argparse._SubParsersAction[TargetParser]) -> None:
    parser = subparsers.add_parser(
        "watch",
        help="record which session is lost to what, as it happens",
        description="Looks at the server once a second over one connection, follows its error "
        "log, and prints an event for each session that ends without COM_QUIT, each failed "
        "login, and each outage, with its cause. Changes nothing. Ctrl-C ends it. Exit code: "
        "0 the time is over or it was stopped, 2 wrong usage, 3 the server could not be reached.",
    )
    add_target_arguments(parser)
    parser.add_argument("--for", dest="seconds", type=_duration, metavar="TIME",
                        help="stop after this time, e.g. 10m (default: when stopped)")  # fmt: skip
    parser.add_argument("--format", choices=("text", "json"), default="text",
                        help="json is one event a line (default: text)")  # fmt: skip
    parser.add_argument("--dir", type=Path, metavar="DIR", help="also keep the events there")
    parser.add_argument("--metrics", type=Path, metavar="FILE",
                        help="totals for node_exporter's textfile collector")  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from wizard.recorder.event import as_json, as_text
    from wizard.recorder.metrics import Totals, write_metrics
    from wizard.recorder.recording import Recording
    from wizard.recorder.watch import watch

    arguments = target_arguments(args)
    for warning in arguments.warnings:
        remark(warning)
    beginning = begin_with(arguments, ask_password(), remark, choose_server, ask_question())
    recording = Recording(args.dir) if args.dir is not None else None
    totals = Totals()
    tell = as_json if args.format == "json" else as_text

    def sampled(sample: Sample) -> None:
        totals.add_sample(sample)
        if args.metrics is not None:
            write_metrics(args.metrics, totals)

    with _stopped_by_signals(args.seconds) as stop:
        for event in watch(beginning.begin(), stop, sampled=sampled):
            print_lines((tell(event),))
            totals.add_event(event)
            if recording is not None:
                _keep(recording, event)
    return exit_codes.DONE


def _keep(recording: Recording, event: RecorderEvent) -> None:
    """Add the event; where that fails for the first time, say that the recording has ended."""
    failed_before = recording.failed
    recording.add(event)
    if recording.failed and not failed_before:
        remark(f"the recording has ended: {recording.failed}")


def _duration(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


@contextmanager
def _stopped_by_signals(seconds: float | None) -> Iterator[threading.Event]:
    """An event that SIGINT, SIGTERM and the end of the time set.

    So the session is left with COM_QUIT.
    """
    stop = threading.Event()

    def leave(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, leave) for number in (signal.SIGINT, signal.SIGTERM)}
    timer = threading.Timer(seconds, stop.set) if seconds is not None else None
    if timer is not None:
        timer.daemon = True
        timer.start()
    try:
        yield stop
    finally:
        if timer is not None:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
