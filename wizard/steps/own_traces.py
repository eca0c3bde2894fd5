"""The traces of our own experiments on the server that a context looks at."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from wizard.case import facts
from wizard.case.moments import moment_of
from wizard.case.own_traces import OwnTraces, Trace, server_name
from wizard.safety.private_file import CannotWriteError
from wizard.server.connection_end import ConnectionEnd
from wizard.server.session import CannotConnect
from wizard.steps.step import Context


def own_traces(context: Context) -> tuple[Trace, ...]:
    """What any earlier experiment left there."""
    kept = OwnTraces()
    names = (_server(context), _unmet(context), *_unmet_by_other_ways(context))
    return tuple(trace for name in dict.fromkeys(names) for trace in kept.of(name))


def leave_traces(
    context: Context,
    seconds: float,
    lasting: float,
    connections: Sequence[int],
    errors: Mapping[int, int],
    server: str = "",
    user: str | None = None,
    kills: int = 0,
    aborted: Sequence[int] | None = None,
    logins: int = 0,
    refused: int = 0,
) -> None:
    """Write down what an experiment left, or ending sessions, that began `seconds` ago. Its traces
    may still come for `lasting` seconds. `errors` counts by number what the server raised for our
    account. `server` and `user` are given where they are not those of the connection step; the
    user is "" before the login. `aborted` are those that ended without COM_QUIT, by default all.
    """
    if not connections and not errors and not aborted:
        return
    now = _server_time(context)
    trace = Trace(
        server or _server(context),
        str(context.case.fact(facts.ACCOUNT) or "").partition("@")[0] if user is None else user,
        now - timedelta(seconds=seconds),
        now + timedelta(seconds=lasting),
        tuple(connections),
        {str(number): count for number, count in errors.items()},
        kills,
        tuple(connections if aborted is None else aborted),
        logins,
        refused,
    )
    try:
        OwnTraces().add(trace)
    except CannotWriteError as error:
        context.report(f"the traces of this probe could not be written down: {error}")


NOTICED = 300.0
"""Seconds within which we notice that a session of ours was lost."""

LATE = 2 * 3600.0
"""Seconds after which a server has noticed that the way to a client ended, by the kernel's
keepalive (tcp(7), tcp_keepalive_time)."""


_CUT: Mapping[int, int] = {1158: 1}
"""ER_NET_READ_ERROR: what MySQL counts of a session whose client is gone."""

_GIVEN_UP: Mapping[int, int] = {1158: 1, 1160: 1}
"""The same and ER_NET_ERROR_ON_WRITE: of one whose client left while it waited for an answer."""

_BEFORE_LOGIN = {**_GIVEN_UP, 1043: 1}
"""The same of a login, with ER_HANDSHAKE_ERROR; of no account."""


def leave_lost_session(context: Context, broken: bool) -> None:
    """Our own session was lost, which the server counts as an aborted one.

    What the server logs of it is ours only where the way to it is `broken`, and where we gave it up
    as it was silent: else it tells who cuts.
    """
    session = context.server
    if session is None:
        return
    if not broken:
        context.lost = datetime.now(UTC)
    number = session.info.connection_id
    began = min(NOTICED, _lived(context))
    errors = _CUT if broken else _GIVEN_UP if session.ending is ConnectionEnd.SILENT else {}
    seen = (number,) if errors else ()
    leave_traces(context, began, LATE, seen, errors, aborted=(number,))


def leave_given_up_login(context: Context) -> None:
    """A login of ours was given up before the server let us in: it hangs, or is held. When it goes
    on, which is after now, it counts that as a login that was broken off."""
    place = _unmet(context) if context.case.fact(facts.HOSTNAME) is None else ""
    leave_traces(context, 0.0, LATE, (), _BEFORE_LOGIN, place, user="", logins=1)


_OF_ACCOUNT = frozenset(
    {1044, 1045, 1049, 1251, 1275, 1524, 1698, 1862, 3118, 3159, 3955, 4150, 4151}
)
"""Refusals of what the operator gave: they say nothing of an application."""

_LIMIT = 1226
_OF_STATEMENTS = re.compile("max_(?:queries|questions|updates)")

_OF_ALL = frozenset({1203, _LIMIT, 3032})
"""Refusals that applications meet as well, and each of theirs counts by itself."""

_NO_INIT_CONNECT = 1184

_MET = (_LIMIT, 3024)
"""What the server may answer our session in its work; 3024 of a statement that took too long."""

_OF_DRIVER = frozenset({2006, 2013, 2026, 2059, 2061})
"""Logins that one side broke off, as a driver numbers them."""


def leave_refused_login(context: Context, refused: CannotConnect) -> None:
    """Our login was refused, or it broke off.

    The server logs and counts that, and it would accuse the application at the next look.
    """
    number, connection = refused.number, refused.connection_id
    if connection is None or refused.given_up or number is None:
        return
    place = _unmet(context) if context.case.fact(facts.HOSTNAME) is None else ""
    leave = partial(leave_traces, context, 1.0, 1.0, (connection,), server=place)
    user = context.target.user
    if number == _LIMIT and refused.let_in:
        leave({number: 1}, user=user, aborted=())
    elif number == _NO_INIT_CONNECT:
        leave({number: 1}, user=user)
    elif refused.let_in:
        return
    elif number == _LIMIT and _OF_STATEMENTS.search(str(refused)):
        # It let us in, refused the driver's first statement, and the driver hung up.
        leave({**_GIVEN_UP, number: 1}, user=user)
    elif number in _OF_ACCOUNT | _OF_ALL:
        leave({number: 1}, user=user, aborted=(), refused=1)
    elif number in _OF_DRIVER:
        leave(_BEFORE_LOGIN, user="", aborted=(), logins=1)
        leave(_BEFORE_LOGIN, user=user, aborted=())


def leave_own_errors(context: Context, seconds: float) -> None:
    """What our own session has met in the last `seconds`, which applications meet as well."""
    session = context.server
    met = {n: session.raised.pop(n) for n in _MET if n in session.raised} if session else {}
    if met:
        leave_traces(context, seconds + 1.0, 1.0, (), met)


def _lived(context: Context) -> float:
    """Seconds since the server was started, which our session came after."""
    started = moment_of(context.case.fact(facts.STARTED_AT))
    if started is None:
        return NOTICED
    return max(0.0, (_server_time(context) - started).total_seconds())


def _server_time(context: Context) -> datetime:
    """Now, by the server's clock, which its start and its counters are told by."""
    skew = context.case.fact(facts.CLOCK_SKEW_SECONDS)
    return datetime.now(UTC) + timedelta(seconds=skew if isinstance(skew, int | float) else 0)


def _unmet(context: Context) -> str:
    """What the server is called as long as it has not told its name."""
    return f"at {context.target.label}"


def _unmet_by_other_ways(context: Context) -> Iterator[str]:
    """The same for a login over the other of socket and TCP, on the server's own machine."""
    case, target = context.case, context.target
    socket, port = case.fact(facts.SOCKET), case.fact(facts.PORT)
    if not isinstance(socket, str) or not isinstance(port, int) or not target.is_loopback:
        return
    if target.socket == socket:
        for host in ("localhost", "127.0.0.1"):
            yield f"at {replace(target, socket=None, host=host, port=port).label}"
    elif target.socket is None and target.port == port:
        yield f"at {replace(target, socket=socket).label}"


def _server(context: Context) -> str:
    case = context.case
    return server_name(case.fact(facts.HOSTNAME), case.fact(facts.PORT))
