"""Lets long statements run side by side along one way, and sees how each ends."""

import time
from concurrent.futures import Future
from dataclasses import dataclass

from wizard.probes.shared.background import drop, in_background
from wizard.probes.shared.outcomes import Outcome, PlannedRung
from wizard.probes.shared.quiet_socket import QuietSocket, SocketEvent
from wizard.probes.shared.session_room import OPEN_TIMEOUT, Scene
from wizard.probes.shared.still_listed import Listing
from wizard.probes.shared.way import Way
from wizard.probes.statement.judge import first_statements, further_statements
from wizard.server.answers import number_of
from wizard.server.connection_end import ConnectionEnd
from wizard.server.login_stages import LoginStages
from wizard.server.pymysql_session import PyMySqlSession
from wizard.server.session import ServerError

PATIENCE = 5.0
"""Seconds that an answer may be late."""

AFTERWARDS = 60
"""Seconds after which the server ends a session that cannot be told to."""


@dataclass(slots=True)
class Statement:
    """One statement that runs; `began` is of time.monotonic()."""

    wanted: PlannedRung
    session: PyMySqlSession
    wire: QuietSocket
    connection_id: int
    began: float
    outcome: Outcome | None = None

    def look(self, now: float) -> None:
        """Take what has come until now; never waits."""
        heard = self.wire.hear()
        if heard is None and now - self.began >= self.wanted.seconds + PATIENCE:
            heard = SocketEvent(ConnectionEnd.SILENT)
        if heard is not None:
            self._end(now, heard)

    def _end(self, now: float, heard: SocketEvent) -> None:
        silent = heard.ending is ConnectionEnd.SILENT
        ran = self.wanted.seconds if silent else min(now - self.began, self.wanted.seconds)
        self.outcome = Outcome(self.wanted, ran, heard.ending, silent, heard.number, heard.text)
        self.session.close()


def start_statement(way: Way, wanted: PlannedRung) -> Statement:
    """Log in and send it. Raises CannotConnect, ConnectionLost, QueryDenied, QueryFailed."""
    session = way.connector.login(OPEN_TIMEOUT, LoginStages())
    try:
        session.rows("SET SESSION wait_timeout = %s", (AFTERWARDS,))
        connection_id = number_of(session.value("SELECT CONNECTION_ID()"))
        wire = QuietSocket(session)
        began = time.monotonic()
        # As the only thing of a statement, an interrupted SLEEP returns 1 in MySQL.
        heard = wire.ask(f"SELECT 1 FROM DUAL WHERE SLEEP({wanted.seconds:.3f}) = 0")
    except BaseException:
        session.close()
        raise
    statement = Statement(wanted, session, wire, connection_id, began)
    if heard is not None:
        statement.outcome = Outcome(wanted, 0.0, heard.ending, asked=False)
        session.close()
    return statement


class StatementWatch:
    """The statements of one way."""

    def __init__(self, way: Way, scene: Scene, limit: float) -> None:
        """Raises Skip where the server has no room."""
        self.way, self.scene, self.limit = way, scene, limit
        self.most = scene.share(least=1)
        self.statements: list[Statement] = []
        self.refusals: list[ServerError] = []
        self._starting: dict[Future[Statement], PlannedRung] = {}
        self._listing = Listing(way)
        for wanted in first_statements(limit, self.most):
            self._start(wanted)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        return tuple(s.outcome for s in self.statements if s.outcome is not None)

    @property
    def live(self) -> tuple[Statement, ...]:
        return tuple(s for s in self.statements if s.outcome is None)

    @property
    def starting(self) -> tuple[PlannedRung, ...]:
        return tuple(self._starting.values())

    @property
    def busy(self) -> bool:
        return bool(self._starting or self.live or self._listing.busy)

    @property
    def left(self) -> tuple[Statement, ...]:
        """Those that the server could not be told to end."""
        ended = ((s, s.outcome) for s in self.statements if s.outcome is not None)
        return tuple(s for s, outcome in ended if outcome.asked and outcome.listed)

    def advance(self, now: float) -> None:
        """Do what is due; never waits."""
        self._take_started()
        for statement in self.live:
            statement.look(now)
        self._listing.advance(self.statements)
        if not (self._starting or self.live or self.refusals):
            for wanted in further_statements(self.outcomes, self.most - len(self.left)):
                self._start(wanted)

    def close(self) -> None:
        """End every connection, also those that are still being opened. The server notices once
        it has something to say."""
        for future in self._starting:
            drop(future, lambda statement: statement.session.close())
        for statement in self.live:
            statement.session.close()

    def _start(self, wanted: PlannedRung) -> None:
        self._starting[in_background(lambda: start_statement(self.way, wanted))] = wanted

    def _take_started(self) -> None:
        for future in [future for future in self._starting if future.done()]:
            del self._starting[future]
            try:
                self.statements.append(future.result())
            except ServerError as refusal:
                self.refusals.append(refusal)
