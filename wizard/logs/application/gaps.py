"""Regular gaps: what the time before a failure, or between failures, points at.

Timeouts are round numbers that many installations share, so a gap often names its owner. A gap
is a hint for the operator, never proof: two boxes may have the same timeout.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from wizard.case.evidence import Failure, Phase
from wizard.units import duration

# Defaults of servers, load balancers and kernels: MySQL and MariaDB Reference Manuals
# (wait_timeout), AWS (NLB idle timeout), Azure (load balancer idle timeout), Google Cloud (VPC
# connection tracking), Docker Swarm (IPVS), RDS Proxy (IdleClientTimeout), Envoy (idle timeout).
_OWNERS: tuple[tuple[int, str], ...] = (
    (86400, "a wait_timeout of one day, or PHP's mysqlnd.net_read_timeout"),
    (28800, "the default wait_timeout"),
    (3600, "a wait_timeout of one hour, Envoy or Istio, or a firewall"),
    (1800, "RDS Proxy's idle timeout, or a firewall"),
    (900, "Docker Swarm's or kube-proxy's IPVS, or the kernel giving up on retransmission"),
    (600, "a lowered wait_timeout, Google Cloud's connection tracking, or HAProxy"),
    (350, "an AWS network load balancer or connection tracking"),
    (300, "a lowered wait_timeout, or a client's read timeout"),
    (240, "an Azure load balancer or NAT gateway"),
    (180, "a lowered wait_timeout"),
    (90, "a hosting provider's router"),
    (60, "a lowered wait_timeout, HAProxy, or PHP's default_socket_timeout"),
    (30, "a lowered wait_timeout, or a client's read timeout"),
    (20, "a lowered wait_timeout"),
)
_KEEPALIVE = (7200, 7900)
"""Kernel keepalive: 7200 s, then 9 probes 75 s apart (tcp(7))."""

_SHORTEST = 1.5
"""Seconds; a pause below that is none that a timeout could end."""

_MIN_REPEATS = 3
_BURST = timedelta(seconds=5)
_SAME_TIME = 600


def gap_notes(failures: Sequence[Failure]) -> tuple[str, ...]:
    """One sentence for each regular gap among the failures; none where nothing is regular."""
    idle = sorted(f.idle_seconds for f in failures if f.idle_seconds is not None)
    moments = _bursts(sorted(f.at for f in failures if f.at is not None))
    # Whoever is refused each half hour tells of his own timer, and of no connection that rested.
    lost = sorted(f.at for f in failures if f.at is not None and f.phase is not Phase.CONNECT)
    notes = (*_idle_notes(idle), _every_day(moments) or _interval(_bursts(lost)))
    return tuple(n for n in notes if n)


def owner(seconds: float) -> str | None:
    """Whose timeout a gap of this length usually is; None for an uncommon one."""
    for limit, name in _OWNERS:
        if limit - 1 <= seconds <= limit * 1.01 + 2:
            return name
    if _KEEPALIVE[0] <= seconds <= _KEEPALIVE[1]:
        return "the kernel's TCP keepalive, which found a dead connection"
    return None


def _idle_notes(idle: Sequence[float]) -> tuple[str, ...]:
    known: dict[str, list[float]] = {}
    for gap in idle:
        if (name := owner(gap)) is not None:
            known.setdefault(name, []).append(gap)
    notes = [
        f"{_times(len(gaps))} after about {duration(round(min(gaps)))} without traffic: {name}?"
        for name, gaps in known.items()
    ]
    if notes or not idle or idle[0] < _SHORTEST:
        return tuple(notes)
    if len(idle) >= _MIN_REPEATS and idle[-1] - idle[0] <= max(2, idle[0] * 0.02):
        return (f"always after about {duration(round(idle[0]))} without traffic: some timeout",)
    if len(idle) > 1:
        return (
            f"the shortest idle time before a failure is {duration(round(idle[0]))}: what cuts idle"
            " connections does it no later than that",
        )
    return ()


def _bursts(moments: Sequence[datetime]) -> list[datetime]:
    """The first moment of each burst: one event fails many sessions at once."""
    starts: list[datetime] = []
    previous: datetime | None = None
    for moment in moments:
        if previous is None or moment - previous > _BURST:
            starts.append(moment)
        previous = moment
    return starts


def _interval(moments: Sequence[datetime]) -> str:
    if len(moments) <= _MIN_REPEATS:
        return ""
    steps = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    middle = median(steps)
    regular = [s for s in steps if abs(s - middle) <= max(2, middle * 0.03)]
    if middle < 10 or len(regular) * 4 < len(steps) * 3:
        return ""
    name = owner(middle)
    return f"the failures come every {duration(round(middle))}" + (f": {name}?" if name else "")


def _every_day(moments: Sequence[datetime]) -> str:
    days = {m.date() for m in moments}
    if len(days) < _MIN_REPEATS:
        return ""
    clock = [m.hour * 3600 + m.minute * 60 + m.second for m in moments]
    middle = sorted(clock)[len(clock) // 2]
    near = [
        m for m, c in zip(moments, clock, strict=True) if _clock_distance(c, middle) <= _SAME_TIME
    ]
    if len({m.date() for m in near}) < _MIN_REPEATS or len(near) * 4 < len(moments) * 3:
        return ""
    at = f"{middle // 3600:02}:{middle % 3600 // 60:02}"
    return f"each day at about {at}: a backup, log rotation, upgrade or cron job?"


def _clock_distance(one: int, other: int) -> int:
    distance = abs(one - other)
    return min(distance, 86400 - distance)


def _times(count: int) -> str:
    return "a failure came" if count == 1 else f"{count} failures came"
