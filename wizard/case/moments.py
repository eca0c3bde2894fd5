"""Times that may come from anywhere: from a reopened case, from a server's answer."""

from datetime import datetime

YEARS = range(1970, 2200)
"""Times that can be shifted to any zone without overflow; MySQL's TIMESTAMP begins in 1970."""


def moment_of(value: object) -> datetime | None:
    """A fact that is an ISO 8601 time with its offset; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo is not None and at.year in YEARS else None
