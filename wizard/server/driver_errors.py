"""What PyMySQL raises, as MySQL's number, one safe line, and how far a login came."""

import ssl
import struct

import pymysql

from wizard.safety.sanitize import sanitize
from wizard.safety.system_words import in_words
from wizard.server.failed_attempt import FailedAttempt, Stage

# PyMySQL lets these through when the other side speaks out of turn.
DRIVER_ERRORS = (
    pymysql.err.Error,
    OSError,
    ValueError,
    RuntimeError,
    struct.error,
    LookupError,
    ArithmeticError,
    TypeError,
    AttributeError,
    AssertionError,
    NameError,
)

_NO_SERVER_S = "it says what no MySQL server does"
"""In place of a driver's own words about bytes that it did not expect."""


def number_and_text(error: Exception) -> tuple[int, str]:
    """MySQL's number (2013 where the driver has none) and one safe line."""
    arguments = error.args
    if isinstance(error, pymysql.err.Error) and arguments and isinstance(arguments[0], int):
        return arguments[0], sanitize(in_words(str(arguments[1]) if len(arguments) > 1 else ""))
    # A RuntimeError names a package that is not installed.
    told = isinstance(error, OSError | RuntimeError) or (
        isinstance(error, pymysql.err.Error) and len(arguments) == 1
    )
    text = sanitize(in_words(str(error))) if told else ""
    return 2013, text if told and "b'" not in text else _NO_SERVER_S


def attempt_of(
    error: Exception, encrypted: bool, seconds: float, shaking_hands: bool = False
) -> FailedAttempt:
    """How far a login came before the driver gave up; `shaking_hands` where TLS was agreed on and
    not in force yet."""
    cause = getattr(error, "original_exception", error)
    number, text = number_and_text(error)
    timed_out = isinstance(cause, TimeoutError) or text.endswith("(timed out)")
    if reason := _tls_reason(error):
        return FailedAttempt(Stage.TLS, reason, encrypted=encrypted)
    if shaking_hands and (timed_out or isinstance(cause, OSError)):
        said = sanitize(in_words(str(cause)))
        return FailedAttempt(Stage.TLS, said, timed_out=timed_out, seconds=seconds)
    # 2003 is what the driver makes of any system error.
    known = None if number in (0, 2003, 2013) else number
    return FailedAttempt(
        Stage.LOGIN, text, number=known, timed_out=timed_out, encrypted=encrypted, seconds=seconds
    )


def _tls_reason(error: BaseException | None) -> str:
    """What the TLS library says of the end, or the other side through it; "" for others.

    With TLS 1.3 a server refuses the client's certificate when the client is done with the
    handshake (RFC 8446, 4.4.2): the first read tells it. A plain end there is the server's.
    """
    told = getattr(error, "original_exception", None)
    seen: BaseException | None = told or error
    while seen is not None and not isinstance(seen, ssl.SSLError):
        seen = seen.__cause__ or seen.__context__
    if seen is None or (
        told is None and isinstance(seen, ssl.SSLEOFError | ssl.SSLZeroReturnError)
    ):
        return ""
    if isinstance(seen, ssl.SSLCertVerificationError):
        return f"certificate verify failed: {seen.verify_message or seen.reason or seen}"
    return str(seen.reason or seen)
