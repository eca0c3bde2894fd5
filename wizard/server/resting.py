"""A session of ours that may rest longer than the server lets others.

A host is sampled, a capture waits, a fix is proven: a short wait_timeout would end our sessions
meanwhile. The server logs and counts them as idle timeouts, which a later look would take for the
fault.
"""

from contextlib import suppress
from typing import TypeVar

from wizard.server.session import QueryDenied, QueryFailed, ServerSession

SECONDS = 28_800
"""The default of wait_timeout in each series; nothing of ours rests longer."""

_Session = TypeVar("_Session", bound=ServerSession)


def resting(session: _Session) -> _Session:
    """The same session, with a wait_timeout of its own. Raises ServerError where it is lost."""
    with suppress(QueryDenied, QueryFailed):
        session.execute(f"SET SESSION wait_timeout = {SECONDS}")
    return session
