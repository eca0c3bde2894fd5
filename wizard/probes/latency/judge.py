"""What the latency probe's figures say: evidence, and what could be judged. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from statistics import median

from wizard.case.evidence import Evidence
from wizard.probes.latency.late_greeting import LateGreeting, late_greeting
from wizard.probes.latency.loss import LossVerdict, told
from wizard.probes.latency.measured import LatencyMeasured

SLOW_NAME = 1.0
"""Seconds."""


def evidence_of(ways: Sequence[LatencyMeasured], now: datetime) -> tuple[Evidence, ...]:
    """The loss first: it explains slow names and late greetings, and not the other way round."""
    found = [e for seen in ways for e in (*_loss(seen), *_names(seen), *_greetings(seen))]
    return tuple(
        Evidence(e.signal, e.text, e.source, e.count, now, now, value=e.value, weak=e.weak)
        for e in found
    )


def looked_for(ways: Sequence[LatencyMeasured]) -> tuple[str, ...]:
    """The signals that could be judged on the last way.

    That is the application's where it was gone: a clean way from here does not clear another one.
    """
    return tuple(_judged(ways[-1])) if ways else ()


def _judged(seen: LatencyMeasured) -> Iterator[str]:
    loss = seen.loss
    if loss is not None and loss.verdict is not LossVerdict.OPEN:
        yield "probe.loss"
    if seen.lookups:
        yield from ("probe.name-slow", "probe.name-failed")
    if may_look_up(seen) and seen.logins.done:
        yield "probe.greeting-late"
    if may_look_up(seen) and seen.backward is not None:
        yield "probe.reverse-slow"


def may_look_up(seen: LatencyMeasured) -> bool:
    """Whether the server looks up this client's name.

    Not on a loopback address, nor where it is told not to.
    """
    return not seen.way.target.is_loopback and seen.skips_names is False


def _loss(seen: LatencyMeasured) -> Iterator[Evidence]:
    loss = seen.loss
    if loss is None or loss.verdict is not LossVerdict.LOSSY:
        return
    where = f" ({loss.returned} of them on the way back)" if loss.returned else ""
    kernel = "TCP_INFO" if seen.way.own_sockets else "ss -tin"
    source = f"{kernel} of the probe's connection, {seen.way.label}"
    yield Evidence("probe.loss", f"{told(loss)}{where}", source, loss.resent, value=loss.lower)


def _names(seen: LatencyMeasured) -> Iterator[Evidence]:
    name = seen.way.target.host or ""
    failed = [lookup for lookup in seen.lookups if lookup.failed]
    slow = [lookup.seconds for lookup in seen.lookups if lookup.seconds >= SLOW_NAME]
    total = len(seen.lookups)
    source = f"looking up {name}, {seen.way.label}"
    if failed:
        text = f"{name} did not resolve {len(failed)} of {total} times ({failed[0].failed})"
        yield Evidence("probe.name-failed", text, source, len(failed))
    if slow:
        text = f"{name} took up to {max(slow):.1f} s to resolve, {len(slow)} of {total} times"
        yield Evidence("probe.name-slow", text, source, len(slow), value=max(slow))


def _greetings(seen: LatencyMeasured) -> Iterator[Evidence]:
    late = late_on(seen)
    if late is not None:
        source = f"time from the TCP handshake to the greeting, {seen.way.label}"
        yield Evidence("probe.greeting-late", late.text, source, late.late, value=late.seconds)
    lookup = seen.backward
    if lookup is None or not may_look_up(seen) or lookup.seconds < SLOW_NAME:
        return
    how = f"and found no name ({lookup.failed})" if lookup.failed else "to find its name"
    text = f"looking up {seen.client} took {lookup.seconds:.1f} s {how}"
    # Greetings in time show that the server remembers this client: the next one may wait.
    yield Evidence(
        "probe.reverse-slow",
        text,
        f"getent hosts {seen.client} on the server's machine",
        value=lookup.seconds,
        weak=late is None,
    )


def late_on(seen: LatencyMeasured) -> LateGreeting | None:
    if not may_look_up(seen):
        return None
    waits = [laps.greeting for laps in seen.logins.done if laps.greeting is not None]
    usual = median(seen.trips.seconds) if seen.trips is not None and seen.trips.seconds else 0.0
    loss = seen.loss
    lossless = not seen.has_network or (loss is not None and loss.verdict is LossVerdict.CLEAN)
    lost = loss.upper if loss is not None and loss.verdict is LossVerdict.LOSSY else 0.0
    return late_greeting(seen.first_greeting, waits, usual, lossless, lost)
