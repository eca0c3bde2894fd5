"""Logins one after another, each timed by stages."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wizard.probes.shared.way import Way
from wizard.server.login_stages import LoginStages
from wizard.server.session import CannotConnect

if TYPE_CHECKING:
    from wizard.server.pymysql_session import PyMySqlSession

LOGINS = 10
SECONDS = 8.0
"""For all of them but the first; the last one may begin just before."""

_READ_TIMEOUT = 10.0
_LATE = 5.0
_SLOW = 1.0
_LATE_ENOUGH = 2
"""So many greetings as late as that, or names as slow, show what more would show."""

_FAILED_ENOUGH = 3

Checkpoint = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Logins:
    """`done` and `failed` in the order in which they were tried; `addresses` are those that the
    connections led to, where this machine's own sockets show them."""

    done: tuple[LoginStages, ...] = ()
    failed: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()

    @property
    def tried(self) -> int:
        return len(self.done) + len(self.failed)


def first_session(way: Way, checkpoint: Checkpoint) -> tuple[PyMySqlSession | None, Logins]:
    """A session to work with, and how its login went. On a lossy path a login may need a second
    try, but not for long: where nobody answers, nobody will. None where none came about."""
    logins = Logins()
    deadline = time.monotonic() + SECONDS
    while True:
        session, logins, is_final = _one(way, logins, checkpoint)
        if session is not None or is_final or time.monotonic() >= deadline:
            return session, logins


def more(
    way: Way,
    logins: Logins,
    first_greeting: float | None,
    checkpoint: Checkpoint,
    told: Callable[[int], None],
) -> Logins:
    """`logins` and those after them, each closed with COM_QUIT at once. `told` hears how many
    there are. `first_greeting` is that of a login before them all."""
    deadline = time.monotonic() + SECONDS
    while logins.tried < LOGINS and time.monotonic() < deadline:
        waits = [first_greeting or 0.0, *(past.greeting or 0.0 for past in logins.done)]
        names = [past.resolve or 0.0 for past in logins.done]
        if sum(wait >= _LATE for wait in waits) >= _LATE_ENOUGH:
            break
        if sum(wait >= _SLOW for wait in names) >= _LATE_ENOUGH:
            break
        told(logins.tried + 1)
        session, logins, is_final = _one(way, logins, checkpoint)
        if session is not None:
            session.close()
        if is_final:
            break
    return logins


def _one(
    way: Way, logins: Logins, checkpoint: Checkpoint
) -> tuple[PyMySqlSession | None, Logins, bool]:
    """The session if it came about, what is known then, and whether to try no more."""
    checkpoint()
    laps = LoginStages()
    try:
        session = way.connector.login(_READ_TIMEOUT, laps, checkpoint)
    except CannotConnect as refused:
        failed = (*logins.failed, str(refused))
        # An answer of the server would be the same again, and may count against us there.
        is_final = refused.number not in (2002, 2003, 2013) or len(failed) >= _FAILED_ENOUGH
        return None, replace(logins, failed=failed), is_final
    addresses = dict.fromkeys((*logins.addresses, *_address(way, session)))
    done = (*logins.done, laps)
    return session, replace(logins, done=done, addresses=tuple(addresses)), False


def _address(way: Way, session: PyMySqlSession) -> tuple[str, ...]:
    if way.own_sockets and session.raw_socket is not None and not way.target.socket:
        with contextlib.suppress(OSError):
            return (str(session.raw_socket.getpeername()[0]),)
    return ()
