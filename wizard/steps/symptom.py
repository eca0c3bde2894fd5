"""The symptom step: what did the application say?

Reads the pasted text and the application's logs. Facts: `failures` (how many), `first_failure`
and `last_failure` (ISO 8601), `drivers` (their names, comma-separated), `max_size` (bytes),
`max_idle_seconds` and `min_idle_seconds`, `log_from` and `log_to` (ISO 8601, the time that the
application's log covers), `log_written` (when the file with the last of these lines was), `lines`
(how many were read), `not_understood` (lines that speak of a connection's trouble in words that
are not known); what is not known is absent.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from knowledge.load import load
from wizard.case.case import Window
from wizard.case.evidence import (
    MAX_OCCURRENCES,
    Evidence,
    Failure,
    Occurrence,
    Phase,
    Scalar,
    StepResult,
    StepStatus,
    Table,
)
from wizard.hosts.protocol import HostError
from wizard.logs.application.endpoints import endpoints_of
from wizard.logs.application.gaps import gap_notes
from wizard.logs.application.read import AppLogScan, open_log, scan_application_log, scan_text
from wizard.logs.error.supervisor import supervisors_in_file
from wizard.safety.sanitize import sanitize
from wizard.server.flavor import PRODUCTS
from wizard.steps import names
from wizard.steps.step import Context, Skip, Step

REACH = timedelta(days=7)
"""How far back the window may be moved to cover the failures."""

LEAD = timedelta(minutes=10)
"""What led to the first failure happened before it."""

_SKEW = timedelta(minutes=5)
_NOTHING = "no application error or log was given (paste it, or use --app-log)"
_VAGUE = (
    "2006 or 2013 alone does not tell the cause: the same event has different numbers in"
    " different client libraries, and the same number many causes"
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """All that was read, and what could not be."""

    scans: tuple[AppLogScan, ...]
    problems: tuple[str, ...]
    failures: tuple[Failure, ...]
    counts: Counter[str]
    supervisors: tuple[Evidence, ...] = ()


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
        headline=_headline(reading),
        evidence=(*_evidence(reading), *reading.supervisors),
        looked_for=_client_signals(),
        tables=_tables(reading, context.case.target.flavor),
        notes=(*reading.problems, *moved, *_notes(reading), *gap_notes(reading.failures)),
        facts=_facts(reading),
        failures=reading.failures,
    )


def _read(context: Context) -> _Reading:
    window, flavor = _reach(context.case.window), context.case.target.flavor
    places = endpoints_of(context.target.host, context.target.port)
    scans: list[AppLogScan] = []
    problems: list[str] = []
    supervisors: list[Evidence] = []
    if context.sources.pasted.strip():
        scans.append(scan_text(context.sources.pasted, window, flavor=flavor, endpoints=places))
    for path in context.sources.app_logs:
        context.progress(f"reading {sanitize(str(path), 200)}")
        try:
            scans.append(
                scan_application_log(
                    path.expanduser(),
                    window,
                    flavor=flavor,
                    checkpoint=context.checkpoint,
                    endpoints=places,
                )
            )
            supervisors += supervisors_in_file(
                path.expanduser(), window, open_log, context.checkpoint
            )
        except HostError as error:
            problems.append(sanitize(str(error), 300))
    counts: Counter[str] = Counter()
    for scan in scans:
        counts.update(scan.counts)
    failures = sorted((f for s in scans for f in s.failures), key=_when)
    kept = tuple(failures[-MAX_OCCURRENCES:])
    return _Reading(tuple(scans), tuple(problems), kept, counts, tuple(supervisors))


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
    return (f"the window now begins at {_clock(since)}, shortly before the first failure",)


def _client_signals() -> tuple[str, ...]:
    return tuple(s.id for s in load().signals.values() if s.id.startswith("client."))


def _evidence(reading: _Reading) -> tuple[Evidence, ...]:
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
                text=f"{signals[signal].text}{_who(failures)}",
                source=sample.source if sample else reading.scans[0].path,
                count=count,
                first=min(times, default=None),
                last=max(times, default=None),
                excerpt=sample.text if sample else "",
                occurrences=tuple(_occurrence(f) for f in failures),
            )
        )
    return tuple(found)


def _who(failures: Sequence[Failure]) -> str:
    names = _names(failures)
    return f" ({', '.join(f'{n} x {name}' for name, n in names)})" if names else ""


def _names(failures: Sequence[Failure]) -> list[tuple[str, int]]:
    """The numbers and drivers, most frequent first."""
    return Counter(n for f in failures if (n := _name(f))).most_common()


def _name(failure: Failure) -> str:
    return " ".join(str(p) for p in (failure.number, failure.driver) if p is not None)


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


def _headline(reading: _Reading) -> str:
    total = reading.counts.total()
    if not total:
        lines = sum(scan.lines for scan in reading.scans)
        text = f"no client error recognised in {_counted(lines)}"
        missed = sum(scan.not_understood for scan in reading.scans)
        return f"{text}, {missed} not understood" if missed else text
    parts = [f"{n} x {name}" for name, n in _names(reading.failures)]
    text = f"{total} {'failure' if total == 1 else 'failures'}"
    if parts:
        more = f", {len(parts) - 3} more kinds" if len(parts) > 3 else ""
        text += f": {', '.join(parts[:3])}{more}"
    times = [f.at for f in reading.failures if f.at is not None]
    return f"{text}{_span(times)}" if times else f"{text}, no times told"


def _counted(lines: int) -> str:
    return f"{lines} {'line' if lines == 1 else 'lines'}"


def _span(times: Sequence[datetime]) -> str:
    first, last = min(times).astimezone(), max(times).astimezone()
    if first.date() == last.date() == datetime.now().astimezone().date():
        return f", {first:%H:%M} to {last:%H:%M}" if first != last else f", {first:%H:%M}"
    return f", {_clock(first)} to {_clock(last)}" if first != last else f", {_clock(first)}"


def _clock(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M}"


def _tables(reading: _Reading, flavor: str) -> tuple[Table, ...]:
    if not reading.failures:
        return ()
    groups: dict[tuple[str, int | None, str | None, Phase], list[Failure]] = {}
    for failure in reading.failures:
        key = (failure.signal, failure.number, failure.driver, failure.phase)
        groups.setdefault(key, []).append(failure)
    ordered = sorted(groups.items(), key=lambda g: -len(g[1]))
    signals = load().signals
    rows = tuple(
        (
            str(len(failures)),
            "" if number is None else str(number),
            signals[signal].text,
            driver or "",
            "" if phase is Phase.UNKNOWN else phase.value,
            _gap(failures),
            _clock(_edge(failures, first=True)),
            _clock(_edge(failures, first=False)),
        )
        for (signal, number, driver, phase), failures in ordered
    )
    columns = ("count", "number", "what it says", "driver", "phase", "idle", "first", "last")
    served = PRODUCTS.get(flavor)
    note = f"numbers as {served} means them" if served else ""
    return (Table("What the application said", columns, rows, note),)


def _gap(failures: Iterable[Failure]) -> str:
    gaps = [f.idle_seconds for f in failures if f.idle_seconds is not None]
    if not gaps:
        return ""
    low, high = round(min(gaps)), round(max(gaps))
    return f"{low} s" if low == high else f"{low} to {high} s"


def _edge(failures: Iterable[Failure], first: bool) -> datetime | None:
    times = sorted(f.at for f in failures if f.at is not None)
    return times[0 if first else -1] if times else None


def _notes(reading: _Reading) -> Iterable[str]:
    kept, total = len(reading.failures), reading.counts.total()
    if any(f.number in (2006, 2013) and f.signal == "client.lost" for f in reading.failures):
        yield _VAGUE
    if again := reading.counts.get("client.closed-object"):
        yield f"{again} of {total} tell only that a connection had been lost before"
    if kept < total:
        yield f"the newest {kept} of {total} failures are listed"
    for scan in reading.scans:
        name = sanitize(scan.path, 200)
        if scan.outside:
            yield f"{name}: {scan.outside} failures outside the window are not counted"
        if scan.not_understood and not scan.total:
            told = _counted(scan.not_understood)
            yield (
                f"{name}: {told} may tell of a lost connection, in words that are not known;"
                " paste the error itself to have it looked up"
            )
        if scan.truncated:
            yield f"{name}: {sanitize(scan.truncated, 200)}"
        if scan.away:
            yield f"{name}: {_far(scan.away)}"
        elif scan.zone_assumed:
            yield f"{name}: its times name no zone; they are read as this machine's"
        if scan.failures and scan.first is None:
            yield f"{name}: no times in it, so its failures cannot be matched by time"


def _far(away: timedelta) -> str:
    hours = abs(away) / timedelta(hours=1)
    way = "behind" if away > timedelta(0) else "ahead of"
    return (
        f"its times name no zone and are {hours:g} h {way} those of the file; they are read with"
        " that corrected"
    )


def _facts(reading: _Reading) -> dict[str, Scalar]:
    times = [f.at for f in reading.failures if f.at is not None]
    idle = [f.idle_seconds for f in reading.failures if f.idle_seconds is not None]
    sizes = [f.size for f in reading.failures if f.size is not None]
    drivers = sorted({f.driver for f in reading.failures if f.driver is not None})
    facts: dict[str, Scalar] = {"failures": reading.counts.total()}
    facts["lines"] = sum(s.lines for s in reading.scans)
    if missed := sum(s.not_understood for s in reading.scans):
        facts["not_understood"] = missed
    covered = [(s.first, s.last, s.written) for s in reading.scans if s.first and s.last]
    if covered:
        facts["log_from"] = min(first for first, _, _ in covered).isoformat()
        last, written = max((last, written) for _, last, written in covered)
        facts["log_to"] = last.isoformat()
        if written is not None:
            facts["log_written"] = written.isoformat()
    if times:
        facts["first_failure"] = min(times).isoformat()
        facts["last_failure"] = max(times).isoformat()
    if drivers:
        facts["drivers"] = ", ".join(drivers)
    if sizes:
        facts["max_size"] = max(sizes)
    if idle:
        facts["max_idle_seconds"] = max(idle)
        facts["min_idle_seconds"] = min(idle)
    return facts


STEP = Step(*names.SYMPTOM, run)
