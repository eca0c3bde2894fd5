"""What the investigation saw that a value can be made from. Pure, but for one counter."""

from dataclasses import dataclass, replace

from wizard.case import facts
from wizard.case.case import Case
from wizard.case.evidence import Scalar
from wizard.server.answers import number_of
from wizard.server.session import QueryDenied, QueryFailed, ServerSession
from wizard.units import duration

_PACKET_SIGNALS = ("client.packet-too-large", "client.sending-packet", "log.aborted-packet")

_CUTTERS = {
    "kill": "somebody who ends sessions that idle",
    "between": "a proxy or a load balancer",
    "network": "a firewall or an address translation",
}
"""Who ended idle connections by the idle ladder, beside the server itself."""


@dataclass(frozen=True, slots=True)
class Link:
    """What has the shortest memory on the way.

    After `seconds` of rest `who` ends a connection; `source` is how that is known.
    """

    seconds: float
    who: str
    source: str

    @property
    def told(self) -> str:
        return f"{self.who} ends connections after {duration(self.seconds)} of rest ({self.source})"


@dataclass(frozen=True, slots=True)
class ObservedFigures:
    """What the investigation saw. `largest_statement` in bytes, `longest_idle` in seconds,
    `most_sessions` the most that were ever open at once, `refused` how often a login found no
    free slot. `link` is the shortest idle limit on the way beside the server's own, and
    `packet_path` the largest statement that the way lets pass. `memory` is what the server may
    use in bytes, and `memory_of` whose limit that is."""

    largest_statement: int | None = None
    longest_idle: float | None = None
    most_sessions: int | None = None
    refused: int = 0
    link: Link | None = None
    packet_path: int | None = None
    memory: int | None = None
    memory_of: str = ""


NOTHING_OBSERVED = ObservedFigures()


def measure(case: Case | None) -> ObservedFigures:
    """What a case tells."""
    if case is None:
        return ObservedFigures()
    sizes = [f.size for f in case.failures if f.size is not None]
    sizes += [
        o.size
        for e in case.evidence
        if e.signal in _PACKET_SIGNALS
        for o in e.occurrences
        if o.size is not None
    ]
    idle = [f.idle_seconds for f in case.failures if f.idle_seconds is not None]
    memory, memory_of = _memory(case)
    return ObservedFigures(
        max(sizes, default=None),
        max(idle, default=None),
        link=_link(case),
        packet_path=_packet_path(case),
        memory=memory,
        memory_of=memory_of,
    )


def with_high_water(figures: ObservedFigures, session: ServerSession) -> ObservedFigures:
    """The same with what the server counts of its slots. Raises ConnectionLost."""
    try:
        rows = session.rows(
            "SHOW GLOBAL STATUS WHERE Variable_name IN"
            " ('Max_used_connections', 'Connection_errors_max_connections')"
        )
    except (QueryDenied, QueryFailed):
        return figures
    counted = {str(r["Variable_name"]).lower(): number_of(r["Value"]) for r in rows}
    return replace(
        figures,
        most_sessions=counted.get("max_used_connections"),
        refused=counted.get("connection_errors_max_connections", 0),
    )


def _link(case: Case) -> Link | None:
    found = []
    cutter, cut = case.fact(facts.IDLE_CUT_BY), _number(case.fact(facts.IDLE_CUT_SECONDS))
    if cut is not None and cutter in _CUTTERS:
        found.append(Link(cut, _CUTTERS[str(cutter)], "measured by the idle ladder"))
    proxy = _number(case.fact(facts.PROXY_TIMEOUT))
    if proxy is not None:
        found.append(Link(proxy, "the proxy on the way", "as its configuration says"))
    return min(found, default=None, key=lambda link: link.seconds)


def _packet_path(case: Case) -> int | None:
    limit = _number(case.fact(facts.PACKET_LIMIT_MEASURED))
    by_path = case.fact(facts.PACKET_LIMIT_BY) == "path"
    return int(limit) if by_path and limit is not None else None


def _memory(case: Case) -> tuple[int | None, str]:
    """The control group's limit where it is the smaller one."""
    total = _number(case.fact(facts.HOST_MEMORY_TOTAL))
    limit = _number(case.fact(facts.MEMORY_LIMIT))
    if limit is not None and (total is None or limit < total):
        return int(limit), "the server's control group"
    return (None, "") if total is None else (int(total), "the machine")


def _number(value: Scalar) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        return None
    return float(value)
