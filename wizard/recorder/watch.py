"""The recorder's loop: a sample a second, events as they happen, reconnects with backoff."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo

from wizard.case import facts
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import HostError
from wizard.investigation.run import Investigation
from wizard.logs.error.find import find
from wizard.logs.error.places import LogPath
from wizard.recorder.attributor import Attributor
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.log_tail import LogTail
from wizard.recorder.outage import cause_of_outage
from wizard.recorder.sample import Sample
from wizard.recorder.sampler import Sampler
from wizard.server.session import CannotConnect, ConnectionLost, ServerError
from wizard.steps import connection
from wizard.units import duration

INTERVAL = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0
"""Seconds between two tries to reach a server that is away."""

STARTING = timedelta(seconds=5)
"""A server whose uptime is less than the time since its last sample, less this, has restarted."""


@dataclass(slots=True)
class Seen:
    """What the loop knows between two rounds."""

    attributor: Attributor | None = None
    tail: LogTail | None = None
    sampler: Sampler | None = None
    last: Sample | None = None
    looked_without_log: str = ""
    well_since: datetime = field(default_factory=lambda: datetime.now().astimezone())


def watch(
    investigation: Investigation,
    stop: threading.Event,
    interval: float = INTERVAL,
    sampled: Callable[[Sample], None] = lambda _sample: None,
) -> Iterator[RecorderEvent]:
    """Events until `stop` is set. Raises CannotConnect where the server is away at the start."""
    seen = Seen()
    _begin(investigation, seen)
    yield _said(EventKind.STARTED, _opening(investigation, seen))
    while not stop.is_set():
        began = time.monotonic()
        try:
            yield from _round(seen, sampled)
        except ConnectionLost:
            yield from _lost(investigation, seen, stop)
        except ServerError as error:
            yield _said(EventKind.GAP, f"a sample could not be taken: {error}")
        stop.wait(max(interval - (time.monotonic() - began), 0.05))
    investigation.close()
    yield _said(EventKind.STOPPED, "the recorder was stopped")


def _begin(investigation: Investigation, seen: Seen) -> None:
    context = investigation.context
    investigation.run((connection.STEP,))
    if context.server is None:
        context.server = context.connector.connect()
    seen.sampler = Sampler(context.server)
    if seen.tail is None:
        seen.tail, seen.looked_without_log = _tail(investigation)
    if seen.attributor is None:
        limit = seen.sampler.identity.max_connections
        seen.attributor = Attributor(limit, tells_sessions=_tells(investigation, seen))


def _tells(investigation: Investigation, seen: Seen) -> bool:
    """Whether the log names sessions that ended: MariaDB from log_warnings 2, MySQL from
    log_error_verbosity 3."""
    session = investigation.context.server
    if seen.tail is None or session is None:
        return False
    name, least = ("log_warnings", 2) if session.info.is_mariadb else ("log_error_verbosity", 3)
    try:
        return int(session.value(f"SELECT @@GLOBAL.{name}")) >= least
    except (ServerError, ValueError):
        return False


def _tail(investigation: Investigation) -> tuple[LogTail | None, str]:
    """The error log's end, or why it is not followed."""
    context = investigation.context
    found = find(
        context.target, context.sources, context.case, context.host, context.host_reason,
        context.server,
    )  # fmt: skip
    tried = list(found.tried)
    for place in found.places:
        if isinstance(place, LogPath):
            try:
                return LogTail(context.host or LocalHost(), place.path, _zone(investigation)), ""
            except HostError as error:
                tried.append(str(error))
    return None, "; ".join(tried) or "the error log is no file that can be followed"


def _zone(investigation: Investigation) -> tzinfo | None:
    offset = investigation.case.fact(facts.SERVER_TIME_OFFSET_SECONDS)
    if isinstance(offset, bool) or not isinstance(offset, int | float):
        return None
    return timezone(timedelta(seconds=round(offset)))


def _opening(investigation: Investigation, seen: Seen) -> str:
    where = investigation.context.target.label
    if seen.tail is None:
        return f"watching {where} without its error log ({seen.looked_without_log})"
    return f"watching {where} and {seen.tail.path}"


def _round(seen: Seen, sampled: Callable[[Sample], None]) -> Iterator[RecorderEvent]:
    assert seen.sampler is not None
    assert seen.attributor is not None
    sample = seen.sampler.take()
    lines = seen.tail.new_lines() if seen.tail is not None else ()
    before, seen.last = seen.last, sample
    if before is not None and _restarted(before, sample):
        seen.attributor.forget()
    yield from seen.attributor.step(sample, lines, _killers(seen, before, sample))
    sampled(sample)


def _killers(seen: Seen, before: Sample | None, sample: Sample) -> Mapping[int, str]:
    """Asked only where a KILL was counted and a session left."""
    assert seen.sampler is not None
    if before is None or sample.kill_count <= before.kill_count:
        return {}
    return seen.sampler.killers()


def _restarted(before: Sample, after: Sample) -> bool:
    lived = after.counter("Uptime") - before.counter("Uptime")
    passed = (after.at - before.at).total_seconds()
    return before.server != after.server or lived < passed - STARTING.total_seconds()


def _lost(
    investigation: Investigation, seen: Seen, stop: threading.Event
) -> Iterator[RecorderEvent]:
    """Our own session ended: alone, or with the server."""
    down = datetime.now().astimezone()
    before = seen.last
    if seen.attributor is not None:
        seen.attributor.forget()
    investigation.close()
    told = False
    pause = FIRST_PAUSE
    while not stop.is_set():
        try:
            _begin(investigation, seen)
            break
        except (CannotConnect, ConnectionLost) as error:
            if not told:
                told = True
                yield RecorderEvent(down, EventKind.SERVER_DOWN, f"the server is away: {error}")
        stop.wait(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
    if stop.is_set() or seen.sampler is None:
        return
    sample = seen.sampler.take()
    seen.last = None
    if before is not None and not _restarted(before, sample) and not told:
        yield _said(EventKind.GAP, "the recorder's own session was cut, and made again")
        return
    yield from _back(investigation, seen, before, sample, down)


def _back(
    investigation: Investigation,
    seen: Seen,
    before: Sample | None,
    sample: Sample,
    down: datetime,
) -> Iterator[RecorderEvent]:
    up = datetime.now().astimezone()
    if before is not None and before.server != sample.server:
        text = f"another server answers: {sample.server}, until now {before.server}"
        yield RecorderEvent(up, EventKind.SERVER_CHANGED, text, None, "failover")
        return
    finding = cause_of_outage(investigation, down, up, seen.well_since)
    seen.well_since = up
    if investigation.context.server is not None:
        seen.sampler = Sampler(investigation.context.server)
    sessions = len(before.sessions) if before is not None else 0
    away = duration((up - down).total_seconds())
    text = f"the server is back after {away}; {sessions} sessions were cut"
    if finding is None:
        yield RecorderEvent(up, EventKind.SERVER_UP, f"{text}; nothing tells why")
        return
    reason = finding.supports[0].text if finding.supports else finding.title
    yield RecorderEvent(
        up, EventKind.SERVER_UP, f"{text}: {reason}", None, finding.cause, finding.verdict
    )


def _said(kind: EventKind, text: str) -> RecorderEvent:
    return RecorderEvent(datetime.now().astimezone(), kind, text)
