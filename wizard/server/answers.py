"""What a server answered, read so that an odd answer is told as one.

A proxy, a fork or a damaged table may leave a column out or write no number where one belongs. The
step that asked fails with that reason; it is no defect of the wizard.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from wizard.server.session import QueryFailed

MOST = 1 << 64
"""Above every number that a server counts in."""

_LONGEST_LIFE = 100 * 365 * 86_400
"""Seconds for which no server has been up."""


class OddAnswer(QueryFailed):
    """The answer has not the shape that was asked for."""


class AnswerRow(dict[str, Any]):
    """A row by its columns' names."""

    def __missing__(self, name: str) -> Any:
        raise OddAnswer(f"the server's answer has no column '{name}' that was asked for")


class AnswerRows(list[dict[str, Any]]):
    """The rows of an answer, of which one was asked for."""

    def __getitem__(self, place: Any) -> Any:
        try:
            return super().__getitem__(place)
        except IndexError:
            raise OddAnswer("the server's answer has no row, and one was asked for") from None


def pairs_of(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Names and values, as SHOW gives them, whatever it calls its columns. Raises OddAnswer."""
    found = [tuple(str(value) for value in row.values()) for row in rows]
    if any(len(pair) != 2 for pair in found):
        raise OddAnswer("the server's answer has not the two columns that were asked for")
    return [(pair[0], pair[1]) for pair in found]


def bytes_of(value: object) -> bytes:
    """A text as it was sent; nothing of NULL."""
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    return b"" if value is None else str(value).encode("utf-8", "surrogateescape")


def number_of(value: object) -> int:
    """A whole number, as a driver gives it or in digits. Raises OddAnswer."""
    try:
        number = int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError, ArithmeticError):
        raise OddAnswer("the server's answer has no number where one belongs") from None
    if abs(number) > MOST:
        raise OddAnswer("the server's answer has a number that no server counts to")
    return int(number)


def amount_of(value: object) -> float:
    """A number that need not be whole, as a driver gives it or in digits. Raises OddAnswer."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ArithmeticError):
        number = float("nan")
    if not abs(number) <= MOST:
        raise OddAnswer("the server's answer has no number where one belongs")
    return number


def time_of(value: object) -> datetime:
    """A moment in epoch seconds, as UNIX_TIMESTAMP gives it. Raises OddAnswer."""
    try:
        return datetime.fromtimestamp(amount_of(value), UTC)
    except (ValueError, OverflowError, OSError):
        raise OddAnswer("the server's answer has a time that no calendar has") from None


def life_of(uptime: int) -> int | None:
    """How many seconds a server has been up; None where its Uptime cannot tell.

    Uptime is the clock less the start, without a sign: a clock that was put back since makes it
    nearly 2^64.
    """
    return uptime if 0 <= uptime <= _LONGEST_LIFE else None


def start_by(clock: int, uptime: int) -> int:
    """When a server started, in epoch seconds by its clock, which may have been put back since."""
    return clock - (uptime - MOST if uptime >= MOST >> 1 else uptime)
