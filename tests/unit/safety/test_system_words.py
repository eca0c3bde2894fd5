"""No word of the operating system's or of Python's reaches an operator where the field has one."""

import errno
import os

import pymysql
import pytest

from wizard.safety.operator_line import operator_line
from wizard.safety.system_words import in_words
from wizard.server.driver_errors import attempt_of, number_and_text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            f"MySQL server has gone away ({ConnectionResetError(104, os.strerror(104))!r})",
            "MySQL server has gone away (connection reset, RST)",
        ),
        (
            f"MySQL server has gone away ({BrokenPipeError(32, os.strerror(32))!r})",
            "MySQL server has gone away (the connection was closed before)",
        ),
        (
            f"Lost connection ({ConnectionResetError(104, os.strerror(104))})",
            "Lost connection (connection reset, RST)",
        ),
        (f"Lost connection ({TimeoutError('timed out')!r})", "Lost connection (timed out)"),
        (f"Lost ({TimeoutError(errno.ETIMEDOUT, 'timed out')})", "Lost (timed out)"),
        (str(OSError(28, os.strerror(28), "/a (b)")), "No space left on device: '/a (b)'"),
        ("You have an Error(s) in [Errno]", "You have an Error(s) in [Errno]"),
    ],
)
def test_what_python_shows_of_the_system_is_put_into_words(said: str, words: str) -> None:
    assert in_words(said) == words


def test_what_the_driver_raises_is_told_in_words() -> None:
    gone = "MySQL server has gone away (ConnectionResetError(104, 'Connection reset by peer'))"
    assert number_and_text(pymysql.err.OperationalError(2006, gone)) == (
        2006,
        "MySQL server has gone away (connection reset, RST)",
    )
    assert number_and_text(BrokenPipeError(32, "Broken pipe"))[1].startswith("the connection")


def test_an_error_of_a_file_names_the_file_and_no_number() -> None:
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/var/x")
    assert operator_line(error) == "No space left on device: '/var/x'"


@pytest.mark.parametrize(
    "said", ["The read operation timed out", "_ssl.c:989: The handshake operation timed out"]
)
def test_a_silence_over_tls_is_a_silence_too(said: str) -> None:
    """The driver's error is raised while that of the socket is handled, as the connection does."""
    try:
        try:
            raise TimeoutError(said)
        except TimeoutError as error:
            lost = f"Lost connection to MySQL server during query ({error})"
            raise pymysql.err.OperationalError(2013, lost) from error
    except pymysql.err.OperationalError as error:
        attempt = attempt_of(error, encrypted=True, seconds=3.0)
    assert attempt.timed_out
    assert attempt.text.endswith("(timed out)")
