"""Switches a log on and puts it back, over two sessions of its own.

One session holds the server-wide lock and sends everything in one packet: on, wait, back. While
it waits nothing is needed of us: the server itself puts the log back when the time is over, and
within 5 s of our end. The other session watches, and wakes the first one when it is to end early
(KILL QUERY, which an account may always do to its own sessions).
"""

import threading
import time
from contextlib import suppress

from wizard.capture.plan import GRACE, LOCK, READING, CannotCapture, CapturePlan, MayBeOn
from wizard.capture.server_view import is_on_as_planned, whose, writes_to_table
from wizard.capture.table_part import Received, received
from wizard.hosts.protocol import HostError
from wizard.safety.errors import WizardError
from wizard.server.answers import number_of
from wizard.server.pymysql_session import PyMySqlConnector, PyMySqlSession
from wizard.server.resting import resting
from wizard.server.session import (
    CannotConnect,
    ConnectionLost,
    QueryDenied,
    QueryFailed,
    ServerError,
    ServerSession,
)

SETTLE_SECONDS = 10.0
"""How long the server may take to switch back."""

ON_SECONDS = 40.0
"""How long it may take to switch on: it creates a file, on a disk that may be busy."""

WAKING_SECONDS = 4.0
"""How long the session that holds the switch is woken, before it is done without it."""

_POLL = 0.05
_SYNTAX_ERROR = 1064
_AFTERWARDS = 60.0
"""Seconds beyond the capture's end in which a server that went away may come back."""


class Switch:
    """The log of one server. Not thread-safe; raises ServerError and CannotCapture."""

    def __init__(self, connector: PyMySqlConnector) -> None:
        self._connector = connector
        self._holder: PyMySqlSession | None = None
        self._control: PyMySqlSession | None = None
        self._thread: threading.Thread | None = None
        self._error: ServerError | None = None
        self._plan: CapturePlan | None = None
        self._began = 0.0
        self.is_back = False
        self.is_left = False
        self.in_server = True

    def lock(self, seconds: int) -> int:
        """Take the server's lock for a capture of `seconds`; the id of the session that holds it.
        Raises CannotCapture where another capture is in force, with whose it is."""
        self._control = self._unlimited(self._connector.connect())
        patience = seconds + GRACE + READING + SETTLE_SECONDS + ON_SECONDS
        self._holder = self._unlimited(
            self._connector.with_batches().connect(read_timeout=patience)
        )
        if self._holder.value("SELECT GET_LOCK(%s, 0)", (LOCK,)) != 1:
            raise CannotCapture(f"another capture is in force on this server: {self._whose()}")
        return self._holder.info.connection_id

    def switch_on(self, plan: CapturePlan) -> None:
        """Returns when the log is on. Raises MayBeOn where the way to the server is lost in this
        moment, else ServerError and CannotCapture with the log as it was."""
        assert self._holder is not None, "lock() comes first"
        self._plan, self._began = plan, time.monotonic()
        self._thread = threading.Thread(target=self._hold, args=(self._holder, plan), daemon=True)
        self._thread.start()
        try:
            self._wait_until_on(self._thread, plan)
        except (HostError, CannotConnect, ConnectionLost) as error:
            raise self._left_to_server(plan, error) from None

    def _wait_until_on(self, thread: threading.Thread, plan: CapturePlan) -> None:
        while not self._is_on():
            if not thread.is_alive():
                self._without_batches(plan)
                return
            if time.monotonic() - self._began > ON_SECONDS:
                self.put_back()
                raise CannotCapture("the server did not switch the log on in time")
            time.sleep(_POLL)

    @property
    def began(self) -> bool:
        """Whether anything may have been switched."""
        return self._plan is not None

    @property
    def ended(self) -> bool:
        """Whether the server has put the log back by itself, or the holding session is gone."""
        if not self.in_server or self._thread is None:
            return False
        if not self._thread.is_alive():
            return True
        return time.monotonic() - self._began >= GRACE and not self._is_on()

    def received(self) -> Received | None:
        """What the server got of its clients so far."""
        return received(self._session())

    @property
    def is_lost(self) -> bool:
        """Whether the session that holds the switch was lost before its time."""
        return isinstance(self._error, ConnectionLost)

    def put_back(self) -> str:
        """Put the log back now; how it was done, in words. The session that holds the lock does
        it itself where it can. Keeps on trying for a while where the server does not answer."""
        plan = self._need_plan()
        give_up = self._began + plan.seconds + GRACE + _AFTERWARDS
        without_host = time.monotonic() + SETTLE_SECONDS
        while True:
            try:
                told = self._put_back(plan)
                self.is_back = True
                return told
            except (CannotConnect, ConnectionLost):
                if time.monotonic() > give_up:
                    raise
            except HostError as error:
                if time.monotonic() > without_host:
                    raise self._left_to_server(plan, error) from None
            time.sleep(0.5)

    def clean_up(self) -> None:
        """Empty the table that was empty, once it has been read, and leave the server."""
        plan = self._need_plan()
        if plan.cleanup:
            if self._thread is not None and self._thread.is_alive():
                self._wake()
                self._thread.join(SETTLE_SECONDS)
            if self._error is not None or self._thread is None or not self.in_server:
                self._clean_up_here(plan)
        self.close()

    def close(self) -> None:
        """Leave the server; the holding session ends by KILL, so that nothing of it is left. Where
        the log is not back yet, its end is only shown to the server, which then does the rest."""
        if self._thread is not None and self._thread.is_alive() and self._holder is not None:
            if self.is_back:
                with suppress(WizardError):
                    self._session().execute(f"KILL {self._holder.info.connection_id}")
            else:
                self._holder.hang_up()
            self._thread.join(SETTLE_SECONDS)
        for session in (self._holder, self._control):
            if session is not None:
                session.close()

    def _left_to_server(self, plan: CapturePlan, lost: WizardError) -> MayBeOn:
        self.is_left = True
        latest = plan.seconds + GRACE - (time.monotonic() - self._began)
        means = (
            f"the server itself puts the log back, within 5 s of the loss or in {latest:.0f} s at "
            "the latest"
            if self.in_server and latest > 0
            else "the log may still be on"
        )
        return MayBeOn(
            f"the way to the server is lost ({lost}): {means}; goneaway-wizard capture restore "
            "looks whether it did"
        )

    def _hold(self, holder: PyMySqlSession, plan: CapturePlan) -> None:
        try:
            holder.batch(plan.packet)
        except ServerError as error:
            self._error = error

    @staticmethod
    def _unlimited(session: PyMySqlSession) -> PyMySqlSession:
        """A session whose statements may take as long as they do. A limit would end the wait,
        and on a busy server a look, which would be taken for the capture's end."""
        limit = "max_statement_time" if session.info.is_mariadb else "max_execution_time"
        with suppress(QueryDenied, QueryFailed):
            session.execute(f"SET SESSION {limit} = 0")
        return resting(session)

    def _without_batches(self, plan: CapturePlan) -> None:
        """The packet ended at once. A proxy that lets no batch pass answers with a syntax error:
        then the statements go one by one, and nothing inside the server knows of the end."""
        error = self._error
        if isinstance(error, QueryFailed) and error.number == _SYNTAX_ERROR:
            self.in_server = False
            try:
                for statement in plan.setup:
                    self._session().execute(statement)
            except ServerError:
                self._run(plan.restore)
                raise
            return
        self._run(plan.restore)
        if isinstance(error, ConnectionLost):
            raise CannotCapture(f"the log was put back at once, as a connection was lost: {error}")
        if error is not None:
            raise error
        raise CannotCapture("the server put the log back at once")

    def _put_back(self, plan: CapturePlan) -> str:
        woken = self._wake_until_off()
        session = self._session()
        if self._restarted(session):
            return "the server was restarted, and its logs are as its option files say"
        if not self._is_ours(session):
            return "another capture has begun meanwhile; nothing was touched"
        was_on = self._is_on()
        # Also where the server did it: a wake that came late may have hit one of its statements.
        self._run(plan.restore)
        if was_on:
            return "the log was put back"
        return "the server put the log back" if woken else "the server had put the log back"

    def _wake_until_off(self) -> bool:
        """Wake the session that holds the switch; whether the log went off then. A wake between
        two statements is lost, so it is done again."""
        give_up = time.monotonic() + WAKING_SECONDS
        while self._is_holding() and time.monotonic() < give_up:
            self._wake()
            again = time.monotonic() + 0.5
            while self._is_holding() and time.monotonic() < again:
                if not self._is_on():
                    return True
                time.sleep(_POLL)
        return False

    def _is_holding(self) -> bool:
        return self.in_server and self._thread is not None and self._thread.is_alive()

    def _is_ours(self, session: ServerSession) -> bool:
        """Whether nobody else holds the lock now."""
        user = session.value("SELECT IS_USED_LOCK(%s)", (LOCK,))
        own = {s.info.connection_id for s in (self._holder, self._control) if s is not None}
        return user is None or number_of(user) in own

    def _restarted(self, session: ServerSession) -> bool:
        rows = session.rows("SHOW GLOBAL STATUS LIKE 'Uptime'")
        uptime = number_of(rows[0]["Value"]) if rows else 0
        return uptime + 2 < time.monotonic() - self._began

    def _run(self, statements: tuple[str, ...]) -> None:
        """All of them, also where one fails; the first failure is raised at the end."""
        failed: ServerError | None = None
        for statement in statements:
            try:
                self._session().execute(statement)
            except (QueryFailed, QueryDenied) as error:
                failed = failed or error
        if failed is not None:
            raise failed

    def _clean_up_here(self, plan: CapturePlan) -> None:
        with suppress(QueryDenied, QueryFailed):
            if not writes_to_table(self._session(), plan):
                self._run(plan.cleanup)

    def _wake(self) -> None:
        if self._holder is not None:
            with suppress(QueryDenied, QueryFailed):
                self._session().execute(f"KILL QUERY {self._holder.info.connection_id}")

    def _is_on(self) -> bool:
        return is_on_as_planned(self._session(), self._need_plan())

    def _session(self) -> PyMySqlSession:
        """The controlling session, a new one where it was lost."""
        try:
            if self._control is not None:
                self._control.value("SELECT 1")
                return self._control
        except ConnectionLost:
            pass
        self._control = self._unlimited(self._connector.connect())
        return self._control

    def _need_plan(self) -> CapturePlan:
        assert self._plan is not None, "switch_on() comes first"
        return self._plan

    def _whose(self) -> str:
        return whose(self._session())
