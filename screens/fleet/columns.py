"""The columns of the fleet's table, as wide as the terminal lets them be. Pure."""

from collections.abc import Sequence

from rich.cells import cell_len

from screens.text.words import middle_cut

SHOWN = ("host", "verdict", "cause", "explains", "server")
HOST, VERDICT, CAUSE, COUNTS, SERVER = range(len(SHOWN))

GIVING = (SERVER, HOST, CAUSE)
"""Which columns give way, the first first, when a terminal is narrow."""

LEAST = 11
"""Cells that a column which gives way keeps: `mysql 9.7.4`."""

PADDING = 2
"""Cells around each column's text."""

SCROLL_BAR = 2


def shown(row: Sequence[str]) -> tuple[str, ...]:
    """The cells for a row of `wizard.fleet.formats.rows_of`: counts as `38 of 40`."""
    host, verdict, cause, explains, failures, server = row
    counts = f"{explains} of {failures}" if failures else ""
    return host, verdict.removesuffix(" found"), cause, counts, server


def fitted(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """How wide each column is, for all of them to fit into `width` cells.

    Why a host could not be looked at stands where others have a cause, and takes what is left.
    """
    widths = [max(map(cell_len, column)) for column in zip(SHOWN, *rows, strict=True)]
    widths[CAUSE] = max(cell_len(row[CAUSE]) for row in (SHOWN, *rows) if row[COUNTS])
    room = width - SCROLL_BAR - PADDING * len(SHOWN)
    for column in GIVING:
        over = max(sum(widths) - room, 0)
        widths[column] -= min(over, max(widths[column] - LEAST, 0))
    widths[CAUSE] += max(room - sum(widths), 0)
    return widths


def cut(cells: Sequence[str], widths: Sequence[int]) -> tuple[str, ...]:
    """Both ends of a cell that is too long: hosts differ at the front, domains at the back."""
    return tuple(middle_cut(cell, width) for cell, width in zip(cells, widths, strict=True))
