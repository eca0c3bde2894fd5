"""The traces of our own experiments on the server that a context looks at."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from wizard.case import facts
from wizard.case.own_traces import OwnTraces, Trace, server_name
from wizard.safety.private_file import CannotWriteError
from wizard.steps.step import Context


def own_traces(context: Context) -> tuple[Trace, ...]:
    """What any earlier experiment left there."""
    return OwnTraces().of(_server(context))


def leave_traces(
    context: Context,
    seconds: float,
    lasting: float,
    connections: Sequence[int],
    errors: Mapping[int, int],
    server: str = "",
    user: str = "",
    kills: int = 0,
) -> None:
    """Write down what an experiment left, or ending sessions, that began `seconds` ago. Its traces
    may still come for `lasting` seconds. `errors` counts by number what the server raised for our
    account. `server` and `user` are given where they are not those of the connection step.
    """
    if not connections and not errors:
        return
    skew = context.case.fact(facts.CLOCK_SKEW_SECONDS)
    now = datetime.now(UTC) + timedelta(seconds=skew if isinstance(skew, int | float) else 0)
    trace = Trace(
        server or _server(context),
        user or str(context.case.fact(facts.ACCOUNT) or "").partition("@")[0],
        now - timedelta(seconds=seconds),
        now + timedelta(seconds=lasting),
        tuple(connections),
        {str(number): count for number, count in errors.items()},
        kills,
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


def leave_lost_session(context: Context) -> None:
    """Our own session was lost with the way to the server, which will log it as an aborted one."""
    session = context.server
    if session is not None:
        leave_traces(context, NOTICED, LATE, (session.info.connection_id,), {})


def _server(context: Context) -> str:
    case = context.case
    return server_name(case.fact(facts.HOSTNAME), case.fact(facts.PORT))
