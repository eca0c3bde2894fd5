"""How far the probes may go, in one row that is read before each start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Static

from screens.text.words import safe
from screens.widgets.fields import PlainInput
from wizard.steps.limits import DEFAULT_LIMITS, ProbeLimits, duration, size

FIELDS: tuple[tuple[str, str, Callable[[str], float]], ...] = (
    ("idle_seconds", "idle", duration),
    ("packet_bytes", "packet", size),
    ("statement_seconds", "statement", duration),
)
"""Limit, label, and what reads it."""


class LimitsForm(Horizontal):
    """Three fields; what was entered stays until it is changed."""

    def __init__(self) -> None:
        super().__init__(id="limits", classes="form-row")

    def compose(self) -> Iterator[Widget]:
        yield Static("Limits (l) ", markup=False)
        for name, label, _read in FIELDS:
            yield Static(safe(f"{label} "), markup=False)
            yield PlainInput(_told(name, DEFAULT_LIMITS), id=name)

    def limits(self) -> ProbeLimits:
        """Raises ValueError with one line that names the field."""
        given = {}
        for name, label, read in FIELDS:
            try:
                given[name] = read(self.query_one(f"#{name}", Input).value)
            except ValueError as error:
                raise ValueError(f"limit {label}: {error}") from None
        return replace(
            DEFAULT_LIMITS,
            idle_seconds=given["idle_seconds"],
            packet_bytes=int(given["packet_bytes"]),
            statement_seconds=given["statement_seconds"],
        )


def _told(name: str, limits: ProbeLimits) -> str:
    value: float = getattr(limits, name)
    return f"{int(value) >> 20}M" if name == "packet_bytes" else f"{value:g}s"
