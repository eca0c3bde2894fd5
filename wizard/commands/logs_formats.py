"""The answer of `logs` as text, JSON and CSV."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from wizard.commands.table_lines import table_lines
from wizard.logs.file_report import By, LogFileReport, Met, Row, cell_seconds, rows
from wizard.safety.redact import mask_lines
from wizard.units import duration

SHOWN = 200
"""Lines of a table that are shown as text; JSON and CSV have all."""

_BAR = 40


def as_text(reports: Sequence[LogFileReport], met: dict[str, Met], by: By | None) -> str:
    return "\n".join(_text(reports, met, by))


def as_json(reports: Sequence[LogFileReport], met: dict[str, Met], by: By | None) -> str:
    answer: dict[str, Any] = {
        "schema_version": 1,
        "files": [_file(report) for report in reports],
        "signatures": [
            {
                "id": name,
                "count": m.count,
                "first": _iso(m.first),
                "last": _iso(m.last),
                "examples": m.examples,
            }
            for name, m in met.items()
        ],
    }
    if by is not None:
        answer["by"] = by.value
        answer["places"] = {name: m.places for name, m in met.items()}
        if by is By.MINUTE:
            answer["cell_seconds"] = cell_seconds(met)
        answer["rows"] = [
            {by.value: row.key, "signature": row.signature, "count": row.count}
            for row in rows(met, by)
        ]
    return json.dumps(answer, indent=1)


def as_csv(met: dict[str, Met], by: By | None) -> str:
    """With a header; without --by one row a signature."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    if by is None:
        table.writerow(("signature", "count", "first", "last"))
        table.writerows((n, m.count, _iso(m.first), _iso(m.last)) for n, m in met.items())
    else:
        table.writerow((by.value, "signature", "count"))
        table.writerows((_safe(r.key), r.signature, r.count) for r in rows(met, by))
    return out.getvalue().removesuffix("\n")


def _safe(cell: str) -> str:
    """A spreadsheet takes a cell that begins so for a formula; an account begins with a quote."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell


def _file(report: LogFileReport) -> dict[str, Any]:
    return {
        "path": report.path,
        "kind": report.kind.value,
        "bytes_scanned": report.bytes_scanned,
        "first": _iso(report.first),
        "last": _iso(report.last),
        "seconds": round(report.seconds, 3),
    }


def _text(reports: Sequence[LogFileReport], met: dict[str, Met], by: By | None) -> Iterator[str]:
    for f in reports:
        span = f"{_iso(f.first) or '?'} to {_iso(f.last) or '?'}"
        yield f"{f.path}: {f.kind} log, {f.bytes_scanned} bytes read in {f.seconds:.2f} s, {span}"
    if not met:
        yield "nothing of interest"
    if by is not None:
        yield ""
        yield from _table(rows(met, by), by, cell_seconds(met))
        return
    for name, m in met.items():
        yield ""
        yield f"{m.count:>7} × {name}   first {_iso(m.first) or '?'}   last {_iso(m.last) or '?'}"
        for place, example in zip(m.places or [""], m.examples[:1], strict=False):
            yield f"          {place}: {example}" if place else f"          {example}"
    for table in (table for f in reports for table in f.tables if table.rows):
        yield ""
        yield from table_lines(table)


def _table(found: Sequence[Row], by: By, width: int) -> Iterator[str]:
    """One line a key: its count, a bar by time, and of what it consists."""
    totals: Counter[str] = Counter()
    parts: dict[str, list[str]] = {}
    for row in found:
        totals[row.key] += row.count
        parts.setdefault(row.key, []).append(f"{row.count} {row.signature}")
    if not totals:
        yield f"no line tells the {by.value}"
        return
    if by is By.MINUTE and width > 60:
        yield f"the log is long: counted every {duration(width)}"
    most = max(totals.values())
    keys = list(totals)
    for key in keys[:SHOWN]:
        bar = f"{'█' * max(1, round(_BAR * totals[key] / most)):<{_BAR}} " * (by is By.MINUTE)
        told = "" if by is By.REASON else f"   {', '.join(parts[key])}"
        yield f"{totals[key]:>9}  {bar}{key}{told}"
    if len(keys) > SHOWN:
        yield f"and {len(keys) - SHOWN} more; --format json or csv has all"


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def printed(form: str, reports: Iterable[LogFileReport], met: dict[str, Met], by: By | None) -> str:
    """The answer in that form: `text`, `json` or `csv`.

    Lines of logs are masked as a report masks them: the answer goes into tickets, too.
    """
    reports = list(reports)
    for told in met.values():
        told.examples = [mask_lines(example) for example in told.examples]
    match form:
        case "json":
            return as_json(reports, met, by)
        case "csv":
            return as_csv(met, by)
        case _:
            return as_text(reports, met, by)
