"""Tables with what is unusual first, and settings beside what the article says of them. Pure."""

from __future__ import annotations

from dataclasses import replace

from wizard.case.case import Case
from wizard.case.evidence import Table
from wizard.diagnosis.model import Diagnosis

ARTICLE = {
    "wait_timeout": "28800; raise it",
    "interactive_timeout": "28800; adjust it",
    "max_allowed_packet": "4M; 16M to 64M",
    "net_read_timeout": "30; raise it",
    "net_write_timeout": "60; raise it",
    "innodb_log_file_size": "48M; raise it",
}
"""The default that the article names, and what it recommends."""

LEAVE = "leave it"


def unusual_first(table: Table) -> Table:
    """Changed settings, then others; counters that counted, then those that are zero."""
    if "DEFAULT" in table.columns and "VALUE" in table.columns:
        return replace(table, rows=tuple(sorted(table.rows, key=lambda row: not _is_off(row))))
    if table.columns[-1:] == ("VALUE",) and len(table.columns) == 2:
        return replace(table, rows=tuple(sorted(table.rows, key=lambda row: _is_zero(row[1]))))
    return table


def _is_off(row: tuple[str, ...]) -> bool:
    return bool(row) and row[-1].startswith("changed")


def _is_zero(cell: str) -> bool:
    return cell.strip() in ("0", "0.000000", "")


def with_advice(table: Table, wanted: frozenset[str]) -> Table:
    """The settings' table with the article's word and this case's, and a mark on what is off.

    `wanted` are the variables that a remedy of an accused cause would set.
    """
    if "DEFAULT" not in table.columns or not table.rows:
        return table
    name, value, default, *rest = table.columns
    rows = []
    for row in table.rows:
        case = "x fixes it" if row[0] in wanted else LEAVE
        mark = "! " if row[0] in wanted else "* " if _is_off(row) else "  "
        rows.append((mark + row[0], row[1], case, row[2], ARTICLE.get(row[0], ""), *row[3:]))
    rows.sort(key=lambda row: "! * ".index(row[0][:2]) if row[0][:2] in "! * " else 9)
    note = f"{table.note} " if table.note else ""
    return Table(
        table.title,
        (name, value, "THIS CASE", default, "ARTICLE", *rest),
        tuple(rows),
        f"{note}* not the default   ! change it for this error",
    )


def wanted_variables(diagnosis: Diagnosis | None, case: Case | None = None) -> frozenset[str]:
    """What the remedies of the accused causes set, but for those that are in force already."""
    from screens.text.evidence import known

    if diagnosis is None:
        return frozenset()
    made = case.changes if case is not None else ()
    done = {change.remedy for change in made if change.state in ("applied", "verified")}
    names = {name for finding in diagnosis.accused for name in finding.remedies} - done
    remedies = known().remedies
    return frozenset(remedies[n].variable for n in names if n in remedies and remedies[n].variable)
