"""A recording's events as evidence, one signal a cause.

They weigh the most, since they were seen as they happened.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, timedelta

from wizard.case.evidence import MAX_OCCURRENCES, Evidence, Occurrence, Table
from wizard.logs.recorded.outages import end_of, without_guesses
from wizard.logs.recorded.read import RecordedEvent
from wizard.units import moment

SIGNALS: Mapping[str, str] = {
    "idle-timeout": "recorder.idle-timeout",
    "packet-too-large": "recorder.packet-too-large",
    "client-not-closing": "recorder.client-not-closing",
    "net-write-timeout": "recorder.net-write-timeout",
    "connection-killed": "recorder.connection-killed",
    "connection-memory-limit": "recorder.connection-memory-limit",
    "shared-connection": "recorder.shared-connection",
    "network-unstable": "recorder.network-unstable",
    "too-many-connections": "recorder.too-many-connections",
    "access-denied": "recorder.access-denied",
    "server-restarted": "recorder.server-restarted",
    "server-crash": "recorder.server-crash",
    "server-oom-killed": "recorder.server-oom-killed",
    "server-killed": "recorder.server-killed",
    "failover": "recorder.failover",
    "disk-full": "recorder.disk-full",
    "memory-pressure": "recorder.memory-pressure",
}
"""The signal of each cause that a recorder names."""

_WORDS: Mapping[str, str] = {
    "idle-timeout": "the recorder saw sessions end at their idle timeout",
    "packet-too-large": "the recorder saw sessions end at max_allowed_packet",
    "client-not-closing": "the recorder saw clients vanish without COM_QUIT",
    "net-write-timeout": "the recorder saw sessions end whose client read too slowly",
    "connection-killed": "the recorder saw sessions being killed",
    "connection-memory-limit": "the recorder saw sessions end at their memory limit",
    "shared-connection": "the recorder saw two programs on one connection",
    "network-unstable": "the recorder saw clients that no packet reaches any more",
    "too-many-connections": "the recorder saw logins refused at max_connections",
    "access-denied": "the recorder saw logins denied access",
    "server-restarted": "the recorder saw the server being restarted",
    "server-crash": "the recorder saw the server crash",
    "server-oom-killed": "the recorder saw the server being killed for want of memory",
    "server-killed": "the recorder saw the server die without a word",
    "failover": "the recorder saw another server answer",
    "disk-full": "the recorder saw the disk run full",
    "memory-pressure": "the recorder saw the machine wait for memory",
}

_TOGETHER = timedelta(seconds=10)
"""From a session's end to the application's word on it, which its log may hold back a while."""

_SHOWN = 500
"""Rows of the table of events, the newest."""


def evidence(events: Iterable[RecordedEvent], source: str) -> tuple[Evidence, ...]:
    """What names a cause that is known; the others are in the table alone."""
    by_cause: dict[str, list[RecordedEvent]] = {}
    told = list(_corrected(events))
    for event in without_guesses(told):
        event = replace(event, at=end_of(event, told))
        if event.cause in SIGNALS and event.verdict in ("confirmed", "likely"):
            by_cause.setdefault(event.cause, []).append(event)
    return tuple(_of(cause, found, source) for cause, found in by_cause.items())


def _corrected(events: Iterable[RecordedEvent]) -> Iterator[RecordedEvent]:
    """Without the ends that the application's own words put to another cause afterwards."""
    told = list(events)
    words = [e for e in told if e.kind == "application-error" and e.connection_id is not None]
    for event in told:
        if event.kind != "session-ended" or not any(
            word.connection_id == event.connection_id
            and word.cause != event.cause
            and timedelta(0) <= word.at - event.at <= _TOGETHER
            for word in words
        ):
            yield event


def _of(cause: str, events: list[RecordedEvent], source: str) -> Evidence:
    last = events[-1]
    return Evidence(
        SIGNALS[cause],
        _WORDS[cause],
        source,
        sum(event.count for event in events),
        events[0].began or events[0].at,
        last.at,
        last.text,
        occurrences=tuple(_occurrence(event) for event in events[-MAX_OCCURRENCES:]),
    )


def _occurrence(event: RecordedEvent) -> Occurrence:
    """Where it was only likely which session it was, the end is nobody's in particular."""
    sure = event.verdict == "confirmed"
    outage = event.began is not None
    return Occurrence(
        event.began or event.at,
        event.at if outage else None,
        event.connection_id if sure else None,
        (event.account or None) if sure else None,
        event.statement_bytes or None,
        event.seconds if event.cause == "idle-timeout" else None,
    )


def table(events: tuple[RecordedEvent, ...]) -> Table:
    """The newest events, as they were told."""
    shown = events[-_SHOWN:]
    note = f"the newest {_SHOWN} of {len(events)}" if len(events) > _SHOWN else ""
    rows = tuple((_what(e), moment(e.at.astimezone(UTC)), e.text) for e in reversed(shown))
    return Table("What the recorder saw", ("WHAT", "WHEN", "EVENT"), rows, note)


_SURE = "confirmed"


def _what(event: RecordedEvent) -> str:
    """Its cause; how sure that is where it is not."""
    unsure = event.verdict not in ("", _SURE)
    return f"{event.cause or event.kind}{f', {event.verdict}' if unsure else ''}"
