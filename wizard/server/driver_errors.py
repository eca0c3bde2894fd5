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


def attempt_of(error: Exception, encrypted: bool, seconds: float) -> FailedAttempt:
    """How far a login came before the driver gave up."""
    cause = getattr(error, "original_exception", error)
    if isinstance(cause, ssl.SSLError):
        reason = getattr(cause, "verify_message", "") or cause.reason or str(cause)
        verify = isinstance(cause, ssl.SSLCertVerificationError)
        text = f"certificate verify failed: {reason}" if verify else str(reason)
        return FailedAttempt(Stage.TLS, text)
    number, text = number_and_text(error)
    timed_out = isinstance(cause, TimeoutError) or text.endswith("(timed out)")
    # 2003 is what the driver makes of any system error.
    known = None if number in (0, 2003, 2013) else number
    return FailedAttempt(
        Stage.LOGIN, text, number=known, timed_out=timed_out, encrypted=encrypted, seconds=seconds
    )
