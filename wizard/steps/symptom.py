"""The symptom step: what did the application say?

Reads the pasted text and the application's logs. Facts: `failures` (how many), `first_failure`
and `last_failure` (ISO 8601), `drivers` (their names, comma-separated), `max_size` (bytes),
`max_idle_seconds` and `min_idle_seconds`, `log_from` and `log_to` (ISO 8601, the time that the
application's log covers), `log_written` (when the file with the last of these lines was), `lines`
(how many were read), `not_understood` (lines that speak of a connection's trouble in words that
are not known); what is not known is absent.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from knowledge.load import load
from wizard.case.case import Window
from wizard.case.evidence import (
    MAX_OCCURRENCES,
    Evidence,
    Failure,
    Occurrence,
    StepResult,
    StepStatus,
)
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import HostError
from wizard.logs.application.endpoints import endpoints_of
from wizard.logs.application.gaps import gap_notes
from wizard.logs.application.haproxy import proxy_sessions
from wizard.logs.application.open_file import open_log
from wizard.logs.application.read import AppLogScan, scan_application_log, scan_text
from wizard.logs.error.supervisor import supervisors_in_file
from wizard.logs.understood import require_application_log
from wizard.safety.sanitize import sanitize
from wizard.steps import names
from wizard.steps.step import Context, Skip, Step
from wizard.steps.symptom_words import Reading, clock, facts_of, headline, notes, tables, who
from wizard.target.at_home import at_home

REACH = timedelta(days=7)
"""How far back the window may be moved to cover the failures."""

LEAD = timedelta(minutes=10)
"""What led to the first failure happened before it."""

_SKEW = timedelta(minutes=5)
_NOTHING = "no application error or log was given (paste it, or use --app-log)"


def run(context: Context) -> StepResult:
    if not context.sources.pasted.strip() and not context.sources.app_logs:
        raise Skip(_NOTHING)
    reading = _read(context)
    if not reading.scans:
        return STEP.failed("; ".join(reading.problems))
    moved = _cover(context, reading.failures)
    return StepResult(
        STEP.id,
        StepStatus.DONE,
        reason="; ".join(reading.problems) or None,
        headline=headline(reading),
        evidence=(*_evidence(reading), *reading.beside),
        looked_for=_client_signals(),
        tables=tables(reading, context.case.target.flavor),
        notes=(*reading.problems, *moved, *notes(reading), *gap_notes(reading.failures)),
        facts=facts_of(reading),
        failures=reading.failures,
    )


def _read(context: Context) -> Reading:
    window, flavor = _reach(context.case.window), context.case.target.flavor
    places = endpoints_of(context.target.host, context.target.port, context.target.socket)
    scans: list[AppLogScan] = []
    problems: list[str] = []
    beside: list[Evidence] = []
    if context.sources.pasted.strip():
        scans.append(scan_text(context.sources.pasted, window, flavor=flavor, endpoints=places))
    for path in context.sources.app_logs:
        context.progress(f"reading {sanitize(str(path), 200)}")
        try:
            scan = scan_application_log(
                at_home(path),
                window,
                flavor=flavor,
                checkpoint=context.checkpoint,
                endpoints=places,
                say=context.progress,
            )
            look = (at_home(path), window, open_log, context.checkpoint)
            watched = supervisors_in_file(*look, say=context.progress)
            ends = proxy_sessions(*look, say=context.progress)
            if ends is None and not watched:
                require_application_log(LocalHost(), str(at_home(path)), scan)
            beside += watched
            scans.append(scan if ends is None else _of_proxy(scan))
            beside += ends or ()
        except HostError as error:
            problems.append(sanitize(str(error), 300))
    counts: Counter[str] = Counter()
    for scan in scans:
        counts.update(scan.counts)
    failures = sorted((f for s in scans for f in s.failures), key=_when)
    kept = _told(failures[-MAX_OCCURRENCES:], context.case.step(STEP.id))
    return Reading(tuple(scans), tuple(problems), kept, counts, tuple(beside))


def _of_proxy(scan: AppLogScan) -> AppLogScan:
    """A proxy's log: that it tells of no failure does not mean that its clients had none."""
    return replace(scan, first=None, last=None)


def _told(failures: Sequence[Failure], before: StepResult | None) -> tuple[Failure, ...]:
    """The failures; one without a time with the moment at which it was read first."""
    read = {(f.source, f.text): f.told_at for f in (before.failures if before else ())}
    now = datetime.now(UTC)
    return tuple(
        f if f.at is not None else replace(f, told_at=read.get((f.source, f.text)) or now)
        for f in failures
    )


def _when(failure: Failure) -> tuple[bool, float]:
    """In order of time; a failure without one counts as the oldest."""
    return failure.at is not None, failure.at.timestamp() if failure.at else 0.0


def _reach(window: Window) -> Window:
    """The window in which failures count; clocks of two hosts may differ a little."""
    since = window.since if window.asked else min(window.since, window.until - REACH)
    return replace(window, since=since, until=window.until + _SKEW)


def _cover(context: Context, failures: Sequence[Failure]) -> tuple[str, ...]:
    """Move the window back to the first failure where the operator did not choose it."""
    window = context.case.window
    earliest = min((f.at for f in failures if f.at is not None), default=None)
    if window.asked or earliest is None or earliest >= window.since:
        return ()
    since = max(earliest - LEAD, window.until - REACH)
    context.case = replace(context.case, window=replace(window, since=since))
    return (f"the window now begins at {clock(since)}, shortly before the first failure",)


def _client_signals() -> tuple[str, ...]:
    return tuple(s.id for s in load().signals.values() if s.id.startswith("client."))


def _evidence(reading: Reading) -> tuple[Evidence, ...]:
    signals = load().signals
    found = []
    for signal, count in reading.counts.most_common():
        failures = [f for f in reading.failures if f.signal == signal]
        # All of them may be older than the newest that are kept.
        sample = failures[0] if failures else None
        times = [f.at for f in failures if f.at is not None]
        found.append(
            Evidence(
                signal=signal,
                text=f"{signals[signal].text}{who(failures)}",
                source=sample.source if sample else reading.scans[0].path,
                count=count,
                first=min(times, default=None),
                last=max(times, default=None),
                excerpt=sample.text if sample else "",
                occurrences=tuple(_occurrence(f) for f in failures),
            )
        )
    return tuple(found)


def _occurrence(failure: Failure) -> Occurrence:
    line = failure.source.rpartition(":")[2].rpartition(" ")[2]
    return Occurrence(
        at=failure.at,
        connection_id=failure.connection_id,
        account=failure.account,
        size=failure.size,
        seconds=failure.idle_seconds,
        line=int(line) if line.isdecimal() else None,
    )


STEP = Step(*names.SYMPTOM, run)
