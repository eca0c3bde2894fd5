"""Turns a reading of the error log into evidence. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain

from knowledge.load import load
from wizard.case.case import Window
from wizard.case.evidence import MAX_OCCURRENCES, Evidence, Occurrence
from wizard.case.own_traces import Trace
from wizard.logs.error.lifecycle import Run, RunEnding
from wizard.logs.error.reading import Reading
from wizard.logs.error.scan_model import LogEvent, Tally
from wizard.units import moment

LIFE_SIGNALS = (
    "log.shutdown",
    "log.crash",
    "log.unclean-end",
    "log.crash-loop",
    "log.startup-failed",
)

EXCERPT_LINES = 3

_WRITE_ERRORS = ("aborted-write-error", "aborted-flush")
_MYSQL_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?:Z|[+-]\d\d:\d\d)")
"""MySQL 5.7 and later write ISO 8601 with microseconds; MariaDB never does."""

SAME_SESSION = timedelta(seconds=5)
"""MySQL writes two lines for one idle session, at once."""


def session_evidence(reading: Reading, own: Sequence[Trace] = ()) -> tuple[Evidence, ...]:
    """What the log's own lines say, one piece of evidence a signal. Lines that our own
    experiments left are passed over."""
    by_signal: dict[str, list[Tally]] = {}
    for tally in chain.from_iterable(map(by_dialect, reading.scan.tallies)):
        signal = tally.signature.signal
        if signal and signal not in LIFE_SIGNALS:
            by_signal.setdefault(signal, []).append(tally)
    found = (_from_tallies(s, tallies, reading, own) for s, tallies in by_signal.items())
    return tuple(e for e in found if e is not None)


def by_dialect(tally: Tally) -> Iterator[Tally]:
    """The signal of a line as this server means it.

    MySQL's "error writing" is a client that went away: a client that does not read in time is a
    "timeout writing" there. MariaDB has one text for both.
    """
    if not tally.signature.id.startswith(_WRITE_ERRORS):
        yield tally
        return
    mysql = tuple(e for e in tally.events if _MYSQL_STAMP.search(e.text))
    others = tuple(e for e in tally.events if not _MYSQL_STAMP.search(e.text))
    for events, signal in ((mysql, "log.aborted-read-error"), (others, tally.signature.signal)):
        if not events:
            continue
        rest = tally.count - len(tally.events) if events is not mysql or not others else 0
        yield replace(
            tally,
            signature=replace(tally.signature, signal=signal),
            count=len(events) + rest,
            first=min((e.at for e in events if e.at is not None), default=None),
            events=events,
        )


def _from_tallies(
    signal: str, tallies: Sequence[Tally], reading: Reading, own: Sequence[Trace]
) -> Evidence | None:
    everyones = [e for t in tallies for e in t.events]
    events = sorted(
        (e for e in everyones if not any(trace.left(e.connection_id, e.at) for trace in own)),
        key=lambda e: (_stamp(e.at), e.place.offset),
    )
    count = sum(t.count for t in tallies) - (len(everyones) - len(events))
    if signal == "log.idle-timeout":
        merged = _sessions(events)
        count -= len(events) - len(merged)
        events = merged
    if signal == "log.aborted-killed":
        kept = [e for e in events if not _in_shutdown(e, reading.life.runs)]
        count -= len(events) - len(kept)
        events = kept
    if not events:
        return None
    firsts = [t.first for t in tallies if t.first is not None]
    times = [e.at for e in events if e.at is not None]
    complete = count == len(events)
    return Evidence(
        signal,
        _sentence(signal, count, events),
        f"error log {events[-1].place}",
        count,
        first=min(times if complete else firsts, default=None),
        last=max(times, default=None),
        excerpt="\n".join(e.text for e in events[-EXCERPT_LINES:]),
        value=events[-1].seconds,
        occurrences=tuple(occurrence_of(e) for e in events[-MAX_OCCURRENCES:]),
    )


def _sessions(events: Iterable[LogEvent]) -> list[LogEvent]:
    """One event a session.

    Of MySQL's pair, one line tells the timeout, the other one the client's host (the first has the
    account's host pattern).
    """
    kept: list[LogEvent] = []
    open_at: dict[int, int] = {}
    for event in events:
        number = event.connection_id
        twin = open_at.get(number) if number is not None else None
        if twin is not None and _close(kept[twin], event):
            framed, other = sorted((kept[twin], event), key=lambda e: e.seconds is not None)
            kept[twin] = replace(framed, seconds=other.seconds)
            continue
        if number is not None:
            open_at[number] = len(kept)
        kept.append(event)
    return kept


def _close(one: LogEvent, other: LogEvent) -> bool:
    if one.signature == other.signature or one.at is None or other.at is None:
        return False
    return abs(other.at - one.at) <= SAME_SESSION


def _in_shutdown(event: LogEvent, runs: Iterable[Run]) -> bool:
    """A shutdown ends all sessions with the same word as KILL (MariaDB)."""
    return any(
        event.at is not None
        and run.stop_asked is not None
        and run.stop_asked <= event.at
        and (run.ended is None or event.at <= run.ended)
        for run in runs
    )


def _sentence(signal: str, count: int, events: Sequence[LogEvent]) -> str:
    text = load().signals[signal].text if signal in load().signals else events[-1].signature
    accounts = sorted({e.account for e in events if e.account})
    told = f"{count} × {text}"
    if accounts:
        told += "; " + ", ".join(accounts[:3])
        told += f" and {len(accounts) - 3} more accounts" if len(accounts) > 3 else ""
    seconds = {e.seconds for e in events if e.seconds is not None}
    if len(seconds) == 1:
        told += f"; the timeout that applied was {seconds.pop():.0f} s"
    return told


UNDONE_WITHIN = timedelta(minutes=1)
"""A server that its supervisor killed is taken to be back within this time."""


def occurrence_of(event: LogEvent) -> Occurrence:
    gone = event.signal.startswith("log.supervisor-") and event.at is not None
    return Occurrence(
        at=event.at,
        until=event.at + UNDONE_WITHIN if gone and event.at is not None else None,
        connection_id=event.connection_id,
        account=event.account,
        seconds=event.seconds,
        line=event.place.line,
    )


def life_evidence(
    reading: Reading, window: Window, unreachable: bool, answered: Sequence[datetime] = ()
) -> tuple[Evidence, ...]:
    """How runs ended in the window. `unreachable` says that nothing listens now, so that a log
    which breaks off in the middle of a run is an unclean end. The server lived whenever it
    `answered`: a death that no line tells came after that, whenever the last line was."""
    life = reading.life
    runs = [
        _outlived(r, answered)
        for r in life.runs
        if _touches(r, window, r is life.last and unreachable)
    ]
    wanted = (
        ("log.shutdown", RunEnding.SHUTDOWN),
        ("log.crash", RunEnding.CRASH),
        ("log.unclean-end", RunEnding.UNCLEAN),
        ("log.startup-failed", RunEnding.FAILED),
    )
    found = [
        _of_runs(signal, [r for r in runs if r.ending is ending and r.counts], reading)
        for signal, ending in wanted
    ]
    found.append(_loop(reading, window))
    found.append(_of_runs("log.shutdown-unfinished", [r for r in runs if r.unfinished], reading))
    if breaks_off(reading, unreachable) and life.last is not None:
        found.append(_broken_off(life.last, reading, max(answered, default=None)))
    return tuple(e for e in found if e is not None)


def breaks_off(reading: Reading, unreachable: bool) -> bool:
    """Whether the log ends in the middle of a run, and nothing listens now."""
    last = reading.life.last
    if not reading.understood:
        return False
    return unreachable and reading.to_its_end and last is not None and last.ending is RunEnding.NONE


def _touches(run: Run, window: Window, down_now: bool) -> bool:
    """Whether the run ended in the window, or the outage after it reaches into it."""
    if window.holds(run.ended) or window.holds(run.next_start if run.estimated else None):
        return True
    if run.ended is None or run.ended > window.until:
        return False
    return down_now if run.back is None else run.back >= window.since


def _outlived(run: Run, answered: Sequence[datetime]) -> Run:
    """The run, its death no earlier than the server's last answer in it."""
    if run.ending is not RunEnding.UNCLEAN or run.ended is None or run.next_start is None:
        return run
    answers = [at for at in answered if at < run.next_start]
    lived = max((at for at in (*answers, run.lived) if at is not None), default=None)
    if lived is None:
        return run
    return replace(run, lived=lived, ended=max(run.ended, lived))


def _of_runs(signal: str, runs: Sequence[Run], reading: Reading) -> Evidence | None:
    if not runs:
        return None
    spans = [_span(run) for run in runs]
    times = [s.at for s in spans if s.at is not None]
    latest = runs[-1]
    line = f", line {latest.line}" if latest.line else ""
    return Evidence(
        signal,
        _told(signal, runs),
        f"error log {reading.path}{line}",
        count=len(runs),
        first=min(times, default=None),
        last=max(times, default=None),
        excerpt="\n".join(latest.excerpt),
        occurrences=tuple(spans[-MAX_OCCURRENCES:]),
    )


def _span(run: Run) -> Occurrence:
    """The time of an outage.

    Sessions end when a shutdown is asked for, and begin again when the next run is ready. An end
    that is guessed may have come so many seconds earlier.
    """
    at = run.stop_asked or run.ended
    known = run.lived is None or at is None or run.ending is not RunEnding.UNCLEAN
    unsure = None if known or at is None or run.lived is None else at - run.lived
    return Occurrence(
        at=at,
        until=run.back,
        seconds=None if unsure is None else max(0.0, unsure.total_seconds()),
        line=run.line,
    )


def _told(signal: str, runs: Sequence[Run]) -> str:
    run = runs[-1]
    times = "" if len(runs) == 1 else f"{len(runs)} times, last "
    at = _clock(run.stop_asked or run.ended)
    back = f"; ready again at {_clock(run.back)}" if run.back else "; not ready again since"
    pid = f" (process {run.pid})" if run.pid else ""
    match signal:
        case "log.shutdown":
            who = f", asked by {_asker(run.who)}" if run.who else ""
            return f"an orderly shutdown {times}at {at}{who}{back}"
        case "log.shutdown-unfinished":
            return (
                f"the shutdown {times}of {at} never came to its end in the log: it was cut short "
                f"(a supervisor's time limit, a kill), or goes on{back}"
            )
        case "log.crash":
            return f"the server{pid} crashed {times}at {at}{back}"
        case "log.startup-failed":
            reason = f": {run.excerpt[0]}" if run.excerpt else ""
            return f"a start failed {times}at {at}{reason}"
        case _:
            return (
                f"the server{pid} was gone {times}before {_clock(run.next_start)} without a "
                f"shutdown or crash in the log; the time of its end is an estimate{back}"
            )


def _asker(who: str) -> str:
    return "a signal or the service manager" if who in ("unknown", "<via user signal>") else who


def _loop(reading: Reading, window: Window) -> Evidence | None:
    loops = [x for x in reading.life.loops if any(window.holds(r.ended) for r in x)]
    if not loops:
        return None
    runs = loops[-1]
    spans = tuple(_span(run) for run in runs)
    return Evidence(
        "log.crash-loop",
        f"the server died {len(runs)} times between {_clock(runs[0].ended)} and "
        f"{_clock(runs[-1].ended)}, each time soon after its start",
        f"error log {reading.path}",
        count=len(runs),
        first=spans[0].at,
        last=spans[-1].at,
        excerpt="\n".join(runs[-1].excerpt),
        occurrences=spans,
    )


def _broken_off(run: Run, reading: Reading, answered: datetime | None) -> Evidence:
    place = reading.scan.last_place
    last = reading.scan.last or run.ready or run.started
    lived = answered if answered is not None and (last is None or answered > last) else None
    answer = f", the server still answered at {_clock(lived)}" if lived else ""
    at = lived or last
    return Evidence(
        "log.unclean-end",
        f"the log ends in the middle of a run; its last line is of {_clock(last)}{answer}, and "
        "nothing listens now",
        f"error log {place or reading.path}",
        first=at,
        last=at,
        excerpt="",
        occurrences=(
            Occurrence(at=at, until=None, seconds=0.0, line=place.line if place else None),
        ),
    )


def _clock(at: datetime | None) -> str:
    return "an unknown time" if at is None else moment(at.astimezone(UTC))


def _stamp(at: datetime | None) -> float:
    return at.timestamp() if at is not None else 0.0
