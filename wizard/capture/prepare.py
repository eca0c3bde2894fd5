"""A capture made ready: what it costs, the exact statements, and the log that will hold it.

Changes nothing but what an earlier capture left behind, which goes back first. The command and the
screens begin here.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from wizard import units
from wizard.capture import reach as reaching
from wizard.capture.already_on import AlreadyOn
from wizard.capture.costs import cost_lines, estimate
from wizard.capture.journal import CaptureJournal, left_over_line, leftovers
from wizard.capture.leftovers import restore, still_on
from wizard.capture.logging_state import CaptureKind, LoggingState, read_logging_state
from wizard.capture.own_file import own_file
from wizard.capture.plan import LOCK, CannotCapture, CapturePlan, plan_capture
from wizard.capture.recording import Recording, new_token
from wizard.capture.server_view import whose
from wizard.capture.source import CapturedLog
from wizard.hosts.protocol import Host
from wizard.server.pymysql_session import PyMySqlConnector, PyMySqlSession
from wizard.target.model import Target

_LOOK = 1.0
"""Seconds between the two looks by which the cost is estimated."""

SMALLER = "give a smaller size"

_LEAST = 1 << 20
"""Bytes: with fewer no size that is given leaves room to log anything."""

_NO_GUARD = (
    "over SSH no guard process watches this one: if it is killed, or the connection lost, the "
    "server itself puts the log back, within 5 s or when the time is over; while the wizard is "
    "stopped (Ctrl-Z) only the time ends it, not its size nor a disk that runs short"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the operator asked for; `long` is for the slow log alone."""

    kind: CaptureKind
    seconds: int
    max_bytes: int
    long: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """The server that is captured, and how it is reached."""

    target: Target
    connector: PyMySqlConnector
    host: Host | None
    through_ssh: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """`setup` switches the log on and waits, `back` puts it back: all that would be sent.

    `no_room` says why it may not begin, or nothing. `open` makes the log that will hold it; it
    takes a session for its questions.
    """

    wanted: Wanted
    costs: tuple[str, ...]
    setup: tuple[str, ...]
    back: tuple[str, ...]
    is_on_already: bool
    no_room: str
    open: Callable[[PyMySqlSession], CapturedLog]
    has_guard: bool = True


def prepare(
    place: Place, wanted: Wanted, session: PyMySqlSession, remark: Callable[[str], None]
) -> Prepared:
    """Two looks at the counters, and the plan. Raises CannotCapture, ServerError."""
    journal, kind = CaptureJournal.default(), wanted.kind
    earlier, began = read_logging_state(session, kind), time.monotonic()
    _clear(journal, earlier, session, place.host, remark)
    time.sleep(_LOOK)
    state, passed = read_logging_state(session, kind), time.monotonic() - began
    reach = reaching.reach_of(place.host, place.target, state, session.info)
    if state.is_on(kind):
        told = f"{kind.switch} is on already: it is read as it is, and not touched"
        return Prepared(
            wanted, (told,), (), (), True, "",
            lambda own: AlreadyOn(
                kind, state, reach, own, wanted.seconds, wanted.max_bytes, place.host
            ),
        )  # fmt: skip
    plan = plan_capture(
        state, kind, reach, wanted.seconds, wanted.max_bytes, new_token(), wanted.long,
        session.info.is_mariadb,
    )  # fmt: skip
    free = reach.free if plan.own_file else None
    costs = cost_lines(plan, estimate(earlier, state, passed, free))
    no_room = ""
    if free is not None and free < plan.max_bytes:
        no_room = told_no_room(free, reach.directory)
    if place.through_ssh:
        costs = (*costs, _NO_GUARD)
    return Prepared(
        wanted, costs, (*plan.setup, plan.wait), (*plan.restore, *plan.cleanup), False, no_room,
        lambda _own: _recording(plan, state, place, journal), not place.through_ssh,
    )  # fmt: skip


def told_no_room(free: int, directory: str) -> str:
    """What to do where fewer bytes are free than the log may take."""
    way = SMALLER if free >= _LEAST else "free some space there first"
    return f"only {units.size(free)} are free in {directory}: {way}"


def _recording(
    plan: CapturePlan, state: LoggingState, place: Place, journal: CaptureJournal
) -> Recording:
    file = own_file(plan.own_file, place.host, plan.max_bytes)
    way = place.target, place.connector, place.through_ssh
    return Recording(plan, state, *way, journal, file)


def _clear(
    journal: CaptureJournal,
    state: LoggingState,
    session: PyMySqlSession,
    host: Host | None,
    remark: Callable[[str], None],
) -> None:
    """Nobody else captures, and nothing is left of an earlier capture."""
    if session.value("SELECT IS_USED_LOCK(%s)", (LOCK,)) is not None:
        raise CannotCapture(f"another capture is in force on this server: {whose(session)}")
    for entry in leftovers(journal, state.identity):
        if still_on(entry, session):
            raise CannotCapture(left_over_line(entry))
        remark(f"an earlier capture, {entry.id}: {restore(entry, session, journal, host)}")
