"""One connection of the idle ladder: opened, watched while it is quiet, asked, and closed."""

import time
from dataclasses import dataclass

from wizard.probes.shared.outcomes import Half, Outcome, PlannedRung
from wizard.probes.shared.quiet_socket import QuietSocket, SocketEvent
from wizard.probes.shared.session_room import OPEN_TIMEOUT
from wizard.probes.shared.way import Way
from wizard.server.answers import number_of
from wizard.server.connection_end import ConnectionEnd
from wizard.server.login_stages import LoginStages
from wizard.server.pymysql_session import PyMySqlSession

ANSWER_TIMEOUT = 5.0
"""Seconds that the answer to the question may take: several retransmits of a lost packet."""

KNOWN_TIMEOUT = 3.0
"""The same in later rounds, where connections are known to fall silent."""

QUESTION = "DO 1"
"""Answered with a single packet; a proxy that speaks for the server must pass it on."""


@dataclass(slots=True)
class Rung:
    """One connection. `began` and `asked_at` are of time.monotonic().

    `connection_id` is the server's; `wait_timeout` the session's, in seconds.
    """

    wanted: PlannedRung
    session: PyMySqlSession
    wire: QuietSocket
    connection_id: int
    wait_timeout: int
    began: float
    asked_at: float | None = None
    outcome: Outcome | None = None

    @property
    def due(self) -> float:
        return self.began + self.wanted.seconds

    def look(self, now: float) -> None:
        """Take what the other side has sent or done until now; never waits."""
        heard = self.wire.hear()
        if heard is not None and (heard.ending is not None or self.asked_at is not None):
            self._end(now, heard)

    def ask(self, now: float) -> None:
        """Send the question; the answer comes to `look`."""
        self.asked_at = now
        heard = self.wire.ask(QUESTION)
        if heard is not None:
            self._end(now, heard)

    def give_up_if_late(self, now: float) -> None:
        """End it where no answer came within the time."""
        patience = KNOWN_TIMEOUT if self.wanted.round else ANSWER_TIMEOUT
        if self.outcome is None and self.asked_at is not None and now - self.asked_at >= patience:
            self._end(now, SocketEvent(ConnectionEnd.SILENT))

    def close(self) -> None:
        """COM_QUIT where the other side may still hear it; never waits, never raises."""
        self.session.close()

    def _end(self, now: float, heard: SocketEvent) -> None:
        asked = self.asked_at is not None
        until = now if self.asked_at is None else self.asked_at
        self.outcome = Outcome(
            self.wanted, until - self.began, heard.ending, asked, heard.number, heard.text
        )


def open_rung(way: Way, wanted: PlannedRung, raised_to: int) -> Rung:
    """Log in and fall silent; `raised_to` seconds is the raised half's wait_timeout.

    Raises CannotConnect, ConnectionLost, QueryDenied, QueryFailed.
    """
    session = way.connector.login(OPEN_TIMEOUT, LoginStages())
    try:
        if wanted.half is Half.RAISED:
            session.rows("SET SESSION wait_timeout = %s", (raised_to,))
        row = session.rows("SELECT CONNECTION_ID() AS id, @@SESSION.wait_timeout AS wait_timeout")
        began = time.monotonic()
        wire = QuietSocket(session)
    except BaseException:
        session.close()
        raise
    who = row[0]
    return Rung(wanted, session, wire, number_of(who["id"]), number_of(who["wait_timeout"]), began)
