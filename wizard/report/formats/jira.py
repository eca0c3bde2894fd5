"""The report as Jira wiki markup (Jira's "Text Formatting Notation"), text escaped."""

import re
from collections.abc import Iterator

from wizard.report.model import (
    Answer,
    Block,
    Drawing,
    Grid,
    Heading,
    Item,
    Items,
    Paragraph,
    ReportModel,
)

# Signs that mean something wherever they stand; then those that do only before or after a word
# (strike-through, citation, superscript), emoticons, and what begins a line.
_SPECIAL = re.compile(
    r"(?P<entity>\\|:(?=//))|[{}\[\]|*_^~+]|\?(?=\?)|(?<!\w)-(?=\S)|-(?=-)|!(?=\S)|(?<=\S)!"
    r"|\((?=(?:[/xyni!+?*-]|\*[rgby]|on|off|flag|flagoff)\))|[:;](?=[)(DP])|@(?=\w)"
)
_AT_START = re.compile(r"^(?:[#-](?=\s)|(?:h[1-6]|bq)(?=\.))")
_NO_FORMAT = re.compile(r"\{(?=noformat)", re.IGNORECASE)


def render(model: ReportModel) -> str:
    lines = [*_answer(model.answer), "", escape(model.subject)]
    for section in model.sections:
        lines += ["", f"h2. {escape(section.title)}"]
        for block in section.blocks:
            lines += ["", *_block(block)]
    return "\n".join([*lines, "", f"_{escape(model.footer)}_"]) + "\n"


def escape(text: str) -> str:
    """`text` on one line, as markup that shows exactly it."""
    line = " ".join(text.split())
    line = _AT_START.sub(lambda m: f"\\{m[0]}", _SPECIAL.sub(_escape_sign, line))
    return line or " "


def _escape_sign(match: re.Match[str]) -> str:
    """The sign with a backslash before it.

    Two backslashes would break the line, and an address is a link whatever stands before it.
    """
    return f"&#{ord(match[0])};" if match["entity"] else f"\\{match[0]}"


def _answer(answer: Answer) -> Iterator[str]:
    for line in answer.lines:
        cause = f" {escape(line.cause)}:" if line.cause else ""
        yield f"*{escape(line.word)}*{cause} {escape(line.text)}"
    if answer.do_first:
        yield f"*Do first:* {escape(answer.do_first)}"
    if answer.remarks:
        yield ""
        yield from (f"* {escape(remark)}" for remark in answer.remarks)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text):
            yield escape(text)
        case Heading(text):
            yield f"h3. {escape(text)}"
        case Items():
            yield from _items(block)
        case Grid():
            yield from _grid(block)
        case Drawing(lines):
            yield from _no_format("\n".join(lines))


def _items(items: Items) -> Iterator[str]:
    if items.label:
        yield f"*{escape(items.label)}*"
    for item in items.items:
        yield from _item(item)
    if items.more:
        yield f"* {escape(items.more)}"


def _item(item: Item) -> Iterator[str]:
    yield f"* {escape(item.text)}"
    yield from (f"** {escape(detail)}" for detail in item.details)
    if item.excerpt:
        yield from _no_format(item.excerpt)


def _grid(grid: Grid) -> Iterator[str]:
    yield f"||{'||'.join(escape(c) for c in grid.columns)}||"
    for row in grid.rows:
        yield f"|{'|'.join(escape(cell) for cell in row)}|"
    if grid.more:
        yield ""
        yield escape(grid.more)


def _no_format(text: str) -> Iterator[str]:
    yield "{noformat}"
    yield from (_NO_FORMAT.sub("{ ", line) for line in text.splitlines())
    yield "{noformat}"
