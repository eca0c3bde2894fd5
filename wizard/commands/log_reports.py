"""What one log file says, by its kind: here, or on the host where it lies.

Each kind's reader is imported when it is needed: a command is to begin at once.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from wizard.case.case import Window
from wizard.case.evidence import Evidence, Occurrence
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host
from wizard.logs.engine.tally import OTHERS
from wizard.logs.file_report import EXAMPLES, LogFileReport, Met
from wizard.logs.kind import LogKind, kind_of
from wizard.logs.source.ask import read_at_source
from wizard.logs.understood import (
    NotUnderstood,
    head_of,
    require_application_log,
    require_no_table,
    why_not,
)
from wizard.safety.sanitize import sanitize


@dataclass(frozen=True, slots=True)
class NamedLog:
    """A file of a host. `zone` is that host's, None where it is this machine; `say` is told how
    far a long reading is."""

    host: Host
    path: str
    window: Window | None
    zone: tzinfo | None
    say: Callable[[str], None]

    @property
    def known_zone(self) -> tzinfo:
        """In a file without any server, times without a zone are taken for the machine's."""
        return self.zone or datetime.now().astimezone().tzinfo or UTC


def report_of(log: NamedLog, kind: LogKind | None) -> LogFileReport:
    """Without a kind it is found out. Raises HostError, NotUnderstood where it is no such log."""
    if kind is None:
        head = head_of(log.host, log.path)
        require_no_table(log.path, head)
        kind = kind_of(head)
    return _READERS[kind](log, time.monotonic())


def _require(is_understood: bool, log: NamedLog, kind: LogKind, cuts: Sequence[str]) -> None:
    """Raises NotUnderstood where the file is no log of this kind."""
    if not is_understood:
        why = why_not(log.path, kind, head_of(log.host, log.path))
        raise NotUnderstood("; ".join((why, *cuts)))


def _error_log(log: NamedLog, began: float) -> LogFileReport:
    from wizard.logs.error.in_place import read_one_file
    from wizard.logs.error.life_tally import life_tallies

    reading = read_at_source(
        read_one_file, log.host, log.path, log.window, log.zone, say=log.say
    )  # fmt: skip
    found = reading.scan
    _require(reading.understood, log, LogKind.ERROR, reading.cuts)
    met = {
        t.signature.id: Met(
            t.count, t.first, t.last, list(t.examples), [sanitize(str(p)) for p in t.places],
            t.minutes, t.accounts,
        )
        for t in found.tallies
    }  # fmt: skip
    for told in life_tallies(reading.life, log.window):
        met[told.id] = Met(told.count, told.first, told.last, list(told.examples))
    return LogFileReport(
        sanitize(log.path), LogKind.ERROR, found.bytes_scanned, found.first, found.last,
        time.monotonic() - began, met, remarks=(*reading.cuts, *reading.remarks),
    )  # fmt: skip


def _application_log(log: NamedLog, began: float) -> LogFileReport:
    from wizard.logs.application.read import scan_application_log, scan_where_it_lies

    if isinstance(log.host, LocalHost):
        found = scan_application_log(Path(log.path), log.window, say=log.say)
    else:
        found = read_at_source(
            scan_where_it_lies, log.host, log.path, log.window, log.zone, say=log.say
        )
    require_application_log(log.host, log.path, found)
    met: dict[str, Met] = {}
    for failure in found.failures:
        at = met.setdefault(failure.signal, Met(0, failure.at, None, []))
        at.last = failure.at or at.last
        if failure.at is not None:
            at.minutes.add(_minute(failure.at))
        if len(at.examples) < EXAMPLES:
            at.examples.append(failure.text)
    for signal, count in found.counts.items():
        met.setdefault(signal, Met(0, None, None, [])).count = count
    return LogFileReport(
        sanitize(log.path), LogKind.APP, found.bytes_scanned, found.first, found.last,
        time.monotonic() - began, met,
        remarks=(f"{log.path}: {found.truncated}",) if found.truncated else (),
    )  # fmt: skip


def _general_log(log: NamedLog, began: float) -> LogFileReport:
    from wizard.logs.general.limits import GeneralLimits
    from wizard.logs.general.patterns import patterns
    from wizard.logs.general.read import read_general_log
    from wizard.logs.general.tables import tables

    reading = read_at_source(
        read_general_log, log.host, log.path, log.window, log.known_zone, say=log.say
    )
    _require(reading.understood, log, LogKind.GENERAL, reading.cuts)
    work, told, limits = reading.work, reading.connects, GeneralLimits()
    counts = {
        "never-quit": Met(told.never_quit, None, None, list(told.examples), accounts=told.accounts),
        "connect": Met(told.connected, told.first, told.last, [], accounts=told.connected_by),
        "quit": Met(told.quits, told.first, told.last, []),
        "connect-refused": Met(told.refused, told.first, told.last, []),
    }
    met = {name: met for name, met in counts.items() if met.count}
    return LogFileReport(
        sanitize(log.path), LogKind.GENERAL, told.size, work.first, work.last,
        time.monotonic() - began, {**met, **_met(patterns(work, limits, log.path))},
        tables(work, limits), (*reading.remarks, *reading.cuts),
    )  # fmt: skip


def _slow_log(log: NamedLog, began: float) -> LogFileReport:
    from wizard.logs.slow.patterns import patterns
    from wizard.logs.slow.read import read_slow_log
    from wizard.logs.slow.tables import tables
    from wizard.server.statement_limits import SlowLimits

    reading = read_at_source(
        read_slow_log, log.host, log.path, log.window, log.known_zone, say=log.say
    )
    _require(reading.understood, log, LogKind.SLOW, reading.cuts)
    found, limits = reading.digest, SlowLimits()
    return LogFileReport(
        sanitize(log.path), LogKind.SLOW, reading.bytes_read, found.first, found.last,
        time.monotonic() - began, _met(patterns(found, limits, (), log.path)),
        tables(found, limits), (*reading.remarks, *reading.cuts),
    )  # fmt: skip


_READERS = {
    LogKind.ERROR: _error_log,
    LogKind.APP: _application_log,
    LogKind.GENERAL: _general_log,
    LogKind.SLOW: _slow_log,
}


def _met(found: Iterable[Evidence]) -> dict[str, Met]:
    """By signal, of which a pattern may be met in several accounts."""
    together: dict[str, Met] = {}
    for evidence in found:
        met = together.setdefault(evidence.signal, Met(0, None, None, []))
        met.count += evidence.count
        met.first = min((t for t in (met.first, evidence.first) if t), default=None)
        met.last = max((t for t in (met.last, evidence.last) if t), default=None)
        met.examples = [*met.examples, evidence.excerpt or evidence.text][:EXAMPLES]
        _count(met, evidence.occurrences)
        rest = evidence.count - len(evidence.occurrences)
        if rest > 0 and evidence.occurrences:
            met.accounts.add(OTHERS, rest)
    return together


def _count(met: Met, occurrences: Iterable[Occurrence]) -> None:
    for one in occurrences:
        if one.at is not None:
            met.minutes.add(_minute(one.at))
        if one.account:
            user, at, host = one.account.rpartition("@")
            met.accounts.add(f"'{user}'@'{host}'" if at else one.account)


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // 60 * 60
