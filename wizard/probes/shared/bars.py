"""Bars, seconds and ends of watched connections in words. Pure."""

from wizard.probes.shared.outcomes import Cut, Outcome
from wizard.server.connection_end import ConnectionEnd
from wizard.units import duration

WIDTH = 16
"""Cells of a bar."""

_FULL, _EMPTY = "#", "."
_HOW = {
    ConnectionEnd.CLOSED: "a FIN",
    ConnectionEnd.RESET: "a RST",
    ConnectionEnd.SILENT: "silence",
}


def bar(done: float, whole: float, width: int = WIDTH) -> str:
    """How much of `whole` is done. It is full only at the end."""
    share = min(max(done / whole, 0.0), 1.0) if whole > 0 else 1.0
    cells = int(share * width)
    return _FULL * cells + _EMPTY * (width - cells)


def pause(cut: Cut) -> str:
    """A cut that was only noticed later lies between two pauses."""
    low, high = duration(cut.low), duration(cut.high)
    return high if low == high else f"{low.removesuffix(' s')} to {high}"


def how(death: Outcome) -> str:
    if death.ending is ConnectionEnd.TOLD:
        return f"error {death.number}"
    return _HOW[death.ending] if death.ending is not None else "alive"
