"""How a connection ended, as the client's own socket tells it.

An ERR packet, a FIN, a RST and silence are four different things, and a driver's 2006 or 2013
stands for all of them.
"""

import ssl
from enum import StrEnum


class ConnectionEnd(StrEnum):
    """What the client met."""

    TOLD = "told"
    """An ERR packet of the server or of a proxy."""

    CLOSED = "closed"
    """An orderly end (FIN) without a word."""

    RESET = "reset"
    """A RST, or a write into a connection that the other side had closed."""

    SILENT = "silent"
    """Nothing within the time limit."""


def ending_of(error: BaseException) -> ConnectionEnd:
    """What a driver's error comes from; `error` is one that ended the connection.

    PyMySQL raises its own error while it handles the socket's, which is the error's context.
    """
    cause = getattr(error, "original_exception", None) or error.__context__ or error
    if isinstance(cause, TimeoutError):
        return ConnectionEnd.SILENT
    if isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return ConnectionEnd.CLOSED
    if isinstance(cause, ConnectionError):
        return ConnectionEnd.RESET
    number = error.args[0] if error.args else None
    return ConnectionEnd.CLOSED if number in (0, 2006, 2013) else ConnectionEnd.TOLD
