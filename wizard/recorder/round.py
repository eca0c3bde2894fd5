"""One round of the recorder: a sample, the logs' new lines, a look at the machine."""

from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import datetime

from wizard.hosts.protocol import HostError
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.host_look import HostLook
from wizard.recorder.own_act import own_act
from wizard.recorder.sample import Sample, grown
from wizard.recorder.seen import Seen
from wizard.recorder.statement import MOST_SESSIONS
from wizard.units import duration, size

GAP = 5.0
"""Seconds between two samples, beyond their distance, in which nothing was seen."""


def one_round(
    seen: Seen, interval: float, sampled: Callable[[Sample], None]
) -> Iterator[RecorderEvent]:
    """Its events. Raises ConnectionLost, ServerError."""
    for event in _events(seen, interval, sampled):
        seen.words.keep(event)
        yield event
    now = seen.last.at if seen.last is not None else datetime.now().astimezone()
    seen.words.forget(now)


def _events(
    seen: Seen, interval: float, sampled: Callable[[Sample], None]
) -> Iterator[RecorderEvent]:
    assert seen.sampler is not None
    assert seen.attributor is not None
    sample = seen.sampler.take()
    if seen.tail is not None:
        # It answered after all that was read of its log until now: that is of no later outage.
        seen.tail.marks.clear()
    lines = seen.tail.new_lines() if seen.tail is not None else ()
    machine = yield from _machine(seen, sample)
    before, seen.last = seen.last, sample
    if before is not None:
        yield from _gaps(seen, before, sample, interval)
        yield from seen.moved.step(before, sample)
    if before is not None and is_another(before, sample):
        seen.attributor.forget()
    seen.attributor.tells_sessions = sample.names_ends and seen.reads_log
    killers = _killers(seen, before, sample)
    ends = seen.attributor.step(sample, lines, killers, machine.closed)
    lost = []
    for event in seen.words.with_words(ends):
        told = own_act(event, seen.traces)
        if told.kind is EventKind.SESSION_ENDED and told.session is not None:
            lost.append(told.session)
        yield told
    by_port = {s.port: s for s in sample.sessions.values() if s.port is not None}
    yield from seen.machine.step(sample.at, machine, by_port, lost)
    failures = [failure for log in seen.applications for failure in log.new_failures()]
    yield from seen.words.heard(sample.at, failures)
    sampled(sample)


def is_another(before: Sample, after: Sample) -> bool:
    """Whether another server answers than before, or the same one that has started anew.

    One session may see that too, where a proxy stands between.
    """
    if before.server != after.server:
        return True
    if before.started is not None and after.started is not None:
        return before.started != after.started
    return "uptime" in after.counters and after.counter("Uptime") < before.counter("Uptime")


def _killers(seen: Seen, before: Sample | None, sample: Sample) -> Mapping[int, str]:
    """Asked only where a KILL was counted."""
    assert seen.sampler is not None
    if before is None or sample.kill_count <= before.kill_count:
        return {}
    return seen.sampler.killers()


def _machine(seen: Seen, sample: Sample) -> Generator[RecorderEvent, None, HostLook]:
    """Yields events, and returns the look."""
    look, trouble = HostLook(), ""
    if seen.eyes is not None:
        try:
            look = seen.eyes.look(_somebody_lost(seen.last, sample))
        except HostError as error:
            trouble = str(error)
    yield from changed(seen, sample.at, "the server's machine", trouble)
    if seen.tail is not None:
        yield from changed(seen, sample.at, "the error log", seen.tail.trouble)
    return look


def _somebody_lost(before: Sample | None, sample: Sample) -> bool:
    """Whether the counters say that a session ended badly since the last sample."""
    if before is None:
        return False
    return sample.kill_count > before.kill_count or grown(before, sample, "Aborted_clients") > 0


def _gaps(seen: Seen, before: Sample, sample: Sample, interval: float) -> Iterator[RecorderEvent]:
    """What was not seen is said, never bridged."""
    passed = (sample.at - before.at).total_seconds()
    if passed > interval + GAP:
        text = f"nothing was seen for {duration(passed)}"
        yield RecorderEvent(sample.at, EventKind.GAP, text, began=before.at)
    if seen.tail is not None and seen.tail.skipped:
        text = f"{size(seen.tail.skipped)} of the error log came too fast and were passed over"
        seen.tail.skipped = 0
        yield RecorderEvent(sample.at, EventKind.GAP, text)
    blind = seen.sampler.blind if seen.sampler is not None else ""
    yield from changed(seen, sample.at, "what other accounts do", blind)
    many = f"only {MOST_SESSIONS} of its sessions are looked at" if sample.cut else ""
    yield from changed(seen, sample.at, "the list of sessions", many)


def changed(seen: Seen, at: datetime, what: str, trouble: str) -> Iterator[RecorderEvent]:
    """A trouble with seeing, once when it begins and once when it is over."""
    known = seen.trouble.pop(what, "")
    if trouble:
        seen.trouble[what] = trouble
    if trouble and not known:
        yield RecorderEvent(at, EventKind.GAP, f"{what} is out of sight: {trouble}")
    elif known and not trouble:
        yield RecorderEvent(at, EventKind.GAP, f"{what} is in sight again")
