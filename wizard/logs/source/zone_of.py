"""The changes of a zone's offset that a reading of a log can meet."""

from datetime import UTC, datetime, timedelta, tzinfo

from wizard.logs.engine.stamps import located
from wizard.logs.source.zone_steps import YEARS_BACK

_STEP = timedelta(days=7)
"""No zone changes its offset twice within so short a time."""

_SECOND = timedelta(seconds=1)


def steps_of(zone: tzinfo | None, until: datetime) -> tuple[list[str], list[float]]:
    """What SteppedZone takes: of `zone` (None: this machine's) up to a little after `until`."""
    at = until.astimezone(UTC).replace(tzinfo=None, microsecond=0) + _STEP
    first = at - timedelta(days=366 * YEARS_BACK)
    starts, offsets = [first], [_offset(first, zone)]
    while first < at:
        following = first + _STEP
        if _offset(following, zone) != offsets[-1]:
            starts.append(_change(first, following, zone))
            offsets.append(_offset(following, zone))
        first = following
    return [start.isoformat() for start in starts], [o.total_seconds() for o in offsets]


def _change(low: datetime, high: datetime, zone: tzinfo | None) -> datetime:
    """The first local second with the offset that `high` has."""
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if _offset(middle, zone) == _offset(low, zone):
            low = middle
        else:
            high = middle
    return high


def _offset(at: datetime, zone: tzinfo | None) -> timedelta:
    found = located(at, zone)
    if found is None:
        return timedelta()
    return at - found.astimezone(UTC).replace(tzinfo=None)
