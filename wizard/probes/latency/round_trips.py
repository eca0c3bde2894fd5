"""Small statements on one session, until it is known whether packets are lost.

A request and its answer are one segment each, below 1200 bytes on the wire: each lost packet
costs a timeout of 200 ms or more, and a hop with a small MTU is not taken for a lossy one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from wizard.probes.latency.loss import Loss, LossVerdict
from wizard.probes.latency.tcp_info import TcpInfo
from wizard.server.connection_end import ConnectionEnd
from wizard.server.session import ConnectionLost

if TYPE_CHECKING:
    from wizard.server.pymysql_session import PyMySqlSession

SECONDS = 30.0
"""For all statements of one way, where nobody chose how many."""

CHOSEN_SECONDS = 600.0
"""For as many as the operator chose."""

MOST = 2000
"""Round trips where nobody chose how many."""

FIRST_LOOK = 50
"""Round trips before the first judgement; the later ones come after twice as many each."""

ENOUGH = 400
"""Round trips on which a path without loss may be cleared."""

LATE = 0.18
"""Seconds above the median: a lost packet is sent again after 200 ms at the earliest (TCP_RTO_MIN
of Linux), less what a clock may err."""

_PADDING = 900
_UP = f"SELECT LENGTH('{'x' * _PADDING}')"
_DOWN = f"SELECT REPEAT('x', {_PADDING})"
_EACH_DOWN = 4
"""Every so many statements it is the answer that is long."""

_PAUSE = 0.004
"""Seconds between two statements, for the server's sake; too short for a delayed acknowledgement
to leave on its own."""

Kernel = Callable[[], TcpInfo | None]
"""What the kernel at the client's end knows of the session's connection at this moment."""


@dataclass(slots=True)
class RoundTrips:
    """`seconds` of each round trip, in the order taken. `before` and `last` are what the kernel
    knew before the first and after the last of them, None where it could not be asked."""

    seconds: list[float] = field(default_factory=list)
    before: TcpInfo | None = None
    last: TcpInfo | None = None
    ended: ConnectionEnd | None = None

    @property
    def late(self) -> int:
        """How many took as long as a lost packet makes them take."""
        if not self.seconds:
            return 0
        usual = median(self.seconds)
        return sum(taken - usual >= LATE for taken in self.seconds)

    @property
    def loss(self) -> Loss | None:
        """None where the kernel did not tell."""
        before, last = self.before, self.last
        if before is None or last is None or before.total_retrans is None:
            return None
        resent = (last.total_retrans or 0) - before.total_retrans
        returned = (last.dsack_dups or 0) - (before.dsack_dups or 0)
        return Loss(self._segments, resent, self.late, min(resent, returned))

    @property
    def _segments(self) -> int:
        """With data, both ways. Kernels before 4.6 do not count them: one each way, then."""
        before, last = self.before, self.last
        if before is None or last is None or before.data_segs_out is None:
            return 2 * len(self.seconds)
        sent = (last.data_segs_out or 0) - before.data_segs_out
        return sent + (last.data_segs_in or 0) - (before.data_segs_in or 0)


def take(
    session: PyMySqlSession,
    kernel: Kernel,
    chosen: int,
    pause: Callable[[float], None],
    told: Callable[[RoundTrips], None],
) -> RoundTrips:
    """As many round trips as were `chosen`.

    With 0 until it is known whether packets are lost. `pause` waits so many seconds, or raises to
    stop; `told` hears what is known so far, after each. A session that is lost ends the series;
    other errors of the server are raised.
    """
    trips = RoundTrips(before=kernel())
    deadline = time.monotonic() + (CHOSEN_SECONDS if chosen else SECONDS)
    look = FIRST_LOOK
    while len(trips.seconds) < (chosen or MOST) and time.monotonic() < deadline:
        pause(_PAUSE)
        try:
            trips.seconds.append(_one(session, len(trips.seconds)))
        except ConnectionLost as lost:
            trips.ended, trips.last = lost.ending, kernel()
            return trips
        if len(trips.seconds) >= look:
            look *= 2
            trips.last = kernel()
            if not chosen and _decided(trips):
                return trips
        told(trips)
    trips.last = kernel()
    return trips


def _one(session: PyMySqlSession, index: int) -> float:
    statement = _DOWN if index % _EACH_DOWN == _EACH_DOWN - 1 else _UP
    began = time.monotonic()
    session.value(statement)
    return time.monotonic() - began


def _decided(trips: RoundTrips) -> bool:
    """Where the kernel cannot be asked, there is nothing to wait for beyond the times."""
    loss = trips.loss
    if loss is not None and loss.verdict is LossVerdict.LOSSY:
        return True
    is_open = loss is not None and loss.verdict is LossVerdict.OPEN
    return len(trips.seconds) >= ENOUGH and not is_open
