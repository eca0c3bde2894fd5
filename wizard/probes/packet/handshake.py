"""Whether a TLS handshake hangs because of the size of its segments.

A certificate fills more than one segment, so a hop that drops large packets without a word stops
the login itself. The same login in small segments passes there (RFC 4459, section 3.2, "MSS").
"""

from collections.abc import Callable
from dataclasses import dataclass

from wizard.probes.shared.way import Way
from wizard.server.login_stages import LoginStages
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.server.session import CannotConnect

LOGIN_SECONDS = 6.0
"""Of silence, in the TLS handshake and in the login."""

SEGMENT = 536
"""Bytes of a TCP segment that every IPv4 path carries (RFC 9293, section 3.7.1)."""


@dataclass(frozen=True, slots=True)
class HungHandshake:
    """`hung` handshakes never ended. `passes` says that one in segments of `SEGMENT` bytes, made
    between two of them, did; None where it could not be tried."""

    hung: int
    passes: bool | None = None

    @property
    def is_black_hole(self) -> bool:
        return self.passes is True and self.hung > 1


def hangs(laps: LoginStages) -> bool:
    """Whether this failed login waited for the TLS handshake until its time was over."""
    return laps.tls is not None and laps.tls >= LOGIN_SECONDS


def after_a_hang(way: Way, checkpoint: Callable[[], None]) -> HungHandshake:
    """One login in small segments, and where it passes, an ordinary one again. Raises Cancelled."""
    if not way.own_sockets or way.target.socket is not None:
        return HungHandshake(1)
    if not _passes(way.connector.in_segments_of(SEGMENT), LoginStages(), checkpoint):
        return HungHandshake(1, passes=False)
    laps = LoginStages()
    if _passes(way.connector, laps, checkpoint) or not hangs(laps):
        return HungHandshake(1, passes=True)
    return HungHandshake(2, passes=True)


def _passes(connector: PyMySqlConnector, laps: LoginStages, checkpoint: Callable[[], None]) -> bool:
    """Whether the handshake passes; what the account may do does not matter."""
    try:
        connector.login(LOGIN_SECONDS, laps, checkpoint).close()
    except CannotConnect:
        return laps.tls is not None and not hangs(laps)
    return True
