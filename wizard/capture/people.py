"""Who is connected to the server, and with which program: what the general log leaves out."""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass

from wizard.capture.plan import LOCK
from wizard.hosts.protocol import HostError
from wizard.safety.sanitize import sanitize
from wizard.server.answers import number_of
from wizard.server.privileges import sees_all_sessions
from wizard.server.session import QueryDenied, QueryFailed, ServerError, ServerSession
from wizard.server.variables import OWN_PROGRAM

MOST = 20_000


@dataclass(frozen=True, slots=True)
class Person:
    """One session of the process list. `rest` is how long it has been in its present state."""

    connection_id: int
    user: str
    host: str
    program: str
    rest: float


def connected(session: ServerSession, ours: Collection[int] = ()) -> dict[int, Person] | None:
    """By connection id; None where this account sees only its own sessions. `ours` are further
    sessions of this wizard: MariaDB keeps no program names unless performance_schema is on."""
    if not sees_all_sessions(session):
        return None
    programs = _programs(session)
    own = {*ours, session.info.connection_id, session.value("SELECT IS_USED_LOCK(%s)", (LOCK,))}
    rows = session.rows(
        "SELECT id AS id, user AS user, host AS host, command AS command, time AS time"
        f" FROM information_schema.processlist LIMIT {MOST}"
    )
    found = {}
    for row in rows:
        number = number_of(row["id"])
        if number not in own and programs.get(number) != OWN_PROGRAM:
            host = sanitize(str(row["host"] or "")).rpartition(":")[0] or str(row["host"])
            found[number] = Person(
                number, sanitize(str(row["user"])), sanitize(host), programs.get(number, ""),
                float(row["time"] or 0),
            )  # fmt: skip
    return found


def connected_at_start(
    session: Callable[[], ServerSession], ours: Collection[int]
) -> dict[int, Person] | None:
    """The same once the log is on; None too where the way to the server is lost, or none leads
    there any more: the log notices that.

    Who came or said Quit between a list and the log would be in neither, and told as never there,
    or as gone without a word.
    """
    try:
        return connected(session(), ours)
    except (ServerError, HostError):
        return None


def _programs(session: ServerSession) -> dict[int, str]:
    """Both servers keep what clients say of themselves, where performance_schema is on."""
    with suppress(QueryDenied, QueryFailed):
        return {
            number_of(row["id"]): sanitize(str(row["value"] or ""))
            for row in session.rows(
                "SELECT processlist_id AS id, attr_value AS value"
                " FROM performance_schema.session_connect_attrs"
                f" WHERE attr_name = 'program_name' LIMIT {MOST}"
            )
        }
    return {}
