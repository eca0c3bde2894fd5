"""Latency and loss: how long each stage of a connection takes, and whether packets get lost.

Facts, of the application's way where it was gone, else of that from here: `rtt_ms_median` (of a
small statement), `connect_ms_median` (the TCP handshake), `loss_lower` and `loss_upper` (shares
of 1, with 95 % certainty), `path_mtu` and `mss` (bytes), `greeting_late_seconds`.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wizard.case import facts
from wizard.case.evidence import Scalar, StepResult, StepStatus
from wizard.hosts.protocol import Host, HostError
from wizard.probes.latency.judge import evidence_of, late_on, looked_for, may_look_up
from wizard.probes.latency.logins import LOGINS, Logins, first_session, more
from wizard.probes.latency.measured import LatencyMeasured
from wizard.probes.latency.name_lookups import backward, forward, is_name
from wizard.probes.latency.round_trips import CHOSEN_SECONDS, MOST, SECONDS, RoundTrips, take
from wizard.probes.latency.tables import headline, median_ms, notes, samples, stage, tables
from wizard.probes.latency.tcp_info import TcpInfo, listed, of_socket
from wizard.probes.probe import Probe
from wizard.probes.shared.icmp import COUNT as ECHOES
from wizard.probes.shared.icmp import Echoes, from_here, from_host
from wizard.probes.shared.way import HERE, Way, ways
from wizard.safety.sanitize import sanitize
from wizard.server.answers import number_of
from wizard.steps import names
from wizard.steps.limits import ProbeLimits
from wizard.steps.step import Context, Skip, Step

if TYPE_CHECKING:
    from wizard.server.pymysql_session import PyMySqlSession

_BETWEEN_NEWS = 0.25
"""Seconds between two looks that a screen gets at what is known so far."""


def run(context: Context) -> StepResult:
    measured: list[LatencyMeasured] = []
    for way in ways(context):
        measured.append(_measure(context, way, tuple(measured)))
    return _result(tuple(measured))


def _measure(context: Context, way: Way, earlier: tuple[LatencyMeasured, ...]) -> LatencyMeasured:
    """Everything along one way; what cannot be had is left out."""
    context.progress(f"{way.label}: looking the server's name up")
    seen = LatencyMeasured(way, forward(way, context.checkpoint))
    if way.id == HERE and context.server is None:
        return seen
    context.progress(f"{way.label}: logging in")
    session, logins = first_session(way, context.checkpoint)
    seen = replace(seen, logins=logins, first_greeting=_first_greeting(context, way))
    if session is None:
        return seen
    try:
        seen = _on_session(context, session, seen, earlier)
    finally:
        session.close()
    seen = replace(seen, logins=_more_logins(context, seen))
    if seen.has_network:
        context.progress(f"{way.label}: echo requests")
        seen = replace(seen, echoes=_echoes(context, seen))
    return _looked_back(context, seen)


def _more_logins(context: Context, seen: LatencyMeasured) -> Logins:
    return more(
        seen.way,
        seen.logins,
        seen.first_greeting,
        context.checkpoint,
        lambda count: context.progress(f"{seen.way.label}: login {count} of {LOGINS}"),
    )


def _first_greeting(context: Context, way: Way) -> float | None:
    """Of the login with which the investigation began: the server remembers us since then."""
    waited = context.case.fact(facts.GREETING_SECONDS)
    return float(waited) if way.id == HERE and isinstance(waited, float | int) else None


@dataclass(frozen=True, slots=True)
class _Seen:
    """How the server sees the session: `host` is its address or name, `port` that at its other
    end, None for a socket."""

    host: str
    port: int | None
    skips_names: bool


def _as_seen(session: PyMySqlSession) -> _Seen:
    row = session.rows(
        "SELECT SUBSTRING_INDEX(USER(), '@', -1) AS host, @@skip_name_resolve AS skips,"
        " (SELECT HOST FROM information_schema.PROCESSLIST WHERE ID = CONNECTION_ID()) AS place"
    )[0]
    port = str(row["place"] or "").rpartition(":")[2]
    number = int(port) if port.isascii() and port.isdecimal() else None
    return _Seen(sanitize(str(row["host"])), number, bool(number_of(row["skips"])))


def _on_session(
    context: Context,
    session: PyMySqlSession,
    seen: LatencyMeasured,
    earlier: tuple[LatencyMeasured, ...],
) -> LatencyMeasured:
    way = seen.way
    known = _as_seen(session)
    seen = replace(
        seen,
        skips_names=known.skips_names,
        client=_client(session, way, known),
        stays_inside=_stays_inside(session, way),
    )
    latest = [0.0]

    def news(trips: RoundTrips) -> None:
        if time.monotonic() - latest[0] >= _BETWEEN_NEWS:
            latest[0] = time.monotonic()
            context.progress(f"{way.label}: {len(trips.seconds)} round trips")
            context.publish(_so_far((*earlier, replace(seen, trips=trips))))

    def pause(seconds: float) -> None:
        context.stop.wait(seconds)
        context.checkpoint()

    with _KernelOf(session, way, known.port) as kernel:
        trips = take(session, kernel, context.limits.samples, pause, news)
    return replace(seen, trips=trips)


class _KernelOf:
    """The kernel at the client's end of a way, asked for the session's connection.

    Also after the driver has closed its socket.
    """

    def __init__(self, session: PyMySqlSession, way: Way, port: int | None) -> None:
        self._way = way
        self._port = port
        self._held: socket.socket | None = None
        if way.own_sockets and not way.target.socket and session.raw_socket is not None:
            self._held = socket.socket(fileno=os.dup(session.raw_socket.fileno()))

    def __enter__(self) -> Callable[[], TcpInfo | None]:
        return self._ask

    def __exit__(self, *_error: object) -> None:
        if self._held is not None:
            self._held.close()

    def _ask(self) -> TcpInfo | None:
        if self._way.own_sockets:
            return of_socket(self._held)
        if self._port is None or self._way.host is None or self._way.target.socket:
            return None
        return _listed(self._way.host, self._port, self._way.target.port)


def _listed(host: Host, port: int, server_port: int) -> TcpInfo | None:
    """By ss(8) of that machine: sshd's connection to the server. A proxy's client has another
    port there than the server sees."""
    command = ("ss", "-Htin", "state", "established", "sport", "=", f":{port}")
    try:
        done = host.run(command, timeout=5.0)
    except HostError:
        return None
    found = [entry.info for entry in listed(done.stdout) if entry.peer.endswith(f":{server_port}")]
    return found[0] if len(found) == 1 else None


def _client(session: PyMySqlSession, way: Way, known: _Seen) -> str:
    """The address that the server would look up. Where it knows a name already, our own end's
    address, which no address translation has changed as long as that name is ours."""
    if not is_name(known.host):
        return known.host
    if way.own_sockets and not way.target.socket and session.raw_socket is not None:
        return str(session.raw_socket.getsockname()[0])
    return ""


def _stays_inside(session: PyMySqlSession, way: Way) -> bool:
    held = session.raw_socket
    if not way.own_sockets or way.target.socket or held is None:
        return False
    return bool(held.getsockname()[0] == held.getpeername()[0])


def _looked_back(context: Context, seen: LatencyMeasured) -> LatencyMeasured:
    """The look-up of the client's name on the server's machine.

    Where that can be asked and the server asks as well.
    """
    if context.host is None or not seen.client or not may_look_up(seen):
        return seen
    context.progress(f"{context.host.label}: looking {seen.client} up")
    return replace(seen, backward=backward(context.host, seen.client, context.checkpoint))


def _echoes(context: Context, seen: LatencyMeasured) -> Echoes | None:
    way = seen.way
    if way.own_sockets:
        address = seen.logins.addresses[0] if seen.logins.addresses else ""
        return from_here(address, context.checkpoint)
    if way.host is None or not way.target.host or way.target.host.startswith("-"):
        return None
    return from_host(way.host, way.target.host, context.checkpoint)


def _so_far(measured: tuple[LatencyMeasured, ...]) -> StepResult:
    return StepResult(
        PROBE.id,
        StepStatus.RUNNING,
        headline=headline(measured),
        samples=samples(measured),
        facts=_facts(measured),
    )


def _result(measured: tuple[LatencyMeasured, ...]) -> StepResult:
    evidence = evidence_of(measured, datetime.now(UTC))
    if not evidence and all(seen.trips is None for seen in measured):
        failed = next((text for seen in measured for text in seen.logins.failed), "")
        if failed:
            return PROBE.step.failed(sanitize(failed))
        raise Skip("needs a connection to the server")
    return StepResult(
        PROBE.id,
        StepStatus.DONE,
        headline=evidence[0].text if evidence else headline(measured),
        evidence=evidence,
        looked_for=looked_for(measured),
        tables=tables(measured),
        notes=notes(measured),
        facts=_facts(measured),
        samples=samples(measured),
    )


def _facts(measured: tuple[LatencyMeasured, ...]) -> dict[str, Scalar]:
    seen = measured[-1]
    loss, tcp = seen.loss, seen.tcp
    late = late_on(seen)
    connects = stage(seen.logins, "open")
    return {
        "rtt_ms_median": median_ms(seen.trips.seconds if seen.trips else ()),
        "connect_ms_median": median_ms(connects),
        "loss_lower": None if loss is None else loss.lower,
        "loss_upper": None if loss is None else loss.upper,
        "path_mtu": None if tcp is None else tcp.pmtu,
        "mss": None if tcp is None else tcp.snd_mss,
        "greeting_late_seconds": None if late is None else late.seconds,
    }


def _opens(limits: ProbeLimits) -> str:
    count = str(limits.samples) if limits.samples else f"up to {MOST}"
    seconds = CHOSEN_SECONDS if limits.samples else SECONDS
    return (
        f"{count} small SELECTs on one session ({seconds:g} s at most), {LOGINS - 1} more logins"
        f" one after another, {ECHOES} pings and a few name lookups"
    )


STEP = Step(*names.LATENCY, run)

PROBE = Probe(STEP, _opens)
