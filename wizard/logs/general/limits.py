"""What the server allows, and who is still connected: what a general log is held against."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GeneralLimits:
    """Seconds and bytes; None where not known. `connected` are the ids of the sessions that are
    open at the log's end, None where the server was not asked."""

    wait_timeout: int | None = None
    interactive_timeout: int | None = None
    max_allowed_packet: int | None = None
    connected: Collection[int] | None = None
