"""Values that the operator wants, as `VARIABLE=VALUE`."""

from collections.abc import Iterable

from wizard.safety.errors import UsageError
from wizard.safety.sanitize import sanitize


def wanted_values(pairs: Iterable[str]) -> dict[str, str]:
    """Variable names with the operator's own words ("64M", "10m"). Raises UsageError."""
    wanted: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not (name and equals and value):
            raise UsageError(f"give VARIABLE=VALUE, not {sanitize(pair)[:64]!r}")
        wanted[name] = value
    return wanted
