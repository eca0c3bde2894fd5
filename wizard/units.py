"""Sizes, durations and moments as an operator reads them, and read back. Pure."""

import re
from datetime import datetime, timedelta

SIZES = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
"""Suffixes of an option file: powers of 1024."""

TIMES = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}

LAST_PORT = 65535

DAY = 86_400
"""Seconds by which no zone is off from UTC."""

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_SPANS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_IN_SECONDS = 120
"""Below it a duration is told in seconds alone: nobody has to reckon."""

_IN_TENTHS = 100
"""Below it tenths of a second are told."""

_IN_MILLISECONDS = 0.05
"""Below it tenths of a second would tell nothing."""

_TOLD = {
    "ms": 0.001,
    **{unit: float(length) for length, unit in _SPANS},
    **{unit: float(1 << 10 * step) for step, unit in enumerate(_UNITS)},
}
_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")

_NUMBER = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*([a-zA-Z]*)")


def size(amount: float | None) -> str:
    """Bytes with a binary unit: `64 MiB`, `1.5 GiB`, `800 B`; `unknown` for None."""
    if amount is None:
        return "unknown"
    step = 0
    while abs(amount) >= 1024 and step < len(_UNITS) - 1:
        amount /= 1024
        step += 1
    number = f"{amount:.1f}".removesuffix(".0") if step else f"{amount:.0f}"
    return f"{number} {_UNITS[step]}"


def duration(seconds: float) -> str:
    """Seconds in words: `20 ms`, `2.5 s`, `90 s`, `5 min 50 s`, `12 min 5 s`, `8 h`, `3 d 4 h`."""
    if 0.0005 <= seconds < _IN_MILLISECONDS:
        return f"{seconds * 1000:.0f} ms"
    if round(seconds) < _IN_SECONDS:
        digits = 1 if seconds < _IN_TENTHS else 0
        return f"{max(seconds, 0.0):.{digits}f}".removesuffix(".0") + " s"
    left = round(seconds)
    parts: list[tuple[int, str]] = []
    for length, unit in _SPANS:
        amount, left = divmod(left, length)
        if amount or parts:
            parts.append((amount, unit))
    return " ".join(f"{amount} {unit}" for amount, unit in parts[:2] if amount)


def many(count: int, one: str, more: str = "") -> str:
    """`1 failure`, `37 failures`."""
    return f"{count} {one if count == 1 else more or one + 's'}"


def moment(at: datetime | None) -> str:
    """`2026-08-05 14:41:07 UTC` or `... +02:00`; `at an unknown time` for None."""
    return "at an unknown time" if at is None else f"{at:%Y-%m-%d %H:%M:%S} {zone_word(at)}".strip()


def zone_word(at: datetime) -> str:
    """The offset of a time, `UTC` or `+02:00`; nothing where it has none."""
    offset = at.utcoffset()
    return "UTC" if offset == timedelta(0) else "" if offset is None else at.isoformat()[-6:]


def amount(text: str) -> float | None:
    """A size or a duration as it is told here, in bytes or seconds; None where it is neither."""
    told = 0.0
    for number, unit in zip(*[iter(text.split())] * 2, strict=False):
        if unit not in _TOLD or not _PLAIN.fullmatch(number):
            return told or None
        told += float(number) * _TOLD[unit]
    return told if len(text.split()) > 1 else None


def whole_number(text: str, most: int) -> int | None:
    """The number that ASCII digits tell, 0 to `most`; None for all else.

    int() takes any country's digits, and fails at more than 4,300 of them.
    """
    digits = text.lstrip("0") or text[:1]
    if not (text.isascii() and text.isdecimal()) or len(digits) > len(str(most)):
        return None
    number = int(digits)
    return number if number <= most else None


def parse_duration(text: str) -> float:
    """`30`, `30s`, `5m`, `1h` or `2d` in seconds. Raises ValueError with what would be right."""
    return _parse(text, TIMES, "a duration such as 30s, 5m or 1h")


def parse_size(text: str) -> int:
    """`65536`, `64K`, `16M`, `16MiB` or `1G` in bytes. Raises ValueError with what would be
    right."""
    return int(_parse(text, SIZES, "a size such as 512K, 64M or 1G"))


def _parse(text: str, units: dict[str, int], wanted: str) -> float:
    found = _NUMBER.fullmatch(text.strip())
    unit = found[2].lower() if found else ""
    if units is SIZES:
        unit = unit.removesuffix("ib").removesuffix("b")
    if found is None or unit not in units:
        raise ValueError(f"{text[:20]!r} is not {wanted}")
    return float(found[1]) * units[unit]
