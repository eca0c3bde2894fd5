"""What the lines of an error log say of sessions, as evidence. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain

from knowledge.load import load
from wizard.case.evidence import MAX_OCCURRENCES, Evidence, Occurrence
from wizard.case.own_traces import Trace
from wizard.logs.error.life_evidence import LIFE_SIGNALS
from wizard.logs.error.reading import Reading
from wizard.logs.error.run import Run
from wizard.logs.error.scan_model import LogEvent, Tally

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


def _stamp(at: datetime | None) -> float:
    return at.timestamp() if at is not None else 0.0
