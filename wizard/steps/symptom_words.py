"""The symptom step's words: what was read, as headline, table, notes and facts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from knowledge.load import load
from wizard.case.evidence import Evidence, Failure, Phase, Scalar, Table
from wizard.logs.application.read import AppLogScan
from wizard.safety.sanitize import sanitize
from wizard.server.flavor import PRODUCTS
from wizard.units import duration, many

_VAGUE = (
    "2006 or 2013 alone does not tell the cause: the same event has different numbers in"
    " different client libraries, and the same number many causes"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read, and what could not be. `beside` is what others than the application say
    in its logs: supervisors, and a proxy."""

    scans: tuple[AppLogScan, ...]
    problems: tuple[str, ...]
    failures: tuple[Failure, ...]
    counts: Counter[str]
    beside: tuple[Evidence, ...] = ()


def headline(reading: Reading) -> str:
    """One line: how many failures, of which numbers and drivers, and when."""
    total = reading.counts.total()
    if not total:
        lines = sum(scan.lines for scan in reading.scans)
        text = f"no client error recognised in {_counted(lines)}"
        missed = sum(scan.not_understood for scan in reading.scans)
        return f"{text}, {missed} not understood" if missed else text
    parts = [f"{n} x {name}" for name, n in _names(reading.failures)]
    text = f"{total} {'failure' if total == 1 else 'failures'}"
    if parts:
        more = f", {many(len(parts) - 3, 'more kind')}" if len(parts) > 3 else ""
        text += f": {', '.join(parts[:3])}{more}"
    times = [f.at for f in reading.failures if f.at is not None]
    return f"{text}{_span(times)}" if times else f"{text}, no times told"


def _counted(lines: int) -> str:
    return f"{lines} {'line' if lines == 1 else 'lines'}"


def _span(times: Sequence[datetime]) -> str:
    first, last = clock(min(times)), clock(max(times))
    if first == last:
        return f", {first}"
    day, _, _ = first.partition(" ")
    if not last.startswith(day):
        return f", {first} to {last}"
    return f", {first.removesuffix(' UTC')} to {last.removeprefix(day).strip()}"


def who(failures: Sequence[Failure]) -> str:
    """The numbers and drivers of these failures, in brackets; "" for none."""
    names = _names(failures)
    return f" ({', '.join(f'{n} x {name}' for name, n in names)})" if names else ""


def _names(failures: Sequence[Failure]) -> list[tuple[str, int]]:
    """The numbers and drivers, most frequent first."""
    return Counter(n for f in failures if (n := _name(f))).most_common()


def _name(failure: Failure) -> str:
    return " ".join(str(p) for p in (failure.number, failure.driver) if p is not None)


def clock(moment: datetime | None) -> str:
    """A moment in the zone of the report, to the minute."""
    return "" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def tables(reading: Reading, flavor: str) -> tuple[Table, ...]:
    """The failures by what they say."""
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
            clock(_edge(failures, first=True)),
            clock(_edge(failures, first=False)),
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
    return duration(low) if low == high else f"{duration(low)} to {duration(high)}"


def _edge(failures: Iterable[Failure], first: bool) -> datetime | None:
    times = sorted(f.at for f in failures if f.at is not None)
    return times[0 if first else -1] if times else None


def notes(reading: Reading) -> Iterable[str]:
    """What the reading could not tell, and what an operator should know of it."""
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
            one = scan.outside == 1
            what = "1 failure" if one else f"{scan.outside} failures"
            verb = "is" if one else "are"
            yield f"{name}: {what} outside the window {verb} not counted (--since)"
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


def facts_of(reading: Reading) -> dict[str, Scalar]:
    """What other steps and the diagnosis read by name."""
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
