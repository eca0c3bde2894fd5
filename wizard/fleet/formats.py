"""The fleet's table as text, JSON, Markdown, HTML and CSV."""

import csv
import html
import io
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from wizard.case.json_codec import encode
from wizard.fleet.result import HostResult
from wizard.fleet.table import Fleet, FleetCause
from wizard.safety.sanitize import sanitize
from wizard.units import many

HEADER = ("host", "verdict", "cause", "explains", "failures", "server")

_STYLE = (
    "body{font:15px sans-serif;margin:2em;max-width:70em}table{border-collapse:collapse}"
    "td,th{border:1px solid #bbb;padding:.25em .6em;text-align:left}"
)


def render_fleet(fleet: Fleet, style: str) -> str:
    """The answer in one of FLEET_FORMATS, ending in a newline."""
    return _RENDERERS[style](fleet)


def rows_of(fleet: Fleet) -> list[tuple[str, ...]]:
    """One row a host, worst first, with its best cause; those that were not looked at last."""
    return [*map(_row, fleet.hosts), *map(_row, fleet.unseen)]


def cause_line(cause: FleetCause) -> str:
    """`idle-timeout: 3 hosts, 31 failures; in common: ...`."""
    hosts = "1 host" if len(cause.hosts) == 1 else f"{len(cause.hosts)} hosts"
    shared = "; ".join(shared.text for shared in cause.common)
    common = f"; in common: {shared}" if shared else ""
    failures = many(cause.failures, "failure")
    return f"{cause.cause}: {hosts} ({cause.confirmed} confirmed), {failures}{common}"


def _row(result: HostResult) -> tuple[str, ...]:
    first = result.causes[0] if result.causes else None
    verdict = first.verdict.value if first else ("nothing found" if not result.reason else "?")
    more = f" +{len(result.causes) - 1}" if len(result.causes) > 1 else ""
    cause = f"{first.cause}{more}" if first else result.reason
    counts = ("", "") if result.reason else (str(result.explained), str(result.failures))
    return tuple(sanitize(cell) for cell in (result.host, verdict, cause, *counts, result.server))


def _text(fleet: Fleet) -> str:
    return "\n".join(_text_lines(fleet)) + "\n"


def _text_lines(fleet: Fleet) -> Iterator[str]:
    yield fleet.headline
    if fleet.hosts:
        yield ""
        rows = [tuple(name.upper() for name in HEADER), *map(_row, fleet.hosts)]
        widths = [max(len(row[n]) for row in rows) for n in range(len(HEADER))]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            yield "  ".join(cells).rstrip()
    if fleet.causes:
        yield ""
        yield "By cause"
        yield from (f"  {cause_line(cause)}" for cause in fleet.causes)
    if fleet.unseen:
        yield ""
        yield "Not looked at"
        yield from (f"  {_row(result)[0]}: {_row(result)[2]}" for result in fleet.unseen)


def _json(fleet: Fleet) -> str:
    data: dict[str, Any] = {
        "schema_version": 1,
        "hosts": [host.as_data() for host in fleet.hosts],
        "not_looked_at": [host.as_data() for host in fleet.unseen],
        "causes": [encode(cause) for cause in fleet.causes],
        "failures": {
            "total": fleet.failures,
            "explained": fleet.explained,
            "unexplained": fleet.failures - fleet.explained,
        },
        "interrupted": fleet.interrupted,
    }
    return json.dumps(data, ensure_ascii=True, indent=1, allow_nan=False) + "\n"


def _markdown(fleet: Fleet) -> str:
    def row(cells: Sequence[str]) -> str:
        return f"| {' | '.join(_markdown_cell(cell) for cell in cells)} |"

    lines = [f"# {fleet.headline}", "", row(HEADER), row(["---"] * len(HEADER))]
    lines += [row(cells) for cells in rows_of(fleet)]
    lines += ["", *(f"- {_markdown_cell(cause_line(cause))}" for cause in fleet.causes)]
    return "\n".join(lines).rstrip() + "\n"


def _markdown_cell(cell: str) -> str:
    escaped = "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in cell)
    return escaped if set(cell) - {"-"} else cell


def _html(fleet: Fleet) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{html.escape(c)}</{tag}>' for c in cells)}</tr>"

    body = "\n".join(row(cells, "td") for cells in rows_of(fleet))
    causes = "".join(f"<li>{html.escape(cause_line(cause))}</li>" for cause in fleet.causes)
    title = html.escape(fleet.headline)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>\n<ul>{causes}</ul>\n"
        f"<table>{row(HEADER, 'th')}\n{body}</table></body></html>\n"
    )


def _csv(fleet: Fleet) -> str:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(HEADER)
    # A spreadsheet takes a cell that begins so for a formula.
    table.writerows(
        [f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell for cell in cells]
        for cells in rows_of(fleet)
    )
    return out.getvalue()


_RENDERERS: dict[str, Callable[[Fleet], str]] = {
    "text": _text,
    "json": _json,
    "md": _markdown,
    "html": _html,
    "csv": _csv,
}
FLEET_FORMATS = tuple(_RENDERERS)
