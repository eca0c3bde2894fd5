"""The parts of a time as it is written, and what they mean: a day, a clock, a zone."""

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Offsets in hours of the names that loggers print and the zone database does not have. Those
# that several countries use mean what they mean most often.
_ABBREVIATED = {
    "CET": 1, "CEST": 2, "MET": 1, "MEST": 2, "EET": 2, "EEST": 3, "WET": 0, "WEST": 1, "BST": 1,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "MSK": 3, "IST": 5.5, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "BRT": -3, "SAST": 2,
}  # fmt: skip
_DAY = timedelta(days=1)


class DateOrder:
    """How a date of three numbers is to be read."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"
    YEAR_FIRST = "ymd"


def numeric_date(parts: dict[str, str | None], order: str) -> date | None:
    """The day that three numbers mean in this order; None if they cannot."""
    a, b, c = parts["a"] or "", parts["b"] or "", parts["c"] or ""
    if order == DateOrder.YEAR_FIRST:
        return None if len(c) == 4 else day_of(full_year(a), int(b), c)
    day, which = (a, b) if order == DateOrder.DAY_FIRST else (b, a)
    return day_of(full_year(c), int(which), day)


def likely_order(parts: dict[str, str | None]) -> str:
    """How one date alone is probably meant: am and pm are America's, dots are Europe's."""
    a, b = int(parts["a"] or 0), int(parts["b"] or 0)
    if a > 31 or (a > 12 and b <= 12 and len(parts["c"] or "") == 2 and int(parts["c"] or 0) <= a):
        return DateOrder.YEAR_FIRST if len(parts["c"] or "") == 2 else DateOrder.DAY_FIRST
    if a > 12:
        return DateOrder.DAY_FIRST
    if b > 12 or (parts.get("p") and parts.get("sep") != "."):
        return DateOrder.MONTH_FIRST
    return DateOrder.DAY_FIRST


def clock_on(on: date, parts: dict[str, str | None]) -> datetime | None:
    hour = int(parts["H"] or 0)
    half = (parts.get("p") or "").lower()
    if half:
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    micro = int((parts.get("f") or "0").ljust(6, "0")[:6])
    # A leap second is told as :60, which datetime cannot hold.
    second = min(int(parts.get("S") or 0), 59)
    try:
        return datetime(on.year, on.month, on.day, hour, int(parts["M"] or 0), second, micro)
    except ValueError:
        return None


def day_of(year: int, which: int | None, day: str | None) -> date | None:
    try:
        return None if which is None else date(year, which, int(day or 0))
    except ValueError:
        return None


def full_year(digits: str) -> int:
    return int(digits) + 2000 if len(digits) == 2 else int(digits)


def clock_seconds(parts: dict[str, str | None]) -> int:
    at = clock_on(date(2000, 1, 1), parts)
    return 0 if at is None else at.hour * 3600 + at.minute * 60 + at.second


def zone_of(parts: dict[str, str | None]) -> str | None:
    return parts.get("z") or parts.get("z2")


def offset_of(name: str) -> tzinfo | None:
    """The zone of this name or offset; None for a name that nobody knows."""
    if name in ("Z", "UTC", "GMT"):
        return UTC
    if name[0] in "+-":
        digits = name[1:].replace(":", "").ljust(4, "0")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
        # A day or more is no offset (datetime.timezone); "+99:99" may stand in any line.
        return None if offset >= _DAY else timezone(-offset if name[0] == "-" else offset)
    if name in _ABBREVIATED:
        return timezone(timedelta(hours=_ABBREVIATED[name]), name)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
