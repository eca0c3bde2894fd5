"""Sessions that ended by the wizard's own doing are told as that, with no cause to accuse. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from wizard.case.own_traces import Trace
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.server.variables import OWN_PROGRAM

_KILL = "connection-killed"


def own_act(event: RecorderEvent, traces: Callable[[], Iterable[Trace]]) -> RecorderEvent:
    """The event as it is to be told. `traces` reads what the wizard wrote down of its work, and is
    asked only where a session ended."""
    session = event.session
    if event.kind is not EventKind.SESSION_ENDED or session is None:
        return event
    who = f"{session.account} (connection {session.id})"
    if session.program == OWN_PROGRAM:
        text = f"{who} was a session of goneaway-wizard, of no application: {event.cause}"
    elif any(trace.left(session.id, event.at) for trace in traces()):
        text = (
            f"{who} was ended by goneaway-wizard, as its operator told it"
            if event.cause == _KILL
            else f"{who} was a session that goneaway-wizard tried something with: {event.cause}"
        )
    else:
        return event
    return replace(event, kind=EventKind.OWN_ACT, text=text, cause=None, verdict=None)
