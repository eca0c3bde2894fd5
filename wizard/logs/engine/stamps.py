"""The times that servers write at the head of a line, and the clocks that read them.

MySQL writes ISO 8601 with an offset (`log_timestamps`), MariaDB the server's local time with a
space-padded hour and no zone; both wrote `yymmdd` once, and MariaDB still does in the general and
the slow log.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

Clock = Callable[[bytes], datetime | None]
"""The time of a line, or None where it tells none."""

_LAST_EPOCH = 253402300799
"""The last second of the year 9999, the last one that a date can name."""


def parse_stamp(stamp: str, zone: tzinfo | None) -> datetime | None:
    """An aware time, or None for what is no time. A stamp without offset is in `zone`."""
    day, hour = stamp[:10], stamp[11:].lstrip()
    padded = f"{day}T{hour if hour[1:2] != ':' else '0' + hour}" if hour else day
    try:
        at = datetime.fromisoformat(padded.replace(",", "."))
    except ValueError:
        return None
    return at if at.tzinfo is not None else located(at, zone)


def located(at: datetime, zone: tzinfo | None) -> datetime | None:
    """`at` in `zone` (None: this machine's), or None where that zone has no such time."""
    try:
        return at.astimezone() if zone is None else at.replace(tzinfo=zone)
    except (OverflowError, OSError, ValueError):
        return None


def short_time(day: str, clock: str, zone: tzinfo | None) -> datetime | None:
    """The time of `yymmdd` and `h:mm:ss`."""
    try:
        at = datetime.strptime(f"{day} {clock}", "%y%m%d %H:%M:%S")
    except ValueError:
        return None
    return located(at, zone)


_ISO = rb"(?P<iso>\d{4}-\d\d-\d\d[T ][ \d]\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)"
_SHORT = rb"(?P<day>\d{6}) {1,2}(?P<clock>\d{1,2}:\d\d:\d\d)"
_GENERAL = re.compile(rb"(?:" + _ISO + rb"|" + _SHORT + rb")\t *\d+ ")
_SLOW = re.compile(
    rb"# Time: (?:" + _ISO + rb"|" + _SHORT + rb")|SET timestamp=(?P<epoch>\d{1,13})(?:\.\d+)?;"
)


def general_clock(zone: tzinfo | None = None) -> Clock:
    """The clock of a general log; MariaDB writes a stamp only when the second changes."""
    return lambda line: _told(_GENERAL.match(line), zone)


def slow_clock(zone: tzinfo | None = None) -> Clock:
    """The clock of a slow log: `# Time:`, or the `SET timestamp` of each statement."""
    return lambda line: _told(_SLOW.match(line), zone)


def _told(found: re.Match[bytes] | None, zone: tzinfo | None) -> datetime | None:
    if found is None:
        return None
    told = found.groupdict()
    if told["iso"]:
        return parse_stamp(told["iso"].decode(), zone)
    if told["day"]:
        return short_time(told["day"].decode(), told["clock"].decode(), zone)
    return datetime.fromtimestamp(min(int(told["epoch"]), _LAST_EPOCH), UTC)
