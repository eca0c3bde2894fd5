"""The window under investigation, from `--since` and `--until`."""

import re
from datetime import UTC, datetime, timedelta

from wizard.case.case import Window

DEFAULT_SPAN = timedelta(hours=2)

_EARLIEST, _LATEST = 1970, 9000
"""Years: sums and other zones have to stay within what a datetime can hold."""

_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_SPAN = re.compile(r"(\d{1,6})\s*([smhdw])", re.ASCII)


def parse_window(since: str | None, until: str | None, now: datetime) -> Window:
    """The window that `since` and `until` name: `2h`, `30m`, `1d` before now, or ISO 8601.

    A time without an offset is in this machine's zone. Raises ValueError with one line.
    """
    end = now if until is None else parse_moment(until, now, "--until")
    start = end - DEFAULT_SPAN if since is None else parse_moment(since, now, "--since")
    if start >= end:
        raise ValueError(
            f"the window is empty: it begins {_told(start)} and ends {_told(end)}; "
            "give a --since before --until"
        )
    return Window(start, end, asked=since is not None, open=until is None)


def parse_moment(text: str, now: datetime, option: str) -> datetime:
    """One end of a window, aware. Raises ValueError naming `option`."""
    stripped = text.strip()
    if match := _SPAN.fullmatch(stripped.lower()):
        try:
            return now - int(match[1]) * _UNITS[match[2]]
        except OverflowError:
            raise ValueError(f"{option} {stripped} is too long ago") from None
    try:
        moment = datetime.fromisoformat(stripped)
    except ValueError:
        raise ValueError(
            f"{option} takes a span such as 30m, 2h or 1d, or a time such as "
            f"2026-01-31T14:30; not {stripped[:40]!r}"
        ) from None
    try:
        if moment.tzinfo is None:
            # An hour that a clock shows twice, or never, is all in the window.
            meant = [moment.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
            moment = (max(meant) if option == "--until" else min(meant)).astimezone()
        moment.astimezone(UTC)
    except (OverflowError, ValueError, OSError):
        raise ValueError(f"{option} {stripped[:40]} is beyond any calendar of a log") from None
    if not _EARLIEST <= moment.year <= _LATEST:
        raise ValueError(f"{option} {stripped[:40]} is beyond any calendar of a log")
    return moment


def _told(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="minutes")
