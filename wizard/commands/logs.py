"""`goneaway-wizard logs PATH...`: what log files say, with no server at all."""

import argparse
import json
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wizard.case.case import Window
from wizard.case.window import parse_moment
from wizard.commands import exit_codes
from wizard.commands.terminal import print_lines
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import HostError
from wizard.logs.engine.rotated import unpack_of
from wizard.logs.kind import LogKind, kind_of
from wizard.safety.errors import UsageError
from wizard.safety.sanitize import sanitize
from wizard.target.flags import TargetParser

EXAMPLES = 3

_HEAD = 1 << 16
"""Bytes by which a file's kind is told."""

_EVER = datetime(1970, 1, 2, tzinfo=UTC)


@dataclass(slots=True)
class Met:
    """How often one signature was met, over all files."""

    count: int
    first: datetime | None
    last: datetime | None
    examples: list[str]


@dataclass(frozen=True, slots=True)
class FileTold:
    """What one file said; `signatures` by id."""

    path: str
    kind: LogKind
    bytes_scanned: int
    first: datetime | None
    last: datetime | None
    seconds: float
    signatures: dict[str, Met]


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
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    window = _window(args.since, args.until)
    told: list[FileTold] = []
    for path in args.paths:
        try:
            told.append(_told(path, args.kind, window))
        except HostError as error:
            raise UsageError(sanitize(str(error))) from None
    met = _joined(told)
    if args.format == "json":
        json.dump(_answer(told, met), sys.stdout, indent=1)
        print()
    else:
        print_lines(_text(told, met))
    return exit_codes.DONE


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


def _told(path: Path, asked: str, window: Window | None) -> FileTold:
    if not path.exists():
        raise UsageError(f"{path}: no such file")
    began = time.monotonic()
    kind = kind_of(_head(path)) if asked == "auto" else LogKind(asked)
    match kind:
        case LogKind.ERROR:
            return _error_log(path, window, began)
        case LogKind.APP:
            return _application_log(path, window, began)
        case _:
            wrong = "; name the kind with --kind if that is wrong" if asked == "auto" else ""
            raise UsageError(
                f"{path} is a {kind} log, which is not read yet: only error and application "
                f"logs{wrong}"
            )


def _head(path: Path) -> bytes:
    host, unpack = LocalHost(), unpack_of(path.name)
    if unpack:
        return host.read_unpacked(path, unpack, 0, _HEAD)
    return host.read(path, 0, _HEAD)


def _error_log(path: Path, window: Window | None, began: float) -> FileTold:
    from wizard.logs.engine.open_log import open_log
    from wizard.logs.engine.packed_log import PackedLog
    from wizard.logs.error.life_tally import life_tallies
    from wizard.logs.error.lifecycle import lifecycle
    from wizard.logs.error.line import error_clock
    from wizard.logs.error.reading import read_one_file
    from wizard.logs.error.scan import scan

    host = LocalHost()
    if window is None:
        log = open_log(host, str(path), error_clock())
        found = scan(log.blocks(0, log.size, 1))
        life = lifecycle(found.marks, found.served)
        lost = log.remark if isinstance(log, PackedLog) else ""
        remarks = tuple(filter(None, (lost,)))
    else:
        reading = read_one_file(host, str(path), window)
        found, life = reading.scan, reading.life
        remarks = (*reading.cuts, *reading.remarks)
    for remark in remarks:
        print(sanitize(remark), file=sys.stderr)
    met = {t.signature.id: Met(t.count, t.first, t.last, list(t.examples)) for t in found.tallies}
    for told in life_tallies(life, window):
        met[told.id] = Met(told.count, told.first, told.last, list(told.examples))
    return FileTold(
        sanitize(str(path)), LogKind.ERROR, found.bytes_scanned, found.first, found.last,
        time.monotonic() - began, met,
    )  # fmt: skip


def _application_log(path: Path, window: Window | None, began: float) -> FileTold:
    from wizard.logs.application.read import scan_application_log

    found = scan_application_log(path, window)
    met: dict[str, Met] = {}
    for failure in found.failures:
        at = met.setdefault(failure.signal, Met(0, failure.at, None, []))
        at.last = failure.at or at.last
        if len(at.examples) < EXAMPLES:
            at.examples.append(failure.text)
    for signal, count in found.counts.items():
        met.setdefault(signal, Met(0, None, None, [])).count = count
    return FileTold(
        sanitize(str(path)), LogKind.APP, found.bytes_scanned, found.first, found.last,
        time.monotonic() - began, met,
    )  # fmt: skip


def _joined(told: Iterable[FileTold]) -> dict[str, Met]:
    """All files together, the most frequent signature first."""
    joined: dict[str, Met] = {}
    for file in told:
        for name, met in file.signatures.items():
            known = joined.get(name)
            if known is None:
                joined[name] = Met(met.count, met.first, met.last, met.examples[:EXAMPLES])
                continue
            known.count += met.count
            known.first = min((t for t in (known.first, met.first) if t), default=None)
            known.last = max((t for t in (known.last, met.last) if t), default=None)
            known.examples = (known.examples + met.examples)[:EXAMPLES]
    return dict(sorted(joined.items(), key=lambda item: -item[1].count))


def _answer(told: Iterable[FileTold], met: dict[str, Met]) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "files": [
            {
                "path": f.path,
                "kind": f.kind.value,
                "bytes_scanned": f.bytes_scanned,
                "first": _iso(f.first),
                "last": _iso(f.last),
                "seconds": round(f.seconds, 3),
            }
            for f in told
        ],
        "signatures": [
            {
                "id": name,
                "count": m.count,
                "first": _iso(m.first),
                "last": _iso(m.last),
                "examples": m.examples,
            }
            for name, m in met.items()
        ],
    }


def _text(told: Iterable[FileTold], met: dict[str, Met]) -> Iterable[str]:
    for f in told:
        span = f"{_iso(f.first) or '?'} to {_iso(f.last) or '?'}"
        yield f"{f.path}: {f.kind} log, {f.bytes_scanned} bytes read in {f.seconds:.2f} s, {span}"
    if not met:
        yield "nothing of interest"
    for name, m in met.items():
        yield ""
        yield f"{m.count:>7} × {name}   first {_iso(m.first) or '?'}   last {_iso(m.last) or '?'}"
        for example in m.examples[:1]:
            yield f"          {example}"


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
