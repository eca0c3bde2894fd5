"""A capture in words: before it begins, while it goes, and what it held. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from screens.text.tables import tables_lines
from screens.text.words import counted, on_screen, wrapped, wrapped_sql
from wizard.case.evidence import StepResult, StepStatus
from wizard.safety.sanitize import sanitize

if TYPE_CHECKING:
    from screens.capture_jobs import Ready

AGAIN = "Again with other limits: Esc, a, then Tab to them."

SURELY_OFF = (
    "It goes back whatever happens: when the time is over, on Esc, when you quit, and when the "
    "wizard is killed (a guard outside it, and a switch in the server itself)."
)
OFF_BY_SERVER = (
    "It goes back when the time is over, on Esc, when you quit, and, by a switch in the server "
    "itself, when the wizard is killed or the connection is lost."
)
LONGEST_BAR, SHORTEST_BAR = 30, 8
BESIDE_BAR = 42
"""Columns of the words at both sides of a bar."""


def ready_lines(ready: Ready, width: int) -> Iterator[str]:
    """What it costs, the exact statements, and how it goes back."""
    prepared = ready.prepared
    for text in (*ready.remarks, *prepared.costs):
        yield from wrapped(on_screen(text[:1].upper() + text[1:]), width, 2)
    for title, statements in (
        ("Sets (Ctrl+Y copies all of the SQL)", prepared.setup),
        ("Puts back", prepared.back),
    ):
        if statements:
            yield ""
            yield f"{title}:"
        for statement in statements:
            yield from wrapped_sql(sanitize(f"  {statement};"), width, 4)
    if not prepared.is_on_already:
        yield ""
        yield from wrapped(SURELY_OFF if prepared.has_guard else OFF_BY_SERVER, width, 2)


def statements_of(ready: Ready) -> str:
    """All that would be sent, a line each."""
    prepared = ready.prepared
    return "".join(f"{sanitize(line, 4096)};\n" for line in (*prepared.setup, *prepared.back))


def bars(
    kind: str, seconds: float, of_seconds: int, size: int | None, of_size: int, width: int
) -> tuple[str, str]:
    """The time and the bytes, each as a bar in one row of `width` columns."""
    from wizard import units

    length = min(max(width - BESIDE_BAR, SHORTEST_BAR), LONGEST_BAR)
    held = f"{units.size(size)} of {units.size(of_size)}" if size is not None else "not known"
    return (
        f"The {kind} log is on  {_bar(seconds / max(of_seconds, 1), length)} "
        f"{min(seconds, of_seconds):.0f} of {of_seconds} s",
        f"{'It holds':<{len(kind) + 14}}  {_bar((size or 0) / max(of_size, 1), length)} {held}",
    )


def _bar(share: float, length: int) -> str:
    filled = round(min(max(share, 0.0), 1.0) * length)
    return f"[{'#' * filled}{'.' * (length - filled)}]"


def held_lines(result: StepResult | None, width: int) -> Iterator[str]:
    """What the capture held, or why there is none."""
    if result is None or result.status is not StepStatus.DONE:
        why = "it was stopped" if result is None else result.reason or result.headline
        yield from wrapped(on_screen(f"Not captured: {why}"), width, 2)
        return
    for note in result.notes:
        yield from wrapped(on_screen(note[:1].upper() + note[1:]), width, 2)
    yield ""
    for fact in result.evidence:
        yield from wrapped(on_screen(f"- {counted(fact.count, fact.text)}"), width, 2)
        for line in fact.excerpt.splitlines():
            yield from wrapped(on_screen(f"    {line}"), width, 6)
    if not result.evidence:
        yield from wrapped(
            on_screen(f"{result.headline[:1].upper()}{result.headline[1:]}."), width, 2
        )
    if 0 in (result.facts.get("entries"), result.facts.get("statements")):
        yield from wrapped(AGAIN, width, 2)
    yield from tables_lines(result.tables, width)
