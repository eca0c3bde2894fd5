"""A proof in plain lines: its word, before and after side by side, what is still needed. Pure."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from wizard.case.case import BeforeAfter
from wizard.remedies.verify import Verification

WIDE = 120
"""Columns of a terminal whose lines may be long."""

_THREE_COLUMNS = 80

_NARROWEST = 8


def told(verified: Verification, width: int = WIDE) -> Iterator[str]:
    """At most `width` columns for the table; the sentences have lines of their own."""
    word = str(verified.outcome)
    yield word[0].upper() + word[1:]
    yield from side_by_side(verified.rows, width)
    yield from (f"- {line}" for line in verified.lines)
    if verified.would_prove:
        yield f"- what would prove it: {verified.would_prove}"


def side_by_side(rows: Sequence[BeforeAfter], width: int = WIDE) -> Iterator[str]:
    """Three columns, a long cell going on below itself.

    In a narrow place, what was looked at has a line of its own above the other two.
    """
    if not rows:
        return
    if width < _THREE_COLUMNS:
        yield from _below(rows, (width - 2 - 2) // 2)
        return
    each = (width - 2 - 2 * 2) // 3
    table = [("", "before", "after"), *((r.what, r.before, r.after) for r in rows)]
    yield from _columns([[_wrapped(cell, each) for cell in row] for row in table])


def _below(rows: Sequence[BeforeAfter], each: int) -> Iterator[str]:
    table = [("before", "after"), *((r.before, r.after) for r in rows)]
    cells = [[_wrapped(cell, each) for cell in row] for row in table]
    first = max(len(line) for row in cells for line in row[0])
    for number, row in enumerate(cells):
        if number:
            yield from wrap(rows[number - 1].what, 2 * each)
        yield from _columns([row], (first,))


def _columns(cells: list[list[list[str]]], least: Sequence[int] = (0, 0)) -> Iterator[str]:
    """Each cell is lines; all columns but the last are as wide as their widest line."""
    count = len(cells[0]) - 1
    widths = [max(least[n], *(len(line) for row in cells for line in row[n])) for n in range(count)]
    for row in cells:
        for number in range(max(map(len, row))):
            parts = [cell[number] if number < len(cell) else "" for cell in row]
            padded = [part.ljust(w) for part, w in zip(parts, widths, strict=False)]
            yield "  ".join(["", *padded, parts[-1]]).rstrip()


def _wrapped(cell: str, width: int) -> list[str]:
    return wrap(cell, max(width, _NARROWEST), break_on_hyphens=False) or [""]
