"""The error log's tables as views by name, and the real lines that belong to a row. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wizard.case.evidence import Evidence, StepResult, Table

_NAMED = (("by account", "account"), ("by host", "host"), ("by time", "time"))

NO_LINES = "The wizard keeps examples only, and none of this row: `logs PATH` reads all lines."


def views(tables: Sequence[Table]) -> list[tuple[str, Table]]:
    """The first table is by reason; the others say what they are by in their title."""
    named = []
    for number, table in enumerate(tables):
        told = next((name for sign, name in _NAMED if sign in table.title), "")
        if table.rows:
            named.append((told or ("reason" if number == 0 else table.title), table))
    return named


def lines_of(result: StepResult, row: Sequence[str]) -> Iterator[str]:
    """File, line numbers and lines of what was seen with this row's reason or name."""
    found = [fact for fact in result.evidence if _belongs(fact, row)]
    for fact in found:
        yield f"{fact.text}"
        yield f"  {fact.source}"
        yield from (f"  | {line}" for line in fact.excerpt.splitlines())
        numbers = [str(seen.line) for seen in fact.occurrences if seen.line is not None]
        if len(numbers) > 1:
            more = f" and {len(numbers) - 12} more" if len(numbers) > 12 else ""
            yield f"  lines {', '.join(numbers[:12])}{more}"
        yield ""
    if not found:
        yield NO_LINES


def _belongs(fact: Evidence, row: Sequence[str]) -> bool:
    """Whether a cell names the account, the host or the reason of the fact."""
    names = [cell for cell in row if len(cell) > 2 and not cell.isdecimal()]
    accounts = {seen.account for seen in fact.occurrences if seen.account}
    told = " ".join((fact.text, fact.excerpt, *accounts))
    words = [word for name in names for word in (name, name.partition(": ")[2]) if word]
    return any(word in told for word in words)
