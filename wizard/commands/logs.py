"""`goneaway-wizard logs PATH...`: what log files say, with no server at all."""

import argparse
import sys
from datetime import UTC, datetime, tzinfo

from wizard.case.case import Window
from wizard.case.window import parse_moment
from wizard.commands import exit_codes
from wizard.commands.log_reports import NamedLog, report_of
from wizard.commands.logs_formats import printed
from wizard.commands.meter import Meter
from wizard.commands.terminal import print_answer
from wizard.health.host_zone import fixed_zone
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host, HostError, NotFound
from wizard.logs.file_report import By, LogFileReport, joined
from wizard.logs.kind import LogKind
from wizard.logs.understood import NotUnderstood
from wizard.safety.errors import UsageError
from wizard.safety.sanitize import sanitize
from wizard.target.flags import TargetParser
from wizard.target.ssh_place import ssh_place

_EVER = datetime(1970, 1, 2, tzinfo=UTC)


def register(subparsers: "argparse._SubParsersAction[TargetParser]") -> None:
    parser = subparsers.add_parser(
        "logs",
        help="what log files say, with no server at all",
        description="Reads log files of a server or an application, without any server.",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", type=str)
    parser.add_argument(
        "--kind", choices=[k.value for k in LogKind] + ["auto"], default="auto",
        help="what the files are (default: find out)",
    )  # fmt: skip
    parser.add_argument(
        "--ssh", metavar="[USER@]HOST[:PORT]", help="the files are of this host, and are read there"
    )
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
    meter = Meter(sys.stderr)
    told: list[LogFileReport] = []
    not_understood: list[str] = []
    try:
        host, zone = _host(args.ssh)
        for path in args.paths:
            try:
                told.append(_told(NamedLog(host, path, window, zone, meter.show), args.kind))
            except NotUnderstood as error:
                meter.clear()
                not_understood.append(sanitize(str(error)))
                continue
            meter.clear()
            for remark in told[-1].remarks:
                print(sanitize(remark), file=sys.stderr)
    except HostError as error:
        meter.clear()
        raise UsageError(sanitize(str(error))) from None
    if not told:
        raise UsageError("; ".join(not_understood))
    for why in not_understood:
        print(why, file=sys.stderr)
    by = By(args.by) if args.by else None
    print_answer(printed(args.format, told, joined(told), by) + "\n")
    return exit_codes.NOT_DONE if not_understood else exit_codes.DONE


def _host(place: str | None) -> tuple[Host, tzinfo | None]:
    """Where the files are, and the zone of its clock if that is not this machine."""
    if place is None:
        return LocalHost(), None
    from wizard.commands.terminal import ask_question, remark
    from wizard.investigation.begin_ssh import reach

    try:
        asked = ssh_place(place)
    except ValueError as error:
        raise UsageError(f"--ssh: {error}") from None
    reached = reach(asked, ask_question(), remark)
    if reached.blind:
        raise UsageError(f"nothing can be read there: {reached.blind}")
    return reached.host, _zone_of(reached.host)


def _zone_of(host: Host) -> tzinfo:
    """By `date +%z`, which every host has: as it is there at this moment."""
    return fixed_zone(host.run(("date", "+%z")).stdout.strip()) or UTC


def _window(since: str | None, until: str | None) -> Window | None:
    """None where neither end is given: the whole file. Raises UsageError."""
    if since is None and until is None:
        return None
    now = datetime.now().astimezone()
    try:
        start = parse_moment(since, now, "--since") if since is not None else _EVER
        end = parse_moment(until, now, "--until") if until is not None else now
    except ValueError as error:
        raise UsageError(str(error)) from None
    if start >= end:
        raise UsageError("the window is empty: give a --since before --until")
    return Window(start, end, asked=True)


def _told(log: NamedLog, kind: str) -> LogFileReport:
    try:
        log.host.stat(log.path)
    except NotFound:
        raise UsageError(sanitize(f"{log.path}: no such file")) from None
    return report_of(log, None if kind == "auto" else LogKind(kind))
