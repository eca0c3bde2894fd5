"""Tables with what is unusual first, and settings beside what the article says of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from screens.text.rows import short_value
from screens.text.setting_advice import NOTHING_KNOWN, SettingAdvice
from wizard.case.evidence import Table

ARTICLE = {
    "wait_timeout": "28800; raise it",
    "interactive_timeout": "28800; adjust it",
    "max_allowed_packet": "4M; 16M to 64M",
    "net_read_timeout": "30; raise it",
    "net_write_timeout": "60; raise it",
    "innodb_log_file_size": "48M; raise it",
}
"""The default that the article names, and what it recommends."""


def unusual_first(table: Table) -> Table:
    """Changed settings, then others; counters that counted, then those that are zero."""
    if "NOTE" in table.columns and "DEFAULT" in table.columns:
        return replace(table, rows=tuple(sorted(table.rows, key=lambda row: not _is_off(row))))
    if table.columns[-1:] == ("VALUE",) and len(table.columns) == 2:
        return replace(table, rows=tuple(sorted(table.rows, key=lambda row: _is_zero(row[1]))))
    return table


def _is_off(row: tuple[str, ...]) -> bool:
    return bool(row) and row[-1].startswith("changed")


def _is_zero(cell: str) -> bool:
    return cell.strip() in ("0", "0.000000", "")


_ROOM = ((110, 0), (80, 6), (52, 4), (0, 2))
"""How wide the pane has to be for all columns (0), for those without notes, for four, for two."""


def with_advice(table: Table, advice: Mapping[str, SettingAdvice], width: int) -> Table:
    """The settings' table with the article's word and this case's, and a mark on what is off.

    It has as many columns as have room in `width`; `setting_lines` tells the others.
    """
    if "DEFAULT" not in table.columns or not table.rows:
        return table
    rows = []
    for row in table.rows:
        told = advice.get(row[0], NOTHING_KNOWN)
        mark = "! " if told.is_wanted else "* " if _is_off(row) else "  "
        rows.append((mark + row[0], *row[1:3], told.word, ARTICLE.get(row[0], ""), *row[3:]))
    rows.sort(key=lambda row: "! * ".index(row[0][:2]) if row[0][:2] in "! * " else 9)
    note = f"{table.note} " if table.note else ""
    columns = (*table.columns[:3], "THIS CASE", "ARTICLE", *table.columns[3:])
    kept = next(count for least, count in _ROOM if width >= least) or len(columns)
    return Table(
        table.title,
        columns[:kept],
        tuple(row[:kept] for row in rows),
        f"{note}* not the default   ! change it for this error",
    )


def changed_variables(table: Table) -> tuple[str, ...]:
    """The settings that are not the default."""
    return tuple(row[0] for row in table.rows if _is_off(row)) if "DEFAULT" in table.columns else ()


def setting_lines(
    table: Table, variable: str, advice: Mapping[str, SettingAdvice]
) -> tuple[str, ...]:
    """What decides on one setting: its values, the article's word, and this case's."""
    row = next((row for row in table.rows if row[0] == variable), None)
    if row is None or "DEFAULT" not in table.columns:
        return ()
    told = advice.get(variable, NOTHING_KNOWN)
    return (
        f"{variable}  {short_value(row[1])}, default {short_value(row[2])}",
        f"article  {ARTICLE.get(variable, 'does not name it')}",
        f"here     {told.word}: {told.reason}",
    )
