"""Numbers, times and lists in words, as every section says them."""

from collections.abc import Sequence
from datetime import datetime, timezone, tzinfo

from wizard.case.case import Case
from wizard.units import zone_word


def zone_of(case: Case) -> tzinfo:
    """The zone in which a report tells times.

    The one of the machine that made the case, so that it reads the same wherever it is opened.
    """
    offset = case.created.utcoffset()
    return timezone(offset) if offset is not None else timezone.utc  # noqa: UP017


def moment(at: datetime | None, zone: tzinfo) -> str:
    """`2026-08-05 14:41:07 UTC` or `... +02:00`; `unknown` for None."""
    if at is None:
        return "unknown"
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S} {offset(zone)}"


def span(first: datetime | None, last: datetime | None, zone: tzinfo) -> str:
    """From one moment to another, the date and the offset said once where they are the same."""
    if first is None or last is None or first == last:
        return moment(first or last, zone)
    begin, end = first.astimezone(zone), last.astimezone(zone)
    if f"{begin:%c}" == f"{end:%c}":
        return moment(first, zone)
    if begin.date() == end.date():
        return f"{begin:%Y-%m-%d %H:%M:%S} to {end:%H:%M:%S} {offset(zone)}"
    return f"{begin:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S} {offset(zone)}"


def listed(words: Sequence[str], most: int = 12) -> str:
    """`a, b and c`; what does not fit is counted."""
    if len(words) > most:
        return f"{', '.join(words[:most])} and {len(words) - most} more"
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def sentence(text: str) -> str:
    """`text` with a full stop."""
    return text if text.endswith((".", "!", "?", "…")) or not text else f"{text}."


def offset(zone: tzinfo) -> str:
    """`UTC` or `+02:00`, of a zone as `zone_of` gives it."""
    return zone_word(datetime(2000, 1, 1, tzinfo=zone))
