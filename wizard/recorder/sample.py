"""One look at the server: its sessions, its counters, its errors by account. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SessionSeen:
    """A session as the server lists it.

    `seconds` is how long it has been in this state, `statement` the masked beginning of what it
    runs, `statement_bytes` the whole length of that, `transaction_seconds` the age of its open
    transaction or None.
    """

    id: int
    user: str
    host: str
    program: str
    command: str
    seconds: int
    state: str = ""
    statement: str = ""
    statement_bytes: int = 0
    transaction_seconds: int | None = None
    port: int | None = None
    """The client's end of its TCP connection; None over a Unix socket."""

    seen_at: datetime | None = field(default=None, compare=False)
    """When `seconds` was read: one that rests is not read again each second."""

    def at(self, now: datetime) -> "SessionSeen":
        """The same as it is now, if it still is in that state."""
        passed = (now - self.seen_at).total_seconds() if self.seen_at is not None else 0.0
        return replace(self, seconds=self.seconds + round(passed), seen_at=now)

    @property
    def account(self) -> str:
        return f"{self.user}@{self.host}" if self.host else self.user

    @property
    def rests(self) -> bool:
        return self.command == "Sleep"


@dataclass(frozen=True, slots=True)
class AccountError:
    """An error that the server raised for an account (MySQL's error summaries)."""

    account: str
    number: int


@dataclass(frozen=True, slots=True)
class Sample:
    """Everything of one moment. Counters are totals since the server's start, by their names in
    lower case: MariaDB's status table has them in upper case, MySQL's as the manual writes them.
    Beside them stand the limits that SET GLOBAL may change.

    `server` tells one server from another and is the same after a restart; `errors` are by account
    and number since the session was opened, `kills` how many KILLs each account has issued
    since then (MySQL only). `started` is when the server was ready, in whole epoch seconds by its
    own clock: Uptime counts from it to the statement's beginning, as UNIX_TIMESTAMP does, so that
    the difference is the same for all of its life, whatever becomes of the clock.
    """

    at: datetime
    server: str
    sessions: Mapping[int, SessionSeen]
    counters: Mapping[str, int]
    errors: Mapping[AccountError, int] = field(default_factory=dict)
    kills: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    """What the sample cost."""

    cut: bool = False
    """Whether there were more sessions than are looked at."""

    kills_counted: int | None = None
    """KILL statements until now, where the server counts them apart from its status (MySQL)."""

    started: int | None = None
    names_ends: bool = False
    """Whether the error log's verbosity has it name sessions that ended."""

    connection: int = 0
    """Our own one, by the server's count."""

    @property
    def wait_timeout(self) -> int:
        """The global one; 0 where it is not known."""
        return self.counter("wait_timeout")

    def counter(self, name: str) -> int:
        """A status variable by its name in the manual; 0 where the server has none."""
        return self.counters.get(name.lower(), 0)

    def has(self, name: str) -> bool:
        """Whether the server has that status variable."""
        return name.lower() in self.counters

    @property
    def counts_kills(self) -> bool:
        """Whether this account is shown how often KILL was used."""
        return self.kills_counted is not None or "com_kill" in self.counters

    @property
    def kill_count(self) -> int:
        """KILL statements until now. MySQL's status table has no Com_kill."""
        return self.counter("Com_kill") if self.kills_counted is None else self.kills_counted


def grown(before: Sample, after: Sample, name: str) -> int:
    """By how much a counter rose; 0 where it was set back (FLUSH STATUS)."""
    return max(after.counter(name) - before.counter(name), 0)
