"""How large a captured log may grow, and what must stay free where it is written."""

from dataclasses import dataclass

ROOM = 256 << 20
"""Bytes that must stay free where the log is written (or a tenth of what was free, if less)."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Watched by the wizard, and by the guard beside it. A wizard that is stopped (Ctrl-Z) watches
    nothing. `floor` is 0 where what is free cannot be told."""

    max_bytes: int
    floor: int

    def reached(self, size: int | None, free: int | None) -> str:
        """Why the capture is to end now; empty where it may go on."""
        if size is not None and size >= self.max_bytes:
            return "the log reached its size"
        return "the disk runs short" if free is not None and free < self.floor else ""


def bounds_of(max_bytes: int, free: int | None) -> Bounds:
    """`free` is what was free when the capture began."""
    return Bounds(max_bytes, min(ROOM, free // 10) if free is not None else 0)
