"""The report as one HTML file without scripts.

Nothing is loaded; light or dark as the reader likes.
"""

from collections.abc import Iterator
from html import escape

from wizard.report.formats.svg import bar_figure, time_figure
from wizard.report.model import (
    Answer,
    BarFigure,
    Block,
    Drawing,
    Grid,
    Heading,
    Item,
    Items,
    Paragraph,
    ReportModel,
    TimeFigure,
)

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

_LIGHT = """--text: #1b1f24; --back: #fff; --soft: #f3f4f6; --line: #d0d5db;
  --dim: #57606a; --mark: #9a3412;"""

_STYLE = f"""\
:root {{ color-scheme: light dark; {_LIGHT} }}
"""
_STYLE += """\
@media (prefers-color-scheme: dark) { :root { --text: #e6e8eb; --back: #15181c; --soft: #1f242a;
  --line: #3a414a; --dim: #a3abb5; --mark: #fdba74; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
.answer { border-left: 4px solid var(--mark); background: var(--soft); padding: .5rem 1rem; }
.word { color: var(--mark); font-weight: bold; }
.dim, footer { color: var(--dim); font-size: .9rem; }
h2 { border-bottom: 1px solid var(--line); margin-top: 2rem; }
pre { background: var(--soft); padding: .5rem; overflow-x: auto; font-size: .85rem;
  white-space: pre-wrap; }
pre.drawing { white-space: pre; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { border: 1px solid var(--line); padding: .2rem .5rem; text-align: left;
  vertical-align: top; overflow-wrap: break-word; }
th { background: var(--soft); }
svg.figure { display: block; width: 100%; height: auto; margin: .5rem 0; }
svg.narrow { display: none; }
svg text { font: 12px system-ui, sans-serif; fill: var(--text); }
svg .axis, svg .count { fill: var(--dim); }
svg .end { text-anchor: end; }
svg .mark { fill: var(--mark); font-weight: bold; }
svg .bar { fill: var(--mark); }
svg .rule { stroke: var(--line); }
svg .event { stroke: var(--mark); stroke-dasharray: 3 3; }
@page { size: A4; margin: 9mm; }
"""
_STYLE += """\
@media print, (max-width: 40rem) { svg.broad { display: none; } svg.narrow { display: block; } }
"""
"""A figure that is scaled down cannot be read, and one that is scrolled hides its end."""
_STYLE += f"@media print {{ :root {{ color-scheme: light; {_LIGHT} }} }}\n"
"""Paper is light, also for a reader whose screens are dark."""
_STYLE += """\
@media print {
  body { font-size: 7.4pt; line-height: 1.25; margin: 0; padding: 0; max-width: none; columns: 2; }
  h1, h2, h3 { margin: .6em 0 .2em; break-after: avoid; } h1 { font-size: 13pt; }
  h2 { font-size: 10pt; } h3 { font-size: 8.5pt; } p, ul { margin: .2em 0; }
  ul { padding-left: 1.2em; } table, pre, .dim, footer { font-size: 6.6pt; }
  th, td { padding: 0 .3em; } svg text { font-size: 9px; } svg, tr, pre { break-inside: avoid; }
  .wide { overflow: visible; } pre.drawing { white-space: pre-wrap; }
  thead, h2 + p { break-after: avoid; }
  table:not(:has(tr:nth-child(13))) { break-inside: avoid; } }
"""


def render(model: ReportModel) -> str:
    body = [*_answer(model.answer), f"<p>{escape(model.subject)}</p>"]
    for section in model.sections:
        body.append(f'<h2 id="{escape(section.id)}">{escape(section.title)}</h2>')
        for block in section.blocks:
            body += _block(block)
    body.append(f"<footer><p>{escape(model.footer)}</p></footer>")
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>goneaway-wizard: {escape(model.subject)}</title>",
            f"<style>\n{_STYLE}</style>",
            "</head>",
            "<body>",
            "<h1>Why the connections went away</h1>",
            *body,
            "</body>",
            "</html>",
            "",
        )
    )


def _answer(answer: Answer) -> Iterator[str]:
    yield '<div class="answer">'
    for line in answer.lines:
        cause = f" <code>{escape(line.cause)}</code>:" if line.cause else ""
        yield f'<p><span class="word">{escape(line.word)}</span>{cause} {escape(line.text)}</p>'
    if answer.do_first:
        yield f"<p><strong>Do first:</strong> {escape(answer.do_first)}</p>"
    for remark in answer.remarks:
        yield f'<p class="dim">{escape(remark)}</p>'
    yield "</div>"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text):
            yield f"<p>{escape(text)}</p>"
        case Heading(text):
            yield f"<h3>{escape(text)}</h3>"
        case Items():
            yield from _items(block)
        case Grid():
            yield from _grid(block)
        case Drawing(_, TimeFigure() as figure):
            yield from ('<div class="wide">', *time_figure(figure), "</div>")
        case Drawing(_, BarFigure() as figure):
            yield from ('<div class="wide">', *bar_figure(figure), "</div>")
        case Drawing(lines):
            joined = "\n".join(lines)
            yield f'<pre class="drawing">{escape(joined)}</pre>'


def _items(items: Items) -> Iterator[str]:
    if items.label:
        yield f"<p><strong>{escape(items.label)}</strong></p>"
    yield "<ul>"
    for item in items.items:
        yield from _item(item)
    if items.more:
        yield f"<li>{escape(items.more)}</li>"
    yield "</ul>"


def _item(item: Item) -> Iterator[str]:
    details = "".join(f'<br><span class="dim">{escape(d)}</span>' for d in item.details)
    excerpt = f"\n<pre>{escape(item.excerpt)}</pre>" if item.excerpt else ""
    yield f"<li>{escape(item.text)}{details}{excerpt}</li>"


def _grid(grid: Grid) -> Iterator[str]:
    yield '<div class="wide"><table>'
    yield f"<thead><tr>{''.join(f'<th>{escape(c)}</th>' for c in grid.columns)}</tr></thead>"
    for row in grid.rows:
        yield f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
    yield "</table></div>"
    if grid.more:
        yield f"<p>{escape(grid.more)}</p>"
