"""Rows of a table: those that hold some words, in another order, fitted to a screen. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from screens.text.words import middle_cut
from wizard.case.evidence import Table
from wizard.units import amount

Rows = tuple[tuple[str, ...], ...]

NAME_ROOM, VALUE_ROOM = 26, 11
"""Columns of a name and of a value in a table that judges them; Enter shows the whole row."""

FEW = 4
"""So few columns stand in a table that has little room."""

NARROWEST = 10
"""No column that holds more is made narrower than this."""

_VALUES = ("VALUE", "DEFAULT")
_JUDGES = ("VARIABLE", "VALUE")

_MOMENT = re.compile(r"(\d{4})-(\d\d-\d\d) (\d\d:\d\d(?::\d\d)?) UTC$")

_NUMBER = re.compile(r"^[!*\s]*(-?[\d,]+(?:\.\d+)?)")
_IN_BRACKETS = re.compile(r"^(.+?) \(.*\)$")


def holding(rows: Rows, words: str) -> Rows:
    """The rows in which each word stands somewhere."""
    wanted = words.lower().split()
    if not wanted:
        return rows
    return tuple(row for row in rows if _has(" ".join(row).lower(), wanted))


def _has(text: str, wanted: Sequence[str]) -> bool:
    return all(word in text for word in wanted)


def ordered(rows: Rows, column: int | None) -> Rows:
    """By a column: numbers the largest first, words from a to z; None leaves them as they are."""
    if column is None:
        return rows
    return tuple(sorted(rows, key=lambda row: _rank(row[column : column + 1])))


def _rank(cell: Sequence[str]) -> tuple[bool, float, str]:
    text = cell[0] if cell else ""
    number = _NUMBER.match(text)
    if number is None:
        return True, 0.0, text.lower()
    told = amount(text[number.start(1) :].replace(",", ""))
    return False, -(told if told is not None else float(number[1].replace(",", "") or 0)), ""


def shapes(table: Table, rows: Rows) -> Iterator[tuple[tuple[str, ...], Rows]]:
    """Names and rows, whole at first and then shorter and shorter: the first that fits is shown."""
    yield table.columns, rows
    if table.columns[:2] == _JUDGES:
        yield table.columns, tuple(_short_values(table, row) for row in rows)
    cut = tuple(fitted(table, row) for row in rows)
    yield table.columns, cut
    yield short_moments(table.columns, cut)


def _short_values(table: Table, row: tuple[str, ...]) -> tuple[str, ...]:
    told = zip(table.columns, row, strict=False)
    return tuple(short_value(v) if name in _VALUES else v for name, v in told)


def fitted(table: Table, row: tuple[str, ...]) -> tuple[str, ...]:
    """Cells short enough that a value is not pushed off the screen by what stands before it."""
    if table.columns[:2] != _JUDGES:
        return row
    told = zip(table.columns[1:], row[1:], strict=False)
    few = len(table.columns) <= FEW
    name_room, room = (NAME_ROOM - 6, VALUE_ROOM - 4) if few else (NAME_ROOM, VALUE_ROOM)
    values = (middle_cut(short_value(v), room) if name in _VALUES else v for name, v in told)
    return (middle_cut(row[0], name_room), *values)


def short_moments(columns: Sequence[str], rows: Rows) -> tuple[tuple[str, ...], Rows]:
    """Names and rows whose moments have lost what all of a column share.

    That is the zone, the year, and the day where it is one; the column's name tells the day and
    the zone, and Enter the whole row.
    """
    names, made = list(columns), [list(row) for row in rows]
    for number, name in enumerate(columns):
        cells = [row[number] for row in rows if number < len(row) and row[number]]
        found = [moment for cell in cells if (moment := _MOMENT.fullmatch(cell))]
        if not found or len(found) < len(cells) or len({moment[1] for moment in found}) > 1:
            continue
        one_day = len({moment[2] for moment in found}) == 1
        names[number] = f"{name} {found[0][2]} UTC" if one_day else f"{name} UTC"
        for row in made:
            moment = _MOMENT.fullmatch(row[number]) if number < len(row) else None
            if moment is not None:
                row[number] = moment[3] if one_day else f"{moment[2]} {moment[3]}"
    return tuple(names), tuple(tuple(row) for row in made)


def breadths(natural: Sequence[int], room: int) -> tuple[int, list[int]]:
    """Blanks at both sides of a cell, and each column's breadth, so that all stand in `room`.

    The blanks go first, then the middle of what is longest; the first column, which names the
    row, goes last. Where even that is too much, all keep their breadth, and the keys move the
    table.
    """
    kept = list(natural)
    if sum(kept) + 2 * len(kept) <= room:
        return 1, kept
    between = len(kept) - 1
    for columns in (range(1, len(kept)), range(len(kept))):
        while sum(kept) + between > room:
            widest = max(columns, key=kept.__getitem__, default=0)
            if kept[widest] <= NARROWEST or widest not in columns:
                break
            kept[widest] -= 1
    return (0, kept) if sum(kept) + between <= room else (1, list(natural))


def overflows(breadth: Sequence[int], padding: int, room: int) -> bool:
    """Whether some columns stand beyond the edge, where the keys move the table."""
    return sum(breadth) + (2 * padding or 1) * len(breadth) - (not padding) > room


def told_first(natural: Sequence[int], room: int) -> tuple[list[int], list[int]]:
    """The order and breadths of columns of which not all have room.

    What says most, a statement, stands second, and the next column of the table beside it.
    """
    rest = range(1, len(natural))
    most = max(rest, key=natural.__getitem__, default=0)
    order = [0, *([most] if most else []), *(n for n in rest if n != most)]
    kept = [natural[n] for n in order]
    if most:
        beside = sum(kept[:3:2]) + 2 * len(kept[:3])
        kept[1] = min(kept[1], max(room - beside, NARROWEST))
    return order, kept


def short_value(value: str) -> str:
    """`16 MiB (16777216)` without what the server itself calls it."""
    told = _IN_BRACKETS.match(value)
    return told[1] if told else value
