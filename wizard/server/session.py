"""One PyMySQL session, tagged, bounded and read-only by habit."""

import time
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from wizard.safety.errors import WizardError
from wizard.server.connection_end import ConnectionEnd
from wizard.server.greeting import Checkpoint, never_stop
from wizard.server.login_stages import LoginStages

Row = dict[str, Any]


class ServerError(WizardError):
    """Something the server or the way to it refused; the message is one line.

    `number` is the MySQL error number, `advice` the next thing to try, `signal` the evidence
    that the refusal itself is (`state.refused`, `state.too-many-connections` ...), or "".
    """

    def __init__(
        self, message: str, number: int | None = None, advice: str = "", signal: str = ""
    ) -> None:
        super().__init__(message)
        self.number = number
        self.advice = advice
        self.signal = signal


class CannotConnect(ServerError):
    """No session could be opened. `given_up` where a line was open, and was left before the
    server had let anybody in: once it looks at that line it counts a login that was broken off.
    `connection_id` is the number in the greeting, of one that came so far. `let_in` where that was
    done, and the first statement failed."""

    given_up = False
    let_in = False
    connection_id: int | None = None

    @property
    def refuses_account(self) -> bool:
        """Whether the server runs, and does not take this account or its password."""
        return self.signal == "state.access-denied"


class ConnectionLost(ServerError):
    """The session is gone: closed, reset, timed out, or killed; `ending` says which."""

    def __init__(
        self, message: str, number: int | None = None, ending: ConnectionEnd | None = None
    ):
        super().__init__(message, number)
        self.ending = ending


class QueryDenied(ServerError):
    """The account lacks a privilege; `advice` is the GRANT that would allow it."""


class QueryFailed(ServerError):
    """The server answered with any other error."""


class AnswerTooLarge(ServerError):
    """The answer passed a bound on its bytes or rows; the session is closed, the server well."""


class Connector(Protocol):
    """Opens further sessions to the same target (a probe, a verification)."""

    def connect(self, *, checkpoint: Checkpoint = never_stop) -> "ServerSession":
        """`checkpoint` may stop the wait for a greeting that comes late, by raising."""
        ...


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What the greeting and two variables tell about the server.

    With how long the stages of this login took. `uptime_seconds` is None where the server's clock
    was put back since it started; `uptime_read` is when it was that, by time.monotonic().
    """

    flavor: str
    version: str
    numbers: tuple[int, int, int]
    connection_id: int
    account: str
    tls: str
    uptime_seconds: int | None
    laps: LoginStages = field(default_factory=LoginStages)
    uptime_read: float = field(default_factory=time.monotonic, compare=False)

    @property
    def is_mariadb(self) -> bool:
        return self.flavor == "mariadb"

    @property
    def has_error_summary(self) -> bool:
        """Whether events_errors_summary_* exist (MySQL 8.0 and later, not MariaDB)."""
        return not self.is_mariadb and self.numbers >= (8, 0, 0)


class ServerSession(Protocol):
    """One open session. Not thread-safe (PyMySQL's threadsafety is 1).

    All three query calls prefix the statement with the tool's comment, and raise QueryDenied,
    ConnectionLost or QueryFailed, never a driver's exception.
    """

    @property
    def info(self) -> ServerInfo: ...

    @property
    def ending(self) -> ConnectionEnd | None:
        """How it was lost; None while it lives, and where it was left with COM_QUIT."""
        ...

    @property
    def raised(self) -> MutableMapping[int, int]:
        """How often the server answered it with which error."""
        ...

    def rows(self, sql: str, args: Sequence[object] = ()) -> list[Row]: ...

    def value(self, sql: str, args: Sequence[object] = ()) -> Any: ...

    def execute(self, sql: str, args: Sequence[object] = ()) -> list[Row]:
        """For a change: runs `sql` and returns SHOW WARNINGS."""
        ...

    def close(self) -> None:
        """Say COM_QUIT; never raises."""
        ...
