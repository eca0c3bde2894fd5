"""Numbers as an operator reads them."""

from datetime import datetime

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def size(amount: float | None) -> str:
    """Bytes with a binary unit; `unknown` for None."""
    if amount is None:
        return "unknown"
    step = 0
    while abs(amount) >= 1024 and step < len(_UNITS) - 1:
        amount /= 1024
        step += 1
    return f"{amount:.0f} {_UNITS[step]}" if step == 0 else f"{amount:.1f} {_UNITS[step]}"


def moment(at: datetime | None) -> str:
    """A time to the second, with its offset; `at an unknown time` for None."""
    return "at an unknown time" if at is None else at.isoformat(sep=" ", timespec="seconds")


def span(seconds: float) -> str:
    """A duration in its two largest units."""
    whole = int(seconds)
    days, hours = divmod(whole // 3600, 24)
    minutes, rest = divmod(whole % 3600, 60)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
