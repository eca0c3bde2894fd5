"""Sessions over PyMySQL: tagged, bounded in time, and never heard of in a driver's words."""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NoReturn

from pymysql.constants import CLIENT
from pymysql.cursors import DictCursor

from wizard.safety.sanitize import sanitize
from wizard.server.answers import AnswerRows, life_of, number_of
from wizard.server.bounded_connection import MULTI_FACTOR, AnswerBounds, BoundedConnection
from wizard.server.connection_end import ConnectionEnd, ending_of
from wizard.server.driver_errors import DRIVER_ERRORS, attempt_of, number_and_text
from wizard.server.failed_attempt import FailedAttempt, Stage
from wizard.server.flavor import flavor_of, numbers_of
from wizard.server.greeting import AttemptFailed, Checkpoint, never_stop, open_socket, peek_greeting
from wizard.server.login_stages import LoginStages
from wizard.server.made_connection import CONNECT_TIMEOUT, PROGRAM_NAME, made_connection
from wizard.server.privileges import DENIED, advice_for
from wizard.server.refusals import refusal, refusal_after_login
from wizard.server.session import (
    AnswerTooLarge,
    CannotConnect,
    ConnectionLost,
    QueryDenied,
    QueryFailed,
    Row,
    ServerInfo,
)
from wizard.server.tls import TimedHandshake, tls_context
from wizard.server.whole_answers import ask_for_whole_answers
from wizard.target.model import SslMode, Target

TAG = f"/* {PROGRAM_NAME} */ "

READ_TIMEOUT = 10.0
"""Seconds of silence from the server."""

GREETING_TIMEOUT = 35.0
"""Seconds of silence before the greeting of a server that may look up our name first: its
resolver asks three name servers twice with 5 s each (resolv.conf(5)) before it gives up."""

OpenLine = Callable[[Target, float, LoginStages], socket.socket]
"""Takes a time limit in seconds, and raises AttemptFailed."""

LOST = frozenset(
    {0, 1053, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, 2014, 2055, 3169, 4031}
)
"""Numbers after which the session is gone. PyMySQL gives 0 once its socket is closed."""

_ODD_ANSWERS = (KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError)
"""What reading an answer of a shape that no server gives ends in."""

_LOGIN_EXTRA = 5.0
"""Seconds that a whole login may take beyond the longest silence that it is allowed."""


class PyMySqlConnector:
    """Opens sessions to one target. `open_line` opens a socket to it, as greeting.open_socket.
    `capabilities` are asked for beside the driver's own (Connection Phase, "Capabilities
    Flags")."""

    def __init__(
        self, target: Target, open_line: OpenLine = open_socket, capabilities: int = 0
    ) -> None:
        self._target = target
        self._open_line = open_line
        self._capabilities = capabilities

    def with_batches(self) -> "PyMySqlConnector":
        """One whose sessions may send several statements in one packet."""
        return PyMySqlConnector(self._target, self._open_line, CLIENT.MULTI_STATEMENTS)

    def without_tls(self) -> "PyMySqlConnector":
        """One that takes no TLS, along the same way."""
        tls = replace(self._target.tls, mode=SslMode.DISABLED)
        return PyMySqlConnector(replace(self._target, tls=tls), self._open_line)

    def in_segments_of(self, size: int) -> "PyMySqlConnector":
        """One that opens its own sockets, whose segments carry at most `size` bytes either way."""
        return PyMySqlConnector(self._target, partial(open_socket, segment=size))

    def open(self) -> socket.socket:
        """A bare line along the same way, on which nothing was said. Raises AttemptFailed."""
        return self._open_line(self._target, CONNECT_TIMEOUT, LoginStages())

    def over(self, opened: socket.socket) -> "PyMySqlConnector":
        """One that logs in over a line that is open already; for one login."""
        return PyMySqlConnector(self._target, lambda _target, _timeout, _laps: opened)

    def connect(
        self, read_timeout: float = READ_TIMEOUT, checkpoint: Checkpoint = never_stop
    ) -> "PyMySqlSession":
        """A new session. `read_timeout` in seconds. Raises CannotConnect."""
        laps = LoginStages()
        session = self.login(read_timeout, laps, checkpoint)
        try:
            session.introduce(laps)
        except (ConnectionLost, QueryDenied, QueryFailed, AnswerTooLarge) as error:
            session.close()
            raise refusal_after_login(self._target, error, session.connection_id) from None
        except _ODD_ANSWERS:
            session.close()
            raise CannotConnect(
                "the server lets the account in and then answers what no MySQL server does", 2013
            ) from None
        return session

    def login(
        self, read_timeout: float, laps: LoginStages, checkpoint: Checkpoint = never_stop
    ) -> "PyMySqlSession":
        """A session that has only logged in: its `info` is not known. Raises CannotConnect.

        `laps` takes how long the stages took, also of a login that fails. `checkpoint` may stop the
        wait for a late greeting.
        """
        encrypted = False
        handshake: TimedHandshake | None = None
        number: int | None = None
        try:
            opened = self._open_line(self._target, CONNECT_TIMEOUT, laps)
            try:
                with laps.of("greeting"):
                    greeting = peek_greeting(opened, _greeting_timeout(self._target), checkpoint)
                number = greeting.connection_id
                context = tls_context(self._target, greeting)
                encrypted = context is not None
                factors = MULTI_FACTOR if greeting.asks_factors else 0
                connection = made_connection(
                    self._target, context, read_timeout, self._capabilities | factors
                )
                if context is not None:
                    handshake = TimedHandshake(context, laps)
                    connection.ctx = handshake  # type: ignore[attr-defined]
                with laps.of("login"), connection.within(read_timeout + _LOGIN_EXTRA):
                    connection.connect(opened)
            except BaseException:
                opened.close()
                raise
        except AttemptFailed as failed:
            raise refusal(self._target, failed.attempt, number) from None
        except AnswerTooLarge as error:
            attempt = FailedAttempt(Stage.LOGIN, str(error), encrypted=encrypted)
            raise refusal(self._target, attempt, number) from None
        except DRIVER_ERRORS as error:
            shaking = handshake is not None and not handshake.is_done
            attempt = attempt_of(error, encrypted, read_timeout, shaking)
            raise refusal(self._target, attempt, number) from None
        if laps.login is not None:
            laps.login -= laps.tls or 0.0
        return PyMySqlSession(connection)


class PyMySqlSession:
    """One open session; see wizard.server.session.ServerSession."""

    def __init__(self, connection: BoundedConnection) -> None:
        self._connection = connection
        self._info: ServerInfo | None = None
        self._ending: ConnectionEnd | None = None
        self.raised: dict[int, int] = {}

    @property
    def ending(self) -> ConnectionEnd | None:
        return self._ending

    @property
    def info(self) -> ServerInfo:
        if self._info is None:
            raise QueryFailed("the session has not been introduced")
        return self._info

    @property
    def raw_socket(self) -> socket.socket | None:
        """What the kernel knows of the connection is asked here; None once it is closed."""
        held: socket.socket | None = self._connection._sock  # type: ignore[attr-defined]
        return held

    @property
    def connection_id(self) -> int:
        """The number in the greeting."""
        return int(self._connection.thread_id())  # type: ignore[no-untyped-call]

    @property
    def greeted_as(self) -> str:
        """The version in the greeting, which a proxy may have written; not sanitized."""
        return str(self._connection.server_version)  # type: ignore[attr-defined]

    def introduce(self, laps: LoginStages) -> None:
        """Set the session up and learn who the server is; `laps` are those of its login."""
        with self._connection.within(READ_TIMEOUT + _LOGIN_EXTRA):
            self._introduce(laps)

    def _introduce(self, laps: LoginStages) -> None:
        self.ask_for_whole_answers()
        who = self.rows(
            "SELECT VERSION() AS version, @@version_comment AS comment,"
            " CONNECTION_ID() AS id, CURRENT_USER() AS account"
        )[0]
        asked = time.monotonic()
        status = {
            row["Variable_name"]: row["Value"]
            for row in self.rows(
                "SHOW SESSION STATUS WHERE Variable_name IN ('Uptime', 'Ssl_cipher')"
            )
        }
        version = sanitize(str(who["version"]))
        self._info = ServerInfo(
            flavor=flavor_of(version, str(who["comment"])),
            version=version,
            numbers=numbers_of(version),
            connection_id=number_of(who["id"]),
            account=sanitize(str(who["account"])),
            tls=sanitize(str(status.get("Ssl_cipher") or "")),
            uptime_seconds=life_of(number_of(status.get("Uptime") or 0)),
            laps=laps,
            uptime_read=(asked + time.monotonic()) / 2,
        )

    def ask_for_whole_answers(self) -> None:
        """For a session that is asked for more than a row without an introduction."""
        ask_for_whole_answers(self)

    def rows(self, sql: str, args: Sequence[object] = ()) -> list[Row]:
        return AnswerRows(self._run(sql, args).fetchall())

    def rows_within(self, sql: str, args: Sequence[object], bounds: AnswerBounds) -> list[Row]:
        """As `rows`, for an answer that is known to be large."""
        with self._connection.taking(bounds):
            return self.rows(sql, args)

    def value(self, sql: str, args: Sequence[object] = ()) -> Any:
        """The first column of the first row, or None where there is no row."""
        found = self.rows(sql, args)
        return next(iter(found[0].values()), None) if found else None

    def execute(self, sql: str, args: Sequence[object] = ()) -> list[Row]:
        # SHOW WARNINGS may still hold those of an earlier statement: MariaDB clears the list
        # only for a statement that touches tables or warns itself.
        warned = self._run(sql, args).warning_count
        return self.rows("SHOW WARNINGS") if warned else []

    def batch(self, statements: Sequence[str]) -> None:
        """Run the statements as one packet; the server goes on with them if we are gone. One
        that fails ends it. Needs a session of `with_batches`."""
        cursor = self._connection.cursor()
        with self._translated(statements[0]):
            cursor.execute("; ".join(TAG + statement for statement in statements))
            while cursor.nextset():
                pass

    def _run(self, sql: str, args: Sequence[object]) -> DictCursor:
        cursor = self._connection.cursor()
        statement = TAG + (cursor.mogrify(sql, tuple(args)) if args else sql)
        with self._translated(sql):
            cursor.execute(statement)
        return cursor

    def close(self) -> None:
        with contextlib.suppress(*DRIVER_ERRORS):
            self._connection.close()

    def hang_up(self) -> None:
        """End the connection without a word, also while another thread waits for an answer.

        A server that has unread words takes its client for alive."""
        if (held := self.raw_socket) is not None:
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def _translated(self, sql: str) -> Iterator[None]:
        try:
            yield
        except DRIVER_ERRORS as error:
            self._raise(error, sql)

    def _raise(self, error: Exception, sql: str) -> NoReturn:
        number, text = number_and_text(error)
        if isinstance(error, UnicodeError):
            raise QueryFailed("the server's answer is not valid UTF-8") from None
        if number in LOST or not self._connection.open:
            self.close()
            text = text or "the session is closed"
            # What is asked of a session that is lost already tells nothing more of its end.
            self._ending = self._ending or ending_of(error)
            raise ConnectionLost(text, number or 2006, ending_of(error)) from None
        self.raised[number] = self.raised.get(number, 0) + 1
        if number in DENIED:
            account = self._info.account if self._info else ""
            raise QueryDenied(text, number, advice_for(number, text, sql, account)) from None
        raise QueryFailed(text, number) from None


def _greeting_timeout(target: Target) -> float:
    """A server looks up no name for who comes from its own machine."""
    return READ_TIMEOUT if target.is_loopback else GREETING_TIMEOUT
