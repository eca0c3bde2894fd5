"""The latency probe's figures as tables, notes and series. Pure."""

from collections.abc import Iterator, Sequence
from statistics import median

from wizard.case.evidence import Samples, Table
from wizard.probes.latency.logins import Logins
from wizard.probes.latency.loss import FEWEST, LossVerdict, percent, told
from wizard.probes.latency.measured import LatencyMeasured
from wizard.probes.latency.spread import spread
from wizard.server.login_stages import LoginStage

_STAGES: tuple[tuple[LoginStage, str], ...] = (
    ("resolve", "name lookup"),
    ("open", "TCP connect"),
    ("greeting", "greeting"),
    ("tls", "TLS"),
    ("login", "authentication"),
)
_COLUMNS = ("stage, ms", "n", "min", "median", "p95", "p99", "max", "jitter")
_MANY_ADDRESSES = 3


def stage(logins: Logins, lap: LoginStage) -> tuple[float, ...]:
    """Seconds that this stage took in each login that had it."""
    taken = (getattr(laps, lap) for laps in logins.done)
    return tuple(seconds for seconds in taken if seconds is not None)


def median_ms(seconds: Sequence[float]) -> float | None:
    return round(median(seconds) * 1000, 3) if seconds else None


def headline(measured: Sequence[LatencyMeasured]) -> str:
    """`round trip 0.3 ms (p99 1.1), TCP connect 0.1 ms, loss below 0.46 %`, of the last way."""
    seen = measured[-1]
    parts = []
    if seen.trips is not None and (found := spread(seen.trips.seconds)):
        tail = f" (p99 {_ms(found.p99)})" if found.p99 is not None else ""
        parts.append(f"round trip {_ms(found.median)} ms{tail}")
    if connects := stage(seen.logins, "open"):
        parts.append(f"TCP connect {_ms(median(connects))} ms")
    if seen.loss is not None and seen.loss.verdict is LossVerdict.CLEAN:
        parts.append(f"loss below {percent(seen.loss.upper)} %")
    elif seen.loss is not None:
        parts.append("loss not decided")
    return ", ".join(parts) or "nothing could be measured"


def samples(measured: Sequence[LatencyMeasured]) -> tuple[Samples, ...]:
    found = []
    for seen in measured:
        for title, seconds in (
            ("round trips", seen.trips.seconds if seen.trips is not None else ()),
            ("TCP connects", stage(seen.logins, "open")),
        ):
            if seconds:
                values = tuple(round(taken * 1000, 3) for taken in seconds)
                found.append(Samples(f"{title}, {seen.way.label}", "ms", values))
    return tuple(found)


def tables(measured: Sequence[LatencyMeasured]) -> tuple[Table, ...]:
    return tuple(table for seen in measured for table in _tables(seen))


def _tables(seen: LatencyMeasured) -> Iterator[Table]:
    label = seen.way.label
    yield Table(f"Latency {label}", _COLUMNS, tuple(_stages(seen)))
    if known := tuple(_tcp(seen)):
        yield Table(f"TCP {label}", ("what", "value"), known)


def _stages(seen: LatencyMeasured) -> Iterator[tuple[str, ...]]:
    series = [(title, stage(seen.logins, lap)) for lap, title in _STAGES]
    if seen.lookups:
        series[0] = (series[0][0], tuple(lookup.seconds for lookup in seen.lookups))
    else:
        del series[0]
    series.append(("query", tuple(seen.trips.seconds) if seen.trips is not None else ()))
    if seen.echoes is not None:
        series.append(("ICMP echo", seen.echoes.times))
    if seen.way.target.socket:
        series = [("open" if title == "TCP connect" else title, took) for title, took in series]
    for title, seconds in series:
        found = spread([taken * 1000 for taken in seconds])
        if found is not None:
            figures = (found.least, found.median, found.p95, found.p99, found.most, found.jitter)
            shown = ("-" if f is None else _figure(f) for f in figures)
            yield (title, str(found.count), *shown)


def _tcp(seen: LatencyMeasured) -> Iterator[tuple[str, str]]:
    tcp, loss = seen.tcp, seen.loss
    if tcp is None:
        return
    if loss is not None:
        back = f", {loss.returned} of them on the way back" if loss.returned else ""
        yield "loss", f"{told(loss)}{back}: {loss.verdict}"
    for name, value, unit in (
        ("rtt", tcp.rtt, "ms"),
        ("rttvar", tcp.rttvar, "ms"),
        ("MSS", tcp.snd_mss, "bytes"),
        ("path MTU", tcp.pmtu, "bytes"),
        ("out of order", tcp.rcv_ooopack, "packets"),
    ):
        if value is not None:
            yield name, f"{_figure(value) if isinstance(value, float) else value} {unit}"
    if seen.echoes is not None:
        yield "ICMP", f"{len(seen.echoes.times)} of {seen.echoes.sent} echoes came back"


def notes(measured: Sequence[LatencyMeasured]) -> tuple[str, ...]:
    """What decides comes first: a report shows the first few."""
    found = [note for seen in measured for note in _notes(seen)]
    return tuple(dict.fromkeys((*found, *_stale(measured))))


def _notes(seen: LatencyMeasured) -> Iterator[str]:
    label, way = seen.way.label, seen.way
    if way.target.socket:
        yield f"{label}: a Unix socket, so no network is on the way"
    elif not seen.has_network:
        yield f"{label}: the server is on this machine; an application's way is not seen from here"
    if seen.logins.failed:
        failed = seen.logins.failed
        total = len(seen.logins.done) + len(failed)
        yield f"{label}: {len(failed)} of {total} logins failed: {failed[0]}"
    yield from _about_loss(seen)
    if not way.own_sockets and seen.trips is not None:
        yield f"{label}: the times hold the way through SSH as well"
    if seen.has_network and seen.skips_names:
        yield "skip_name_resolve is ON: the server looks up no client's name"
    if seen.backward is not None:
        took = f"{seen.backward.seconds:.2f} s"
        answer = ", ".join(seen.backward.answers[:1]) or seen.backward.failed
        yield f"the server's machine looks {seen.client} up in {took}: {answer}"
    if seen.has_network and seen.echoes is None and seen.trips is not None:
        why = "this account may not send it" if way.own_sockets else "no ping that may send it"
        yield f"{label}: ICMP was not looked at, {why}"


def _about_loss(seen: LatencyMeasured) -> Iterator[str]:
    label, trips, loss = seen.way.label, seen.trips, seen.loss
    if trips is None or not seen.has_network:
        return
    if trips.ended is not None:
        yield f"{label}: the session was lost after {len(trips.seconds)} round trips"
    if loss is None:
        hint = (
            f"; of the round trips {trips.late} were as late as a loss makes" if trips.late else ""
        )
        yield f"{label}: loss could not be looked at, no kernel shows this connection{hint}"
    elif loss.verdict is LossVerdict.OPEN and loss.late - loss.resent >= FEWEST:
        yield (
            f"{label}: {told(loss)}; {loss.late} round trips came as late as after a loss, so"
            " packets are lost beyond a proxy, or the server pauses: probe from that side"
        )
    elif loss.verdict is LossVerdict.OPEN:
        wanting = loss.wanting
        more = f"about {wanting} more segments would tell" if wanting else "more would not tell"
        yield f"{label}: {told(loss)}: cannot tell whether that harms, {more}"
    else:
        yield f"{label}: {told(loss)}"


def _stale(measured: Sequence[LatencyMeasured]) -> Iterator[str]:
    """What the answers of the name servers say beside their times."""
    answers: dict[frozenset[str], None] = {}
    for seen in measured:
        for lookup in seen.lookups:
            if lookup.answers:
                answers[frozenset(lookup.answers)] = None
        found = {address for lookup in seen.lookups for address in lookup.answers}
        other = [a for a in seen.logins.addresses if found and a not in found]
        if other:
            yield (
                f"connected to {other[0]}, which the name no longer stands for: that server may"
                " have been replaced"
            )
    name = measured[0].way.target.host if measured else ""
    if len(answers) > 1:
        several = " or ".join(", ".join(sorted(a)[:_MANY_ADDRESSES]) for a in list(answers)[:2])
        yield (
            f"{name} was answered with {several}: who keeps an old answer (JVM, pool, resolver"
            " cache) goes on to a server that is gone or read-only"
        )
    elif answers:
        (addresses,) = answers
        yield (
            f"{name} is {', '.join(sorted(addresses)[:_MANY_ADDRESSES])}: an application that"
            " connects elsewhere holds a stale answer, and meets a server that is gone or read-only"
        )


def _ms(milliseconds_or_none: float | None) -> str:
    return "-" if milliseconds_or_none is None else _figure(milliseconds_or_none * 1000)


def _figure(value: float) -> str:
    """Two digits that matter: `0.23`, `5.1`, `210`."""
    if value >= 9.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 0.995 else f"{value:.2f}"
