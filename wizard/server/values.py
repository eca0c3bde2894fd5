"""Values as operators write them, as the server takes them, and in words. Pure."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from knowledge.model import Variable
from wizard.safety.errors import UsageError
from wizard.units import SIZES, TIMES, duration, size

_MILLIS = {"": 1, "ms": 1, "s": 1000, "m": 60000, "min": 60000}
_NUMBER = re.compile(r"(\d+)\s*([a-zA-Z]*)")
_TRUTH = {
    "on": "ON", "1": "ON", "true": "ON", "yes": "ON",
    "off": "OFF", "0": "OFF", "false": "OFF", "no": "OFF",
}  # fmt: skip


class BadValue(UsageError):
    """The operator's value makes no sense; the message is one line and says what would."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value as the server will print it. `notes` say what was changed about the wish."""

    text: str
    notes: tuple[str, ...] = ()


def parse(variable: Variable, wish: str) -> Value:
    """The operator's `wish` as a value in the variable's range. Raises BadValue.

    Sizes take K, M, G, T (powers of 1024, as in an option file; SET itself knows no suffix,
    error 1232); times take s, m, h, d; milliseconds take ms, s, m. A value outside the range
    is moved into it, as the server would do, but never silently.
    """
    if variable.unit == "bool":
        return Value(_truth(variable, wish))
    if variable.unit == "text":
        raise BadValue(f"{variable.name} is text; the wizard sets only numbers and switches")
    return fit(variable, _number(variable, wish.strip()))


def fit(variable: Variable, asked: int) -> Value:
    """`asked` moved into the variable's range and onto its block size, with a word about it."""
    low = variable.minimum if variable.minimum is not None else 0
    value, notes = asked, []
    if value < low:
        notes.append(f"{asked} is below the smallest value that the server takes: {low} is used")
        value = low
        if asked == 0 and variable.unit == "s":
            notes.append(f"0 does not switch {variable.name} off")
    if variable.maximum is not None and value > variable.maximum:
        value = variable.maximum
        notes.append(f"{asked} is above the largest value that the server takes: {value} is used")
    if value % variable.block:
        value -= value % variable.block
        notes.append(f"the server rounds {asked} down to a multiple of {variable.block}: {value}")
    return Value(str(value), tuple(notes))


def same(left: str | None, right: str | None) -> bool:
    """Whether two values mean the same to the server (`0.000000` is 0, `on` is ON)."""
    if left is None or right is None:
        return left is right
    if left.upper() == right.upper():
        return True
    try:
        return Decimal(left) == Decimal(right)
    except InvalidOperation:
        return _TRUTH.get(left.lower(), left) == _TRUTH.get(right.lower(), right)


def in_words(variable: Variable | None, value: str) -> str:
    """`value` for people: `64 MiB (67108864)`, `8 h (28800 s)`."""
    if variable is None or not value.isdecimal():
        return value
    number = int(value)
    if variable.unit == "bytes":
        words = size(number)
        return words if words == f"{number} B" else f"{words} ({number})"
    if variable.unit == "s":
        words = duration(number)
        return words if words == f"{number} s" else f"{words} ({number} s)"
    return f"{number} ms" if variable.unit == "ms" else value


def _truth(variable: Variable, wish: str) -> str:
    word = _TRUTH.get(wish.strip().lower())
    if word is None:
        raise BadValue(f"{variable.name} is ON or OFF, not {wish!r}")
    return word


def _number(variable: Variable, wish: str) -> int:
    match = _NUMBER.fullmatch(wish)
    units, example = _units(variable)
    suffix = match[2].lower() if match else ""
    if variable.unit in ("bytes", "count"):
        suffix = suffix.removesuffix("ib").removesuffix("b")
    if match is None or suffix not in units:
        raise BadValue(f"{variable.name} takes a whole number, e.g. {example}; not {wish!r}")
    return int(match[1]) * units[suffix]


def _units(variable: Variable) -> tuple[dict[str, int], str]:
    match variable.unit:
        case "bytes":
            return SIZES, "64M or 67108864"
        case "s":
            return TIMES, "600, 10m or 8h"
        case "ms":
            return _MILLIS, "5000 or 5s"
        case _:
            return {"": 1}, "500"
