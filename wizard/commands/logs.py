"""`goneaway-wizard logs PATH...`: what log files say, with no server at all."""

import argparse
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from wizard.case.case import Window
from wizard.case.evidence import Evidence
from wizard.case.window import parse_moment
from wizard.commands.logs_formats import printed
from wizard.commands.meter import Meter
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import HostError
from wizard.logs.engine.rotated import unpack_of
from wizard.logs.file_report import EXAMPLES, By, LogFileReport, Met, joined
from wizard.logs.kind import LogKind, kind_of
from wizard.safety.errors import UsageError
from wizard.safety.sanitize import sanitize
from wizard.target.flags import TargetParser

_HEAD = 1 << 16
"""Bytes by which a file's kind is told."""

_EVER = datetime(1970, 1, 2, tzinfo=UTC)


def register(subparsers: "argparse._SubParsersAction[TargetParser]") -> None:
    parser = subparsers.add_parser(
        "logs",
        help="what log files say, with no server at all",
        description="Reads log files of a server or an application, without any server.",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", type=Path)
    parser.add_argument(
        "--kind", choices=[k.value for k in LogKind] + ["auto"], default="auto",
        help="what the files are (default: find out)",
    )  # fmt: skip
    parser.add_argument("--since", metavar="2h|ISO", help="leave out what is older")
    parser.add_argument("--until", metavar="ISO", help="leave out what is newer")
    parser.add_argument(
        "--by", choices=[by.value for by in By],
        help="a table: how many lines of each account, host, reason or minute",
    )  # fmt: skip
    parser.add_argument("--format", choices=("text", "json", "csv"), default="text")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    window = _window(args.since, args.until)
    told: list[LogFileReport] = []
    for path in args.paths:
        try:
            told.append(_told(path, args.kind, window))
        except HostError as error:
            raise UsageError(sanitize(str(error))) from None
    by = By(args.by) if args.by else None
    print(printed(args.format, told, joined(told), by))
    return 0


def _window(since: str | None, until: str | None) -> Window | None:
    """None where neither end is given: the whole file. Raises UsageError."""
    if since is None and until is None:
        return None
    now = datetime.now().astimezone()
    try:
        start = parse_moment(since, now, "--since") if since else _EVER
        end = parse_moment(until, now, "--until") if until else now
    except ValueError as error:
        raise UsageError(str(error)) from None
    if start >= end:
        raise UsageError("the window is empty: give a --since before --until")
    return Window(start, end, asked=True)


def _told(path: Path, asked: str, window: Window | None) -> LogFileReport:
    if not path.exists():
        raise UsageError(f"{path}: no such file")
    began = time.monotonic()
    kind = kind_of(_head(path)) if asked == "auto" else LogKind(asked)
    match kind:
        case LogKind.ERROR:
            return _error_log(path, window, began)
        case LogKind.APP:
            return _application_log(path, window, began)
        case LogKind.GENERAL:
            return _general_log(path, window, began)
        case LogKind.SLOW:
            return _slow_log(path, window, began)


def _head(path: Path) -> bytes:
    host, unpack = LocalHost(), unpack_of(path.name)
    if unpack:
        return host.read_unpacked(path, unpack, 0, _HEAD)
    return host.read(path, 0, _HEAD)


def _error_log(path: Path, window: Window | None, began: float) -> LogFileReport:
    from wizard.logs.engine.open_log import open_log
    from wizard.logs.engine.packed_log import PackedLog
    from wizard.logs.error.clock_steps import step_remarks
    from wizard.logs.error.in_place import read_one_file
    from wizard.logs.error.life_tally import life_tallies
    from wizard.logs.error.lifecycle import lifecycle
    from wizard.logs.error.line import error_clock
    from wizard.logs.error.two_halves import scan_part

    host, meter = LocalHost(), Meter(sys.stderr)
    if window is None:
        log = open_log(host, str(path), error_clock())
        found = scan_part(log, 0, log.size, say=meter.show)
        life = lifecycle(found.marks, found.served)
        lost = log.remark if isinstance(log, PackedLog) else ""
        remarks = (*filter(None, (lost,)), *step_remarks(found.steps))
    else:
        reading = read_one_file(host, str(path), window, say=meter.show)
        found, life = reading.scan, reading.life
        remarks = (*reading.cuts, *reading.remarks)
    meter.clear()
    for remark in remarks:
        print(sanitize(remark), file=sys.stderr)
    met = {
        t.signature.id: Met(
            t.count, t.first, t.last, list(t.examples), [sanitize(str(p)) for p in t.places],
            t.minutes, t.accounts,
        )
        for t in found.tallies
    }  # fmt: skip
    for told in life_tallies(life, window):
        met[told.id] = Met(told.count, told.first, told.last, list(told.examples))
    return LogFileReport(
        sanitize(str(path)), LogKind.ERROR, found.bytes_scanned, found.first, found.last,
        time.monotonic() - began, met,
    )  # fmt: skip


def _application_log(path: Path, window: Window | None, began: float) -> LogFileReport:
    from wizard.logs.application.read import scan_application_log

    meter = Meter(sys.stderr)
    found = scan_application_log(path, window, say=meter.show)
    meter.clear()
    if found.truncated:
        print(sanitize(f"{path}: {found.truncated}"), file=sys.stderr)
    met: dict[str, Met] = {}
    for failure in found.failures:
        at = met.setdefault(failure.signal, Met(0, failure.at, None, []))
        at.last = failure.at or at.last
        if failure.at is not None:
            at.minutes.add(int(failure.at.timestamp()) // 60 * 60)
        if len(at.examples) < EXAMPLES:
            at.examples.append(failure.text)
    for signal, count in found.counts.items():
        met.setdefault(signal, Met(0, None, None, [])).count = count
    return LogFileReport(
        sanitize(str(path)), LogKind.APP, found.bytes_scanned, found.first, found.last,
        time.monotonic() - began, met,
    )  # fmt: skip


def _general_log(path: Path, window: Window | None, began: float) -> LogFileReport:
    from wizard.logs.general.limits import GeneralLimits
    from wizard.logs.general.patterns import patterns
    from wizard.logs.general.read import read_general_log
    from wizard.logs.general.tables import tables

    meter = Meter(sys.stderr)
    reading = read_general_log(LocalHost(), str(path), window, own_zone(), say=meter.show)
    meter.clear()
    for cut in reading.cuts:
        print(sanitize(cut), file=sys.stderr)
    work, limits = reading.work, GeneralLimits()
    size, met = _general_sessions(path, window)
    return LogFileReport(
        sanitize(str(path)), LogKind.GENERAL, size, work.first, work.last,
        time.monotonic() - began, {**met, **_met(patterns(work, limits, str(path)))},
        tables(work, limits),
    )  # fmt: skip


def _general_sessions(path: Path, window: Window | None) -> tuple[int, dict[str, Met]]:
    """The bytes of the window, and over all of them who connected, quit, and never quit."""
    from wizard.logs.engine.open_log import open_log
    from wizard.logs.engine.progress import Progress, watched
    from wizard.logs.engine.stamps import general_clock
    from wizard.logs.engine.tally import Names
    from wizard.logs.general.never_quit import read_sessions

    clock, meter = general_clock(), Meter(sys.stderr)
    log = open_log(LocalHost(), str(path), clock)
    begin, end = (0, log.size) if window is None else map(log.seek, (window.since, window.until))
    blocks = watched(log.blocks(begin, end), Progress(end - begin), meter.show)
    told = read_sessions(blocks, clock)
    meter.clear()
    counts = {
        "never-quit": Met(told.never_quit, None, None, told.examples, accounts=told.accounts()),
        "connect": Met(told.connected, told.first, told.last, []),
        "quit": Met(told.quits, told.first, told.last, []),
        "connect-refused": Met(told.refused, told.first, told.last, [], accounts=Names()),
    }
    return told.size, {name: met for name, met in counts.items() if met.count}


def _slow_log(path: Path, window: Window | None, began: float) -> LogFileReport:
    from wizard.logs.slow.patterns import patterns
    from wizard.logs.slow.read import read_slow_log
    from wizard.logs.slow.tables import tables
    from wizard.server.statement_limits import SlowLimits

    meter = Meter(sys.stderr)
    reading = read_slow_log(LocalHost(), str(path), window, own_zone(), say=meter.show)
    meter.clear()
    for cut in reading.cuts:
        print(sanitize(cut), file=sys.stderr)
    found, limits = reading.digest, SlowLimits()
    return LogFileReport(
        sanitize(str(path)), LogKind.SLOW, reading.bytes_read, found.first, found.last,
        time.monotonic() - began, _met(patterns(found, limits, (), str(path))),
        tables(found, limits),
    )  # fmt: skip


def own_zone() -> tzinfo:
    """This machine's: in a file without any server, times without a zone are taken for it."""
    return datetime.now().astimezone().tzinfo or UTC


def _met(found: Iterable[Evidence]) -> dict[str, Met]:
    return {e.signal: Met(e.count, e.first, e.last, [e.excerpt or e.text]) for e in found}
