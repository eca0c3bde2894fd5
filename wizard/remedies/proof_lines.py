"""A proof in plain lines: its word, before and after side by side, what is still needed. Pure."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from wizard.case.case import BeforeAfter
from wizard.remedies.verify import Verification

WIDE = 120
"""Columns of a terminal whose lines may be long."""

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
    """Three columns; a long cell goes on below itself."""
    if not rows:
        return
    table = [("", "before", "after"), *((r.what, r.before, r.after) for r in rows)]
    each = max((width - 2 - 2 * 2) // 3, _NARROWEST)
    cells = [[wrap(cell, each, break_on_hyphens=False) or [""] for cell in row] for row in table]
    widths = [max(len(line) for row in cells for line in row[n]) for n in range(2)]
    for row in cells:
        for number in range(max(map(len, row))):
            parts = [cell[number] if number < len(cell) else "" for cell in row]
            first, second = (part.ljust(w) for part, w in zip(parts, widths, strict=False))
            yield f"  {first}  {second}  {parts[2]}".rstrip()
